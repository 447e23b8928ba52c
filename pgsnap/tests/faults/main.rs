//! What goes wrong, and what is done about it: interrupted runs, damaged stores, bad input, what the proof sees, and what
//! people read then. One program, so that its tests share servers.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what a test cannot do, it fails with")]

mod bad_input;
mod create;
mod damage;
mod messages;
mod preflight;
mod proof;
mod restore;
