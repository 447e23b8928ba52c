//! `pgsnap show`: what is in a snapshot, table by table.

use crate::cli::Show;
use crate::records::{LargeObjects, Skipped, SnapResult, Table};
use common::cli::Session;
use common::error::Result;
use common::format::manifest::Manifest;
use common::format::outline::Outline;
use common::store::Store;
use std::collections::HashSet;

pub(crate) fn run(session: &Session<SnapResult>, args: &Show) -> Result<()> {
    let store = args.store.open()?;
    let id = store.find(&args.snapshot)?;
    let manifest = store.manifest(&id)?;
    let elsewhere = elsewhere(&store, &manifest)?;
    session.emit_all(&[super::create::snapshot(&Outline::of(&manifest), &store)]);
    let tables: Vec<_> =
        manifest
            .tables
            .iter()
            .map(|table| Table {
                schema: table.schema.clone(),
                table: table.name.clone(),
                rows: table.fingerprint.rows,
                bytes: table.fingerprint.bytes,
                blocks: table.blocks().count() as u64,
                blocks_shared: Some(
                    table.blocks().filter(|block| elsewhere.contains(&block.file)).count() as u64
                ),
                stored_bytes: Some(table.blocks().map(|block| block.stored).sum()),
                file: None,
                seconds: None,
            })
            .collect();
    session.emit_all(&tables);
    for table in &manifest.tables {
        if let Some(reason) = &table.left_out {
            session.emit(&Skipped { object: table.qualified().to_string(), reason: reason.clone() });
        }
    }
    if let Some(objects) = manifest.large_objects.as_ref().filter(|objects| objects.count > 0) {
        let bytes = objects.content.iter().map(|segment| segment.fingerprint.bytes).sum();
        session.emit(&LargeObjects { count: objects.count, bytes });
    }
    let mut result = session.result();
    result.store = Some(store.location().to_string());
    result.snapshot = Some(manifest.id.to_string());
    result.database = Some(manifest.source.database.clone());
    result.tables = Some(manifest.tables.len() as u64);
    result.rows = Some(manifest.rows);
    result.bytes = Some(manifest.bytes);
    Ok(())
}

/// The blocks that other snapshots need as well. A manifest that can't be read shares nothing that counts here.
fn elsewhere(store: &Store, this: &Manifest) -> Result<HashSet<String>> {
    let mut files = HashSet::new();
    for (_, outline) in store.outlines()?.filter(|(id, _)| *id != this.id) {
        if let Ok(other) = outline {
            files.extend(other.blocks.into_iter().map(|block| block.file));
        }
    }
    Ok(files)
}
