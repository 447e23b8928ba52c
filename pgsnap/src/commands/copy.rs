//! `pgsnap copy`: snapshots from one store into another, with what was found out about them.

use super::TOOL;
use crate::cli::Copy;
use crate::records::{Copied, SnapResult};
use common::cli::{Session, human, signals};
use common::error::{Error, Result};
use common::format::id::SnapshotId;
use common::store::{Location, Store, Transfer, Watch};
use common::workers::{Crew, Outcome};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

pub(crate) fn run(session: &Session<SnapResult>, args: &Copy) -> Result<()> {
    let (from, ids) = chosen(session, args)?;
    let to = Store::open_or_create_like(&from, &args.to)?;
    {
        let mut result = session.result();
        (result.store, result.to) = (Some(from.location().to_string()), Some(to.location().to_string()));
    }
    let watch = Watch {
        tool: TOOL,
        wait: Watch::LONG,
        stop: &signals::stop_requested,
        tell: &|what| session.note(what),
    };
    let transfer = Transfer::begin(&from, &to, &watch)?;
    for id in &ids {
        let copied = copy(session, args, &transfer, id, &to)?;
        session.note(&format!(
            "snapshot {id} is in {}: {} new, {} there before",
            to.location(),
            human::plural(copied.blocks_new, "block"),
            copied.blocks_reused
        ));
        session.emit_all(&[copied]);
    }
    session.result().snapshots = Some(ids.len() as u64);
    Ok(())
}

/// The store and the snapshots that are meant; `-` means those in the records on stdin.
fn chosen(session: &Session<SnapResult>, args: &Copy) -> Result<(Store, Vec<SnapshotId>)> {
    let mut ids = Vec::new();
    if args.snapshots.iter().all(|name| name != "-") {
        let location = args.store.as_ref().ok_or_else(|| {
            Error::usage("no store is named")
                .hint("say --store STORE or set PGSNAP_STORE; --to is where they go")
        })?;
        let from = Store::open(location)?;
        for name in &args.snapshots {
            let id = from.find(name)?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        return Ok((from, ids));
    }
    if args.snapshots.len() > 1 {
        return Err(Error::usage("`-` stands for all snapshots that are meant: no others beside it"));
    }
    let upstream = session.upstream()?;
    upstream.succeeded()?;
    let named: Vec<Named> = upstream.all("pgsnap", "snapshot")?;
    let last =
        named.last().ok_or_else(|| Error::refused("no_snapshot", "the records on stdin name no snapshot"))?;
    if let Some(other) = named.iter().find(|other| other.store != last.store) {
        let what =
            format!("the records on stdin name snapshots of two stores, {} and {}", other.store, last.store);
        return Err(Error::refused("several_stores", what).hint("copy from one store after the other"));
    }
    let location: Location = match &args.store {
        Some(location) => location.clone(),
        None => last.store.parse()?,
    };
    for snapshot in &named {
        let id = snapshot.snapshot.parse()?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok((Store::open(&location)?, ids))
}

#[derive(serde::Deserialize)]
struct Named {
    snapshot: String,
    store: String,
}

fn copy(
    session: &Session<SnapResult>,
    args: &Copy,
    transfer: &Transfer<'_>,
    id: &SnapshotId,
    to: &Store,
) -> Result<Copied> {
    let began = Instant::now();
    let mut carried = transfer.look(id)?;
    let missing = std::mem::take(&mut carried.missing);
    let (blocks_new, blocks_reused) = (missing.len() as u64, carried.there);
    let meter = session.meter("copying", Some(missing.iter().map(|(block, _)| block.stored).sum()));
    let stored = AtomicU64::new(0);
    let count = AtomicU64::new(0);
    let done = Crew::new(usize::from(args.jobs), signals::stop_requested).work(
        missing,
        || Ok(()),
        |(): &mut (), (block, owner)| {
            let bytes = transfer.carry(&block, &owner)?;
            stored.fetch_add(bytes, Ordering::Relaxed);
            count.fetch_add(1, Ordering::Relaxed);
            meter.add(bytes);
            Ok(Outcome::Done)
        },
    );
    let stored_bytes = stored.into_inner();
    {
        let mut result = session.result();
        result.snapshot = Some(id.to_string());
        *result.blocks_new.get_or_insert_default() += count.into_inner();
        *result.blocks_reused.get_or_insert_default() += blocks_reused;
        *result.stored_bytes.get_or_insert_default() += stored_bytes;
    }
    done?;
    let database = carried.outline.source.database.clone();
    let (is_new, attestations) = transfer.finish(carried)?;
    Ok(Copied {
        snapshot: id.to_string(),
        database,
        to: to.location().to_string(),
        is_new,
        blocks_new,
        blocks_reused,
        stored_bytes,
        attestations,
        seconds: began.elapsed().as_secs_f64(),
    })
}
