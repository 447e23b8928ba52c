//! What is damaged on purpose is caught, and named: the files of a store, what a manifest says, and the restored copy.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod bits;
mod copies;
mod files;
mod sound;
