//! PostgreSQL as the tools see it: targets, sessions, catalogs, client programs. Prints nothing.

pub mod acl;
pub mod answer;
pub mod archive;
pub mod batch;
pub mod catalog;
pub mod copy;
pub mod dial;
pub mod pooler;
pub mod programs;
pub mod replay_pause;
pub mod selection;
pub mod session;
pub mod settings;
pub mod snapshot;
pub mod standstill;
pub mod target;
pub mod text;
pub mod wire;
