//! Whether there are fresh snapshots in a store of `pgsnap`, and whether one was restored and proved lately.

use super::{Own, Sight, seconds_since};
use crate::cli::Outside;
use crate::run::Finding;
use common::error::{Error, Result};
use common::format::outline::Outline;
use common::name::ident;
use common::store::Store;

pub(super) const AGE: Own = Own {
    group: "backups",
    name: "snapshot_age",
    head: "-- How old the newest snapshot of the whole database is.\n\
           -- unit: seconds\n-- warn: 26h\n-- crit: 50h\n-- scope: database\n\
           -- reads: the store that --store names\n\
           -- message: the newest snapshot of {database} ({snapshot}) is {value} old\n\
           -- hint: pgsnap create -d {database} --store {store}",
    look: age,
    idle,
};

pub(super) const SIZE: Own = Own {
    group: "backups",
    name: "snapshot_size",
    head: "-- How much data the newest snapshot holds, beside the one before it: a backup that shrinks has lost something.\n\
           -- unit: ratio\n-- warn: 80%\n-- crit: 50%\n-- below: yes\n-- scope: database\n\
           -- reads: the store that --store names\n\
           -- message: the newest snapshot of {database} holds {bytes:bytes}, {value} of the one before\n\
           -- fine: there is only one snapshot\n\
           -- hint: `pgverify compare` tells what differs between two snapshots",
    look: size,
    idle,
};

pub(super) const VERIFIED: Own = Own {
    group: "backups",
    name: "verified_age",
    head: "-- How long ago a snapshot of the database was restored and proved to equal its source: only such a one is a backup.\n\
           -- unit: seconds\n-- warn: 8d\n-- crit: 32d\n-- scope: database\n\
           -- reads: the attestations in the store that --store names\n\
           -- message: snapshot {snapshot} of {database} was restored and proved {value} ago\n\
           -- hint: pgverify restore latest:{name} --store {store}",
    look: verified,
    idle,
};

fn idle(outside: &Outside) -> Option<&'static str> {
    outside.store.is_none().then_some("no --store was named")
}

fn age(sight: &mut Sight<'_>) -> Result<Vec<Finding>> {
    let (store, outlines) = snapshots(sight, 1)?;
    let found = Finding::default().with("store", store.location());
    let Some(newest) = outlines.first() else { return Ok(vec![none(sight, found)]) };
    Ok(vec![found.with("snapshot", &newest.id).with("value", &seconds_since(&newest.source.snapshot_time)?)])
}

fn size(sight: &mut Sight<'_>) -> Result<Vec<Finding>> {
    let (_, outlines) = snapshots(sight, 2)?;
    let [newest, before] = outlines.as_slice() else { return Ok(Vec::new()) };
    let share = ratio(newest.bytes, before.bytes);
    Ok(vec![Finding::default().with("bytes", &newest.bytes).with("value", &share)])
}

fn verified(sight: &mut Sight<'_>) -> Result<Vec<Finding>> {
    let (store, outlines) = snapshots(sight, usize::MAX)?;
    let facts = &sight.server.facts;
    let (attestations, damaged) = store.attestations()?;
    if let Some(damaged) = damaged.into_iter().next() {
        return Err(damaged.error);
    }
    let found = Finding::default().with("store", store.location()).with("name", &facts.database);
    let mut ours = Vec::new();
    for attestation in outlines.iter().filter_map(|outline| attestations.get(&outline.id)) {
        if store.vouches(attestation)? {
            ours.push(attestation);
        }
    }
    let mut proved = None;
    for attestation in &ours {
        let age = seconds_since(&attestation.verified)?;
        if attestation.proved && proved.as_ref().is_none_or(|(least, _)| age < *least) {
            proved = Some((age, attestation));
        }
    }
    if let Some(failed) = ours.first().filter(|attestation| !attestation.proved) {
        let message = format!("snapshot {} was restored, and differs from its source", failed.snapshot);
        return Ok(vec![found.with("status", "crit").with("message", &message)]);
    }
    Ok(vec![match proved {
        Some((age, attestation)) => found.with("snapshot", &attestation.snapshot).with("value", &age),
        None if outlines.is_empty() => none(sight, found),
        None => found
            .with("status", "crit")
            .with("message", "no snapshot of {database} was ever restored and proved"),
    }])
}

fn none(sight: &Sight<'_>, found: Finding) -> Finding {
    let what =
        format!("the store has no snapshot of the whole database {}", ident(&sight.server.facts.database));
    found.with("status", "crit").with("message", &what)
}

/// The newest complete snapshots of the database, newest first.
fn snapshots(sight: &Sight<'_>, most: usize) -> Result<(Store, Vec<Outline>)> {
    let Some(place) = &sight.outside.store else {
        return Err(Error::failed("internal", "no store was named"));
    };
    let store = Store::open(place)?;
    let facts = &sight.server.facts;
    let mut found = Vec::new();
    for (_, outline) in store.outlines()?.rev() {
        if found.len() == most {
            break;
        }
        let outline = outline?;
        let source = &outline.source;
        // Where the server does not tell its identifier, names have to do.
        let same = source.system_identifier == facts.identity || facts.identity == facts.server;
        if source.database == facts.database && same && outline.whole {
            found.push(outline);
        }
    }
    Ok((store, found))
}

/// `a` as a share of `b`.
pub(super) fn ratio(a: u64, b: u64) -> f64 {
    let number = |bytes: u64| bytes.to_string().parse::<f64>().unwrap_or_default();
    if b == 0 { 1.0 } else { number(a) / number(b) }
}
