//! `pgsnap status`: what a store has of each database, for whoever watches over backups.

use crate::cli::Status;
use crate::records::{Database, SnapResult};
use crate::retention::{self, Candidate};
use common::cli::{Session, human};
use common::error::{Error, Result};
use common::format::attestation::Attestation;
use common::format::id::SnapshotId;
use common::records::Warning;
use common::store::Store;
use std::collections::BTreeMap;

pub(crate) fn run(session: &Session<SnapResult>, args: &Status) -> Result<()> {
    let store = args.store.open()?;
    let (attestations, unreadable) = store.attestations()?;
    for damaged in unreadable {
        session.warn(&Warning::new("damaged", damaged.error.to_string()).object(&damaged.file));
    }
    let (mut candidates, mut torn) = (Vec::new(), 0);
    for (id, outline) in store.outlines()? {
        match outline.and_then(Candidate::try_from) {
            Ok(candidate) => candidates.push(candidate),
            Err(error) => {
                torn += 1;
                session.skipped(&id, &error);
            }
        }
    }
    candidates.retain(|candidate| args.database.as_ref().is_none_or(|name| *name == candidate.database));
    let now = jiff::Timestamp::now();
    let mut databases = Vec::new();
    for group in retention::groups(&candidates) {
        databases.extend(database(&store, &group, &attestations, now)?);
    }
    session.emit_all(&databases);
    if databases.is_empty() {
        session.note("no snapshot");
    }
    let mut result = session.result();
    result.store = Some(store.location().to_string());
    result.snapshots = Some(candidates.len() as u64);
    let (blocks, bytes) = store.block_totals()?;
    (result.blocks, result.stored_bytes) = (Some(blocks), Some(bytes));
    if torn == 0 {
        return Ok(());
    }
    Err(Error::failed("damaged", format!("{} cannot be read", human::plural(torn, "snapshot"))))
}

fn database(
    store: &Store,
    group: &[&Candidate],
    attestations: &BTreeMap<SnapshotId, Attestation>,
    now: jiff::Timestamp,
) -> Result<Option<Database>> {
    let Some(newest) = group.first() else { return Ok(None) };
    let mut found = Vec::new();
    for candidate in group {
        if let Some(attestation) = attestations.get(&candidate.id)
            && store.vouches(attestation)?
        {
            found.push((&candidate.id, attestation));
        }
    }
    let proved = || found.iter().filter(|(_, attestation)| attestation.proved);
    let moments = proved().filter_map(|(_, attestation)| attestation.verified.parse().ok());
    let last: Option<jiff::Timestamp> = moments.max();
    let since = |moment: jiff::Timestamp| now.duration_since(moment).as_secs_f64().max(0.0);
    Ok(Some(Database {
        database: newest.database.clone(),
        system_identifier: newest.system_identifier.clone(),
        whole: newest.is_whole,
        snapshots: group.len() as u64,
        newest: newest.id.to_string(),
        created: newest.created.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        age_seconds: since(newest.created),
        rows: newest.rows,
        bytes: newest.bytes,
        bytes_before: group.get(1).map(|before| before.bytes),
        stored_bytes: newest.stored_new,
        stored_bytes_all: group.iter().map(|candidate| candidate.stored_new).sum(),
        proved: proved().next().map(|(id, _)| id.to_string()),
        proof_age_seconds: last.map(since),
        failed: found.iter().filter(|(_, attestation)| !attestation.proved).count() as u64,
    }))
}
