//! Writes into the store what was found out about a snapshot, good or bad.

use super::Verification;
use super::proof::Proof;
use crate::copy::Copy;
use common::error::Result;
use common::format::attestation::Attestation;
use common::format::manifest::Manifest;

pub(super) fn write(
    verification: &Verification<'_>,
    manifest: &Manifest,
    copy: &Copy,
    proof: &Proof,
    restore_seconds: f64,
    proof_seconds: f64,
) -> Result<()> {
    let attestation = Attestation {
        format: Attestation::FORMAT,
        snapshot: manifest.id.clone(),
        manifest: verification.store.manifest_digest(&manifest.id)?,
        verified: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        proved: proof.is_equal(),
        tool: format!("pgverify {}", env!("CARGO_PKG_VERSION")),
        run: verification.session.run_id().to_owned(),
        server_version: copy.server_version()?,
        tables: proof.tables,
        rows: proof.rows,
        bytes: proof.bytes,
        sequences: proof.sequences,
        large_objects: proof.large_objects,
        objects: proof.objects,
        differences: proof.differences,
        skipped: proof.skipped,
        restore_seconds,
        proof_seconds,
    };
    let file = verification.store.attest(&attestation).map_err(|error| {
        error
            .context("the snapshot was verified, but this could not be written into the store")
            .hint("--no-attest does without")
    })?;
    verification.session.result().attestation = Some(file);
    Ok(())
}
