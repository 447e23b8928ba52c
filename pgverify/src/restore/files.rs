//! The snapshot's files: all there, of the right size, and those that a restore does not read, read.

use crate::report::Report;
use common::cli::signals;
use common::error::{Error, Result};
use common::format::manifest::{BlockRef, Manifest};
use common::pg;
use common::pipeline::observer::{Fact, Observer as _};
use common::store::Store;
use std::collections::HashMap;
use std::time::Instant;

/// Fails at the first file that is missing or damaged.
pub(super) fn check(store: &Store, manifest: &Manifest, report: &Report<'_>) -> Result<()> {
    let begun = Instant::now();
    report.note(Fact::Phase("checking files"));
    if let Some(damaged) = store.surroundings()?.into_iter().next() {
        return Err(damaged.error);
    }
    let there = store.block_files()?;
    let mut count = 0;
    for (owner, block) in manifest.blocks() {
        present(store, &there, &owner, block)?;
        count += 1;
    }
    // Every other block is read by the restore, and proved by its name then.
    for block in manifest.schema.before_data.iter().chain(&manifest.schema.after_data) {
        if signals::stop_requested() {
            return Err(pg::wire::stopped());
        }
        store.block(block, "the schema")?;
    }
    report.step("files", count, begun.elapsed().as_secs_f64());
    Ok(())
}

fn present(store: &Store, there: &HashMap<String, u64>, owner: &str, block: &BlockRef) -> Result<()> {
    let verdict = match there.get(&block.file) {
        Some(size) if *size == block.stored => return Ok(()),
        Some(_) => "damaged: its size is wrong",
        None => "missing",
    };
    Err(Error::failed("damaged", format!("block {} is {verdict}", block.file))
        .cause(format!("it belongs to {owner}"))
        .hint(store.heal()))
}
