//! Flags, signals, tables and progress bars: how the tools meet a person.
pub use crate::records::human;
