//! A script of SQL taken apart: its statements, what each of them needs, and how it is recognised again.
//!
//! Knows no server. What only psql could run is an error here, before anything is run anywhere.

mod class;
mod fingerprint;
mod parse;
mod place;
mod psql;
mod shown;
mod statement;
mod words;

pub(crate) use class::{Class, Control, Need, WEAK};
pub(crate) use fingerprint::{Fingerprint, of_first, of_script, of_statement, of_written};
pub(crate) use parse::{Parsed, parse};
pub(crate) use place::{Place, at, offset_of};
pub(crate) use shown::shown;
pub(crate) use statement::Statement;
pub(crate) use words::Words;
