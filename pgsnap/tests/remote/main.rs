//! Stores in an object store: a real server that speaks S3, and a proxy before it that does to requests what servers and
//! networks do at times.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod access;
mod copy;
mod faults;
mod scene;
mod sealed;
mod strict;
mod turns;
mod whole;
