//! The harness of the tests: it speaks of clusters, databases, tools and their records, and is strict by default.
//!
//! Knows the tools only from outside, as programs with arguments, streams and exit codes. Nothing that it starts or
//! writes outlives the test that asked for it.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "what a harness cannot do, the test fails with")]

mod beside;
mod binary;
mod bouncer;
mod cluster;
mod database;
pub mod documents;
mod fresh;
mod held;
mod outcome;
mod person;
mod proxy;
mod random;
mod s3;
mod schemas;
mod sealed;
mod snapshot;
mod temporary;
mod tool;

pub use beside::Beside;
pub use binary::find as program;
pub use bouncer::Bouncer;
pub use cluster::{Cluster, is_long, majors, newest_major, oldest_major};
pub use database::{Database, Held};
pub use held::HeldDump;
pub use outcome::Outcome;
pub use person::Person;
pub use proxy::{Fate, Proxy};
pub use random::Random;
pub use s3::{PLANTED, S3};
pub use sealed::{reseal, resealed};
pub use snapshot::matches;
pub use temporary::TempDir;
pub use tool::{Started, Tool};
