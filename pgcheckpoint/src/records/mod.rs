//! What pgcheckpoint says. Dumb wire types: a change here changes what users read.

mod change;
mod check;
mod listed;
mod measure;
mod number;
mod ready;
mod result;
mod state;
mod violation;

pub(crate) use change::{Change, Direction};
pub(crate) use check::CheckRecord;
pub(crate) use listed::Listed;
pub(crate) use measure::Measure;
pub(crate) use number::Number;
pub(crate) use ready::{ReadyRecord, Waiting};
pub(crate) use result::CheckpointResult;
pub(crate) use state::State;
pub(crate) use violation::Violation;
