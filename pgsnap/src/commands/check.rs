//! `pgsnap check`: is all that snapshots need there, and undamaged?

use crate::cli::{Check, Subset};
use crate::records::{Damage, SnapResult};
use common::cli::{Session, human, signals};
use common::error::{Class, Error, Result};
use common::format::id::SnapshotId;
use common::format::manifest::{BlockRef, Manifest};
use common::pg;
use common::store::{Store, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// How many snapshots and tables a record names.
const SHOWN: usize = 5;

/// What a block belongs to when no key tells more.
const SEALED: &str = "what is sealed";

/// A block, and who needs it.
struct Needed {
    block: BlockRef,
    snapshots: BTreeSet<SnapshotId>,
    owners: BTreeSet<String>,
}

pub(crate) fn run(session: &Session<SnapResult>, args: &Check) -> Result<()> {
    let store = args.store.open_with_or_without_key()?;
    let ids = snapshots(&store, args)?;
    session.result().store = Some(store.location().to_string());
    session.result().snapshots = Some(ids.len() as u64);
    if ids.is_empty() {
        return Err(Error::failed("no_snapshot", "there is nothing to check: the store has no snapshot"));
    }
    let mut damaged = 0;
    let mut needed: BTreeMap<String, Needed> = BTreeMap::new();
    for id in ids {
        match look(session, &store, &id, &mut needed) {
            Ok(found) => damaged += found,
            // Somebody has forgotten it since it was listed.
            Err(error) if error.code() == "no_snapshot" => {}
            Err(error) => {
                damaged += 1;
                session.emit(&Damage {
                    file: format!("snapshots/{id}.json"),
                    verdict: error.to_string(),
                    snapshots: id.to_string(),
                    belongs_to: "the whole snapshot".to_owned(),
                });
            }
        }
    }
    damaged += blocks(session, &store, args, &needed)?;
    for around in store.surroundings()? {
        damaged += 1;
        session.emit(&Damage {
            file: around.file,
            verdict: around.error.to_string(),
            snapshots: String::new(),
            belongs_to: "the store".to_owned(),
        });
    }
    session.result().differences = Some(damaged);
    if damaged == 0 {
        return Ok(());
    }
    let are = if damaged == 1 { "is" } else { "are" };
    let files = format!("{} of the store {are}", human::plural(damaged, "file"));
    Err(Error::new(Class::No, "damaged", format!("{files} missing or damaged")).hint(store.heal()))
}

fn snapshots(store: &Store, args: &Check) -> Result<Vec<SnapshotId>> {
    if args.snapshots.is_empty() {
        store.snapshots()
    } else {
        args.snapshots.iter().map(|name| store.find(name)).collect()
    }
}

/// Gathers what a snapshot needs; how much of it contradicts itself.
fn look(
    session: &Session<SnapResult>,
    store: &Store,
    id: &SnapshotId,
    needed: &mut BTreeMap<String, Needed>,
) -> Result<u64> {
    if store.is_sealed() {
        let outline = store.outline(id)?;
        for block in outline.blocks {
            let block = BlockRef { file: block.file, bytes: 0, stored: block.stored, digest: None };
            collect(&outline.id, SEALED.to_owned(), &block, needed);
        }
        if !store.is_readable() {
            return Ok(0);
        }
    }
    let manifest = store.manifest(id)?;
    for (owner, block) in manifest.blocks() {
        collect(&manifest.id, owner, block, needed);
    }
    Ok(inconsistencies(session, &manifest))
}

/// A manifest whose parts don't add up was edited, or is not what was written.
fn inconsistencies(session: &Session<SnapResult>, manifest: &Manifest) -> u64 {
    let mut count = 0;
    for table in &manifest.tables {
        let mut sum = common::format::fingerprint::Fingerprint::default();
        table.segments.iter().for_each(|segment| sum.merge(&segment.fingerprint));
        let bytes: u64 = table.blocks().map(|block| block.bytes).sum();
        if sum != table.fingerprint || bytes != table.fingerprint.bytes {
            count += 1;
            session.emit(&Damage {
                file: format!("snapshots/{}.json", manifest.id),
                verdict: "damaged: the segments of a table don't add up to it".to_owned(),
                snapshots: manifest.id.to_string(),
                belongs_to: format!("table {}", table.qualified()),
            });
        }
    }
    count
}

fn collect(id: &SnapshotId, owner: String, block: &BlockRef, needed: &mut BTreeMap<String, Needed>) {
    let entry = needed.entry(block.file.clone()).or_insert_with(|| Needed {
        block: block.clone(),
        snapshots: BTreeSet::new(),
        owners: BTreeSet::new(),
    });
    // Who has read the manifest knows more.
    if entry.owners.remove(SEALED) {
        entry.block = block.clone();
    }
    if entry.snapshots.len() < SHOWN {
        entry.snapshots.insert(id.clone());
    }
    if entry.owners.len() < SHOWN {
        entry.owners.insert(owner);
    }
}

fn blocks(
    session: &Session<SnapResult>,
    store: &Store,
    args: &Check,
    needed: &BTreeMap<String, Needed>,
) -> Result<u64> {
    let there = store.block_files()?;
    let read =
        |file: &str| args.read_data || args.read_data_subset.is_some_and(|subset| falls_in(file, subset));
    let bytes =
        needed.values().filter(|needed| read(&needed.block.file)).map(|needed| needed.block.stored).sum();
    let meter = session.meter("reading", Some(bytes));
    let mut found = Vec::new();
    let mut checked = 0;
    for (file, needed) in needed {
        if signals::stop_requested() {
            return Err(pg::wire::stopped());
        }
        let verdict = match there.get(file) {
            None => Verdict::Missing,
            // It may have been written anew, compressed otherwise.
            Some(size) if *size != needed.block.stored => store.inspect(&needed.block)?.0,
            Some(_) if read(file) => {
                checked += 1;
                meter.add(needed.block.stored);
                store.inspect(&needed.block)?.0
            }
            Some(_) => Verdict::Sound,
        };
        if verdict != Verdict::Sound {
            found.push((file, needed, verdict));
        }
    }
    session.result().blocks_checked = Some(checked);
    if !found.is_empty() {
        // What somebody has forgotten meanwhile may lose its blocks.
        let there = store.snapshots()?;
        found.retain(|(_, needed, _)| {
            needed.snapshots.len() == SHOWN || there.iter().any(|id| needed.snapshots.contains(id))
        });
    }
    for (file, needed, verdict) in &found {
        session.emit(&Damage {
            file: format!("blocks/{}/{file}", file.get(..2).unwrap_or_default()),
            verdict: verdict.to_string(),
            snapshots: needed.snapshots.iter().map(SnapshotId::as_str).collect::<Vec<_>>().join(","),
            belongs_to: needed.owners.iter().cloned().collect::<Vec<_>>().join(","),
        });
    }
    Ok(found.len() as u64)
}

/// Blocks are named by their content, so their names are spread evenly over the parts, the same way every day.
fn falls_in(file: &str, subset: Subset) -> bool {
    file.get(..8)
        .and_then(|digits| u64::from_str_radix(digits, 16).ok())
        .is_some_and(|number| number % subset.parts + 1 == subset.part)
}
