//! A snapshot in the making: blocks go in from many threads, the manifest last.
//!
//! Dropped without a commit it leaves blocks that the next run uses, and no snapshot. It counts on the blocks that it
//! found, so that nobody may remove blocks while it lives: see `marker.rs`.

use super::marker::{Marker, RUNNING, SWEEPING};
use super::watch::Watch;
use super::{BLOCKS, Store, block_name, manifest_name, refusal};
use crate::error::{Error, Result};
use crate::format::block::CEILING;
use crate::format::block_file::BlockFile;
use crate::format::envelope::Envelope;
use crate::format::frame::{Compression, Sealer};
use crate::format::id::BlockId;
use crate::format::manifest::{BlockRef, Manifest};
use crate::seal::{Lock, Names};
use object_store::path::Path as ObjectPath;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use xxhash_rust::xxh3::xxh3_64;

const PAUSE: Duration = Duration::from_secs(2);

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
    pub(super) file: BlockFile,
    pub(super) stored: u64,
}

/// A snapshot in the making.
pub struct Draft<'a> {
    pub(super) store: &'a Store,
    marker: Marker<'a>,
    watch: &'a Watch<'a>,
    known: Mutex<HashMap<BlockId, Known>>,
    added: Mutex<Added>,
    cover: Option<Cover>,
}

/// What hides blocks in an encrypted store.
struct Cover {
    lock: Lock,
    names: Names,
    /// Where the key of the names is kept, if it is a new one in a store that has snapshots.
    anew: Option<PathBuf>,
}

impl<'a> Draft<'a> {
    pub(super) fn begin(store: &'a Store, watch: &'a Watch<'a>) -> Result<Self> {
        let mut cover = None;
        if let Some(seal) = &store.seal {
            let (names, new) = store.names(&seal.lock)?;
            let anew = if store.snapshots()?.is_empty() { None } else { new };
            cover = Some(Cover { lock: seal.lock.clone(), names, anew });
        }
        Ok(Self { cover, ..Self::receive(store, watch)? })
    }

    /// Begins one whose blocks come as they are stored elsewhere.
    pub(super) fn receive(store: &'a Store, watch: &'a Watch<'a>) -> Result<Self> {
        let marker = Marker::put(&store.objects, &store.clock, RUNNING, watch.tool)?;
        let_sweepers_end(store, &marker, watch)?;
        let mut newest = HashMap::new();
        if let Some(id) = store.snapshots()?.pop()
            && let Ok(outline) = store.outline(&id)
        {
            for block in outline.blocks {
                let file: BlockFile = block.file.parse()?;
                newest.insert(file.id, Known { file, stored: block.stored });
            }
        }
        let mut known = HashMap::new();
        for (file, stored) in store.objects.list(BLOCKS)? {
            // What is no block of ours is not counted on.
            let Ok(file) = file.parse::<BlockFile>() else { continue };
            // A file that is not as large as the newest snapshot says is damaged: it is written again. A sealed block has
            // another name then, and the damaged file lies beside it.
            let sound =
                newest.get(&file.id).is_none_or(|known: &Known| (known.file, known.stored) == (file, stored));
            if sound && file.sum.is_some() == store.is_sealed() {
                known.insert(file.id, Known { file, stored });
            }
        }
        Ok(Self { store, marker, watch, known: Mutex::new(known), added: Mutex::default(), cover: None })
    }

    /// Makes sure that the store has these bytes: seals and writes them unless it does.
    pub fn put(&self, bytes: &[u8], sealer: &mut Sealer) -> Result<BlockRef> {
        let plain = BlockId::of(bytes);
        let id = self.cover.as_ref().map_or(plain, |cover| cover.names.name(plain));
        let digest = self.cover.as_ref().map(|_| plain);
        let size = bytes.len() as u64;
        if let Some(known) = self.known(&id) {
            let mut added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
            added.blocks_reused += 1;
            added.bytes_reused += size;
            return Ok(BlockRef { file: known.file.to_string(), bytes: size, stored: known.stored, digest });
        }
        let mut frame = sealer.seal(bytes)?;
        let mut file = BlockFile { id, sum: None, codec: sealer.codec() };
        if let Some(cover) = &self.cover {
            frame = cover.lock.seal(&frame)?;
            file.sum = Some(xxh3_64(&frame));
        }
        let known = Known { file, stored: frame.len() as u64 };
        let block = BlockRef { file: file.to_string(), bytes: size, stored: known.stored, digest };
        self.store.objects.put_soon(block_name(&block.file), frame)?;
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
        let file = block.parts()?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(file.id, Known { file, stored });
        Ok(())
    }

    /// What was put so far.
    pub fn added(&self) -> Added {
        *self.added.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the key is kept that names blocks, if it is a new one: then nothing is shared with older snapshots.
    pub fn names_anew(&self) -> Option<&Path> {
        self.cover.as_ref()?.anew.as_deref()
    }

    /// Makes the snapshot exist.
    pub fn commit(self, manifest: &Manifest) -> Result<()> {
        let name = manifest_name(&manifest.id);
        if self.store.objects.get_if_there(&name)?.is_some() {
            return Err(Error::failed("exists", format!("there is a snapshot {} already", manifest.id)));
        }
        let mut blocks: Vec<_> = manifest.blocks().map(|(_, block)| block).collect();
        let Some(cover) = &self.cover else { return self.close(&name, &blocks, manifest.encode()?) };
        let envelope = self.cover_up(cover, manifest)?;
        blocks.extend(&envelope.manifest);
        self.close(&name, &blocks, envelope.encode()?)
    }

    /// A snapshot whose manifest is sealed.
    fn cover_up(&self, cover: &Cover, manifest: &Manifest) -> Result<Envelope> {
        let mut sealer = Sealer::new(Compression::default())?;
        let mut pieces = Vec::new();
        for piece in manifest.encode()?.chunks(CEILING) {
            let block = self.put(piece, &mut sealer)?;
            // The digest of what is sealed has no place in the clear.
            pieces.push(BlockRef { digest: None, ..block });
        }
        // Whoever made the store in the same moment may have put another key there.
        self.store.lockable()?;
        Ok(Envelope::of(manifest, pieces, cover.names.id(), |word| cover.names.hide(word)))
    }

    /// Writes the snapshot's own file, last of all, if nobody has removed what it needs.
    pub(super) fn close(&self, name: &str, blocks: &[&BlockRef], json: Vec<u8>) -> Result<()> {
        self.store.objects.settle()?;
        if !self.marker.is_sure()? {
            self.reassure(blocks)?;
        }
        self.put_manifest(name, blocks, json)?;
        // Whoever took this run for dead before the manifest was there may have removed what it needs.
        while !self.marker.is_fresh() {
            if let Err(error) = self.reassure(blocks) {
                return Err(match self.store.objects.delete(&ObjectPath::from(name)) {
                    Ok(()) => error,
                    Err(stays) => {
                        error.cause(format!("its manifest {name} has to be removed by hand: {stays}"))
                    }
                });
            }
        }
        Ok(())
    }

    /// What is remote must be seen to be there: an answer may be wrong.
    fn put_manifest(&self, name: &str, blocks: &[&BlockRef], json: Vec<u8>) -> Result<()> {
        let objects = &self.store.objects;
        if !objects.is_remote() {
            return objects.put(name, json);
        }
        let there = self.store.block_files()?;
        for block in blocks {
            let file = block.parts()?;
            let known = self.known(&file.id).filter(|known| known.file == file);
            if there.get(&block.file) != Some(&known.map_or(block.stored, |known| known.stored)) {
                return Err(refusal::lost_write(&block_name(&block.file)));
            }
        }
        objects.put_surely(name, &json)
    }

    /// Makes this run's presence known again, lets others end, and looks for every block.
    fn reassure(&self, blocks: &[&BlockRef]) -> Result<()> {
        self.marker.renew()?;
        let_sweepers_end(self.store, &self.marker, self.watch)?;
        let there = self.store.block_files()?;
        match blocks.iter().find(|block| !there.contains_key(&block.file)) {
            None => Ok(()),
            Some(block) => {
                Err(Error::failed("swept", "blocks that the snapshot needs were removed meanwhile")
                    .cause(format!("one of them is {}", block.file))
                    .cause("this run showed no life for so long that another one took it for dead")
                    .hint("run it again"))
            }
        }
    }
}

/// Waits until nobody removes blocks.
fn let_sweepers_end(store: &Store, marker: &Marker<'_>, watch: &Watch<'_>) -> Result<()> {
    let begun = store.clock.now();
    let mut is_told = false;
    loop {
        let (sweepers, is_any_dead) = marker.others(SWEEPING)?;
        if is_any_dead {
            // What it asked for last may still be under way.
            marker.doubt();
        }
        let Some(sweeper) = sweepers.first() else { return Ok(()) };
        watch.go_on()?;
        let waited = begun.until(&store.clock.now());
        if waited >= watch.wait {
            return Err(Error::failed("sweeping", format!("blocks of {} are being removed", store.location))
                .cause(format!("{} has been at it all the time", sweeper.who))
                .hint("run it again when that has ended"));
        }
        if !is_told {
            (watch.tell)(&format!("waits until {} has removed blocks", sweeper.who));
            is_told = true;
        }
        store.clock.pause(PAUSE);
        marker.renew()?;
    }
}
