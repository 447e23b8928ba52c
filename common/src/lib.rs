//! What the pgrunbook tools share. The tools are joined by pipes and by this crate, never by each other.

pub mod cli;
pub mod error;
pub mod format;
pub mod name;
pub mod pg;
pub mod pipeline;
pub mod proof;
pub mod records;
pub mod sandbox;
pub mod store;
