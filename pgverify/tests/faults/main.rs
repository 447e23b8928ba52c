//! Whatever happens to `pgverify restore`, nothing of it stays behind, and its exit code says what happened.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod commands;
mod disks;
mod ends;
mod messages;
mod place;
mod programs;
