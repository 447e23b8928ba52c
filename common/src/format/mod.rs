//! Pure bytes and values: versions, ids, fingerprints, blocks, frames, the manifest.
//!
//! Knows no file, no PostgreSQL, no thread. Equal input gives equal output on every machine.

pub mod attestation;
pub mod block;
pub mod block_file;
pub mod checksum;
pub mod copy_text;
pub mod envelope;
pub mod fingerprint;
pub mod frame;
pub mod id;
pub mod manifest;
pub mod outline;
pub mod stream;
pub mod version;
