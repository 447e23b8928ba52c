//! What pgshift says. Dumb wire types: a change here changes what users read.

mod created;
mod result;

pub(crate) use created::Created;
pub(crate) use result::ShiftResult;
