//! Fingerprints of rows, read from a database, and their comparison.
//!
//! The copy and the proof read through the same statements, so what is proved is what was copied.

pub mod compare;
pub mod large_objects;
pub mod read;
pub mod sequences;
