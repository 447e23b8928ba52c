//! Whole round trips on real servers: from a database into a store and back into another database.
//!
//! One program, so that its tests share the clusters. Knows pgsnap from outside, as its users do.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod by_hand;
mod compare;
mod consistency;
mod corpus;
mod csv;
mod export;
mod import;
mod inventory;
mod kind;
mod large;
mod selection;
mod sharing;
mod standby;
mod store;
mod versions;
