//! `pgverify compare` from outside: what others call equal and is not, what others call different and is equal.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod choice;
mod damage;
mod equality;
mod kit;
mod live;
mod partitions;
mod rows;
mod schema;
mod snapshots;
mod sync;
