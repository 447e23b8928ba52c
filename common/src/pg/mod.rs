//! PostgreSQL as the tools see it: targets, sessions, catalogs, client programs. Prints nothing.

pub mod dial;
pub mod programs;
pub mod session;
pub mod target;
pub mod wire;
