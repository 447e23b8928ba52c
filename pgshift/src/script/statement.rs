//! One statement of a script.

use super::class::Class;
use std::ops::Range;

/// One statement: where it is, and what it needs.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// Its number in the script, from 1.
    pub(crate) number: u32,
    /// Its text, in the script's text.
    pub(crate) text: Range<usize>,
    /// The rows of a `COPY … FROM stdin`, in the script's text.
    pub(crate) rows: Option<Range<usize>>,
    /// The line of the file that it begins on, from 1.
    pub(crate) line: u64,
    /// The column that it begins at, in characters, from 1.
    pub(crate) column: u64,
    /// What it needs.
    pub(crate) class: Class,
    /// Its convention says that it and the next one are one.
    pub(crate) with_next: bool,
}
