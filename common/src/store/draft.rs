//! A snapshot in the making: blocks go in from many threads, the manifest last.
//!
//! Dropped without a commit it leaves blocks that the next run uses, and no snapshot.

use super::{BLOCKS, Store, block_name, manifest_name};
use crate::error::{Class, Error, Result};
use crate::format::frame::{Codec, Sealer};
use crate::format::id::BlockId;
use crate::format::manifest::{BlockRef, Manifest};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What a run has put into the store so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Blocks that were written.
    pub blocks_new: u64,
    /// Blocks that were there already, or came twice.
    pub blocks_reused: u64,
    /// Bytes written, as stored.
    pub stored_new: u64,
    /// Bytes not written, as they would be opened.
    pub bytes_reused: u64,
}

#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) codec: Codec,
    pub(super) stored: u64,
}

/// A snapshot in the making.
pub struct Draft<'a> {
    pub(super) store: &'a Store,
    known: Mutex<HashMap<BlockId, Known>>,
    added: Mutex<Added>,
}

impl<'a> Draft<'a> {
    pub(super) fn begin(store: &'a Store) -> Result<Self> {
        let mut known = HashMap::new();
        for (file, stored) in store.objects.list(BLOCKS)? {
            // What is no block of ours is not counted on.
            if let Ok((codec, id)) = Codec::of_file(&file) {
                known.insert(id, Known { codec, stored });
            }
        }
        // A file that is not as large as the newest snapshot says is damaged: it is written again.
        if let Some(newest) = store.snapshots()?.pop()
            && let Ok(outline) = store.outline(&newest)
        {
            for block in outline.blocks {
                let (_, id) = Codec::of_file(&block.file)?;
                if known.get(&id).is_some_and(|known| known.stored != block.stored) {
                    known.remove(&id);
                }
            }
        }
        Ok(Self { store, known: Mutex::new(known), added: Mutex::default() })
    }

    /// Makes sure that the store has these bytes: seals and writes them unless it does.
    pub fn put(&self, bytes: &[u8], sealer: &mut Sealer) -> Result<BlockRef> {
        let id = BlockId::of(bytes);
        let size = bytes.len() as u64;
        if let Some(known) = self.known(&id) {
            let mut added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
            added.blocks_reused += 1;
            added.bytes_reused += size;
            return Ok(BlockRef::new(id, known.codec, size, known.stored));
        }
        let frame = sealer.seal(bytes)?;
        let block = BlockRef::new(id, sealer.codec(), size, frame.len() as u64);
        self.store.objects.put_soon(block_name(&block.file), frame)?;
        let known = Known { codec: sealer.codec(), stored: block.stored };
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(id, known);
        let mut added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        added.blocks_new += 1;
        added.stored_new += block.stored;
        Ok(block)
    }

    pub(super) fn known(&self, id: &BlockId) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(id).copied()
    }

    /// This block is there, too, or soon will be.
    pub(super) fn arrives(&self, block: &BlockRef, stored: u64) -> Result<()> {
        let (codec, id) = block.parts()?;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Known { codec, stored });
        Ok(())
    }

    /// What was put so far.
    pub fn added(&self) -> Added {
        *self.added.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the snapshot exist.
    pub fn commit(self, manifest: &Manifest) -> Result<()> {
        let name = manifest_name(&manifest.id);
        if self.store.objects.get_if_there(&name)?.is_some() {
            return Err(Error::failed("exists", format!("there is a snapshot {} already", manifest.id)));
        }
        let blocks: Vec<_> = manifest.blocks().map(|(_, block)| block).collect();
        self.seal(&name, &blocks, manifest.encode()?)
    }

    /// Writes the manifest, last of all. What is remote must be seen to be there: an answer may be wrong.
    pub(super) fn seal(&self, name: &str, blocks: &[&BlockRef], json: Vec<u8>) -> Result<()> {
        let objects = &self.store.objects;
        objects.settle()?;
        if !objects.is_remote() {
            return objects.put(name, json);
        }
        let there = self.store.block_files()?;
        for block in blocks {
            let (codec, id) = block.parts()?;
            let known = self.known(&id).filter(|known| known.codec == codec);
            if there.get(&block.file) != Some(&known.map_or(block.stored, |known| known.stored)) {
                return Err(lost_write(&block_name(&block.file)));
            }
        }
        objects.put(name, json.clone())?;
        if objects.get_if_there(name)?.as_ref() == Some(&json) { Ok(()) } else { Err(lost_write(name)) }
    }
}

fn lost_write(name: &str) -> Error {
    Error::failed("lost_write", format!("the store took {name} and does not have it as it was written"))
        .hint("run it again; if it happens again, do not trust this store")
        .class_is(Class::Interrupted)
}
