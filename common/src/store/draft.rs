//! A snapshot in the making: blocks go in from many threads, the manifest last.
//!
//! Dropped without a commit it leaves blocks that the next run uses, and no snapshot.

use super::{BLOCKS, Store, block_name, manifest_name};
use crate::error::{Error, Result};
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
struct Known {
    codec: Codec,
    stored: u64,
}

/// A snapshot in the making.
pub struct Draft<'a> {
    store: &'a Store,
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
        self.store.objects.put(&block_name(&block.file), frame)?;
        let known = Known { codec: sealer.codec(), stored: block.stored };
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(id, known);
        let mut added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        added.blocks_new += 1;
        added.stored_new += block.stored;
        Ok(block)
    }

    fn known(&self, id: &BlockId) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(id).copied()
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
        self.store.objects.put(&name, manifest.encode()?)
    }
}
