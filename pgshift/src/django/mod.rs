//! A Django project: its migrations, run by Django's own code, with everything that pgshift puts around migrations.
//!
//! One process of the project's own interpreter runs the helper that is a part of this binary; nothing is installed or
//! written there. Rust decides and tells; the helper knows Django. It connects as the project does; the lock of the run
//! and the looking on are this process's own sessions.

mod args;
mod facts;
mod helper;
mod journal;
mod leave;
mod messages;
mod open;
mod run;
mod trouble;

pub(crate) use crate::script::WEAK;
pub(crate) use args::Django;
pub(crate) use facts::{Entry, Facts, Standing};
pub(crate) use helper::Helper;
pub(crate) use journal::{Journal, SIGNAL};
pub(crate) use messages::{Back, Carried, Key, Loss, Order, Outline, Said, Sql, Squashed, Told, Tried};
pub(crate) use open::{Project, alone, open};
pub(crate) use run::{Half, Run};
pub(crate) use trouble::Trouble;
