//! Fingerprints of rows, read from a database, and their comparison.
//!
//! The copy and the proof read through the same statement, so what is proved is what was copied.

pub mod read;
