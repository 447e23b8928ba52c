//! What pgverify found out about a snapshot, when, and on which server: one file for each verification.

use super::checksum;
use super::id::SnapshotId;
use super::version::{CURRENT, FormatVersion};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// The outcome of one verification of one snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attestation {
    /// The format's version.
    pub format: FormatVersion,
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// BLAKE3 of its manifest's file: what was proved is this very snapshot.
    pub manifest: String,
    /// When it was done, RFC 3339.
    pub verified: String,
    /// Whether the restored copy equals the source in everything that was compared.
    pub proved: bool,
    /// The release that found it out.
    pub tool: String,
    /// The run.
    pub run: String,
    /// `server_version` of the copy.
    pub server_version: String,
    /// Tables compared.
    pub tables: u64,
    /// Rows compared.
    pub rows: u64,
    /// Bytes of these rows as COPY text.
    pub bytes: u64,
    /// Sequences compared.
    pub sequences: u64,
    /// Large objects compared.
    pub large_objects: u64,
    /// Objects of the schema compared.
    pub objects: u64,
    /// What was found to differ.
    pub differences: u64,
    /// What could not be compared.
    pub skipped: u64,
    /// How long the restore took, in seconds.
    pub restore_seconds: f64,
    /// How long the proof took, in seconds.
    pub proof_seconds: f64,
}

#[derive(Deserialize)]
struct Envelope {
    format: FormatVersion,
}

impl Attestation {
    /// The version that is written.
    pub const FORMAT: FormatVersion = CURRENT;

    /// Its JSON.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut json = serde_json::to_vec(self).map_err(|error| {
            Error::failed("attestation", "cannot write the attestation").cause(error.to_string())
        })?;
        json.push(b'\n');
        Ok(checksum::seal(&json))
    }

    /// Reads JSON that was found under `name`.
    pub fn decode(name: &str, json: &[u8]) -> Result<Self> {
        const HINT: &str = "remove it, and verify the snapshot again";
        let torn = |error: serde_json::Error| {
            Error::failed("damaged", format!("the attestation {name} is damaged"))
                .cause(error.to_string())
                .hint(HINT)
        };
        let envelope: Envelope = serde_json::from_slice(json).map_err(torn)?;
        let what = format!("the attestation {name}");
        envelope.format.readable(&what)?;
        checksum::check(&what, json, envelope.format).map_err(|error| error.hint(HINT))?;
        serde_json::from_slice(json).map_err(torn)
    }
}
