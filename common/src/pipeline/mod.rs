//! From a source to a manifest (`capture`) and from a manifest to a target (`replay`).
//!
//! The only modules that see both a server and a store. They report facts to an observer and print nothing.

pub mod capture;
pub mod observer;
mod plan;
pub mod preflight;
pub mod replay;
mod schema;
pub mod welcome;
mod writer;
