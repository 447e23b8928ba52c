//! From one store into another: files as they are stored, each proved on its way, manifests last.
//!
//! What is cut off leaves blocks that the next one finds there, and no snapshot.

use super::draft::Draft;
use super::{Location, Store, Watch, block_name, manifest_name};
use crate::error::{Error, Result};
use crate::format::id::SnapshotId;
use crate::format::manifest::BlockRef;
use crate::format::outline::Outline;
use std::collections::BTreeMap;

/// A store that takes snapshots out of another one.
pub struct Transfer<'a> {
    from: &'a Store,
    draft: Draft<'a>,
}

/// A snapshot on its way.
pub struct Carried {
    /// What it is.
    pub outline: Outline,
    /// Blocks that the other store lacks, and whom they belong to.
    pub missing: Vec<(BlockRef, String)>,
    /// Blocks that it has.
    pub there: u64,
    json: Vec<u8>,
    blocks: Vec<BlockRef>,
}

impl<'a> Transfer<'a> {
    /// Begins one; looks at what the other store has.
    pub fn begin(from: &'a Store, to: &'a Store, watch: &'a Watch<'a>) -> Result<Self> {
        if is_same(from.location(), to.location()) {
            return Err(
                Error::usage(format!("both stores are {}", to.location())).hint("--to names another one")
            );
        }
        Ok(Self { from, draft: Draft::receive(to, watch)? })
    }

    /// Finds out what of a snapshot has to be carried.
    pub fn look(&self, id: &SnapshotId) -> Result<Carried> {
        let mut needed = BTreeMap::new();
        let outline = if self.from.is_sealed() {
            self.from.outline(id)?
        } else {
            let manifest = self.from.manifest(id)?;
            for (owner, block) in manifest.blocks() {
                needed.entry(block.file.clone()).or_insert_with(|| (block.clone(), owner));
            }
            Outline::of(&manifest)
        };
        for block in &outline.blocks {
            needed.entry(block.file.clone()).or_insert_with(|| {
                let block =
                    BlockRef { file: block.file.clone(), bytes: 0, stored: block.stored, digest: None };
                (block, format!("snapshot {id}"))
            });
        }
        let json = self.from.objects.get(&manifest_name(id))?;
        let blocks: Vec<BlockRef> = needed.values().map(|(block, _)| block.clone()).collect();
        let mut missing = Vec::new();
        for (block, owner) in needed.into_values() {
            let file = block.parts()?;
            let known = self.draft.known(&file.id);
            if known.is_none_or(|known| (known.file, known.stored) != (file, block.stored)) {
                missing.push((block, owner));
            }
        }
        let there = (blocks.len() - missing.len()) as u64;
        Ok(Carried { outline, missing, there, json, blocks })
    }

    /// Carries a block over; its bytes as stored.
    pub fn carry(&self, block: &BlockRef, owner: &str) -> Result<u64> {
        let frame = self.from.stored_block(block, owner)?;
        let stored = frame.len() as u64;
        self.draft.store.objects.put_soon(block_name(&block.file), frame)?;
        self.draft.arrives(block, stored)?;
        Ok(stored)
    }

    /// Makes the snapshot exist there, with what was found out about it; whether it is new, and how many attestations are.
    pub fn finish(&self, carried: Carried) -> Result<(bool, u64)> {
        let to = self.draft.store;
        let name = manifest_name(&carried.outline.id);
        let is_new = match to.objects.get_if_there(&name)? {
            None => true,
            Some(json) if json == carried.json => false,
            Some(_) => {
                let what = format!("another snapshot {} is in {}", carried.outline.id, to.location());
                return Err(Error::refused("exists", what));
            }
        };
        let blocks: Vec<_> = carried.blocks.iter().collect();
        self.draft.close(&name, &blocks, carried.json)?;
        Ok((is_new, self.attestations(&carried.outline.id)?))
    }

    fn attestations(&self, id: &SnapshotId) -> Result<u64> {
        let to = self.draft.store;
        let there = to.attestation_files(id)?;
        let mut new = 0;
        for name in self.from.attestation_files(id)?.difference(&there) {
            to.objects.put(name, self.from.objects.get(name)?)?;
            new += 1;
        }
        Ok(new)
    }
}

fn is_same(one: &Location, other: &Location) -> bool {
    match (one.directory(), other.directory()) {
        (Some(one), Some(other)) => {
            let real = |path: &std::path::Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
            real(one) == real(other)
        }
        _ => one == other,
    }
}
