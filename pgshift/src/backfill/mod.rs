//! A backfill: one statement that changes many rows, run batch by batch over a key.
//!
//! Here is what it is, which rows a batch has, how large the next one should be, and whether replicas keep up. Nothing here
//! changes the database: that is `apply`'s. The batches follow each other without a gap and without overlap, so that each
//! row's key is in exactly one of them.

mod directive;
mod key;
mod lag;
mod pace;
mod placeholder;

pub(crate) use directive::{Directive, plain};
pub(crate) use key::Key;
pub(crate) use lag::Lag;
pub(crate) use pace::Pace;
pub(crate) use placeholder::{Filled, readable};
