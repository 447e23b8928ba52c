//! What pgshift says. Dumb wire types: a change here changes what users read.

mod result;

pub(crate) use result::ShiftResult;
