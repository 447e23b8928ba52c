//! Encrypted stores on real servers: what comes back, what others see of it, who may read and who no longer may.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod by_hand;
mod copy;
mod damage;
mod keys;
mod place;
mod privacy;
mod refusals;
mod remote;
mod retention;
mod round_trip;
mod secrets;
mod sharing;
