//! Connections against real servers, and against psql where psql is the judge.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod authentication;
mod certificates;
mod encryption;
mod hosts;
mod like_psql;
mod server;
