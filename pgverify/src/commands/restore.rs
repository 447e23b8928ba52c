//! `pgverify restore`: restores a snapshot, proves that the copy equals the source, and attests it.

use crate::cli::Restore;
use crate::copy::checks;
use crate::records::VerifyResult;
use crate::restore::Verification;
use common::cli::Session;
use common::error::{Class, Error, Result};
use common::format::id::SnapshotId;

pub(crate) fn run(session: &Session<VerifyResult>, args: &Restore) -> Result<()> {
    // What is wrong with them shall not come out after an hour's restore.
    checks::read(&args.place)?;
    let asked = asked(session, args)?;
    let store = args.store.open().map_err(damage_is_a_no)?;
    session.result().store = Some(store.location().to_string());
    let ids = match asked {
        Asked::Named(ids) => ids,
        Asked::Found => vec![store.find(&args.snapshot)?],
    };
    if ids.len() > 1 {
        session.result().snapshots = Some(ids.len() as u64);
    }
    for id in &ids {
        let verified = Verification { session, args, store: &store, id }.run();
        verified.map_err(|error| {
            let error = damage_is_a_no(error);
            if ids.len() > 1 { error.context(format!("snapshot {id}")) } else { error }
        })?;
    }
    Ok(())
}

/// Which snapshots are meant.
enum Asked {
    /// These.
    Named(Vec<SnapshotId>),
    /// The one that the store finds by what was typed.
    Found,
}

/// `-` means all snapshots of the runs on stdin.
fn asked(session: &Session<VerifyResult>, args: &Restore) -> Result<Asked> {
    if args.snapshot != "-" {
        return Ok(Asked::Found);
    }
    let upstream = session.upstream()?;
    upstream.succeeded()?;
    let named: Vec<Named> = upstream.all("pgsnap", "snapshot")?;
    if named.is_empty() {
        return Err(Error::refused("no_snapshot", "the records on stdin name no snapshot")
            .hint("`pgsnap create … | pgverify restore -` verifies what was just made"));
    }
    named.iter().map(|named| named.snapshot.parse()).collect::<Result<_>>().map(Asked::Named)
}

#[derive(serde::Deserialize)]
struct Named {
    snapshot: String,
}

/// Whether this backup is good was the question, and damage is an answer.
fn damage_is_a_no(error: Error) -> Error {
    if error.code() == "damaged" { error.class_is(Class::No) } else { error }
}
