//! Snapshots end in time: `forget`, `sweep` and `status`, beside others that are at work in the same store.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod forget;
mod others;
mod power;
mod store;
