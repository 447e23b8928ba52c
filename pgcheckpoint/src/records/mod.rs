//! What pgcheckpoint says. Dumb wire types: a change here changes what users read.

mod check;
mod listed;
mod number;
mod result;
mod state;

pub(crate) use check::CheckRecord;
pub(crate) use listed::Listed;
pub(crate) use number::Number;
pub(crate) use result::CheckpointResult;
pub(crate) use state::State;
