//! Damage as a value: what is wrong with a block, or with what lies around it.

use super::{BLOCKS, Location, Store, block_name};
use crate::error::Result;
use crate::format::block_file::BlockFile;
use crate::format::frame::open;
use crate::format::id::BlockId;
use crate::format::manifest::BlockRef;
use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, SystemTime};
use xxhash_rust::xxh3::xxh3_64;

/// What a look at a block found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it was written.
    Sound,
    /// Not there.
    Missing,
    /// Of another size than the manifest says.
    Size,
    /// Sealed, and not the bytes that were written.
    Sum,
    /// It opens to other bytes than its name says.
    Digest,
    /// It does not open.
    Unreadable,
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Sound => "sound",
            Self::Missing => "missing",
            Self::Size => "damaged: its size is wrong",
            Self::Sum => "damaged: it is not what its name tells",
            Self::Digest => "damaged: its bytes are not those that its name tells",
            Self::Unreadable => "damaged: it does not open",
        })
    }
}

impl Store {
    /// Reads a block and judges it; its bytes when it is sound. Of a sealed block only the file is judged, and
    /// there are no bytes, without the key or when it is not told what it opens to.
    pub fn inspect(&self, block: &BlockRef) -> Result<(Verdict, Vec<u8>)> {
        let file = block.parts()?;
        let Some(frame) = self.objects.get_if_there(&block_name(&block.file))? else {
            return Ok((Verdict::Missing, Vec::new()));
        };
        Ok(self.judge(file, block, frame))
    }

    /// A block's file as it is stored, proved by its name.
    pub(super) fn stored_block(&self, block: &BlockRef, owner: &str) -> Result<Vec<u8>> {
        let file = block.parts()?;
        let frame = self.objects.get_if_there(&block_name(&block.file))?;
        let verdict =
            frame.as_ref().map_or(Verdict::Missing, |frame| self.judge(file, block, frame.clone()).0);
        match frame {
            Some(frame) if verdict == Verdict::Sound => Ok(frame),
            _ => Err(self.damaged(block, verdict, owner)),
        }
    }

    /// What is proved by its name is sound, whatever its size: another store's compression may have taken its place.
    fn judge(&self, file: BlockFile, block: &BlockRef, mut frame: Vec<u8>) -> (Verdict, Vec<u8>) {
        let sized = frame.len() as u64 == block.stored;
        let unsized_or = |verdict| (if sized { verdict } else { Verdict::Size }, Vec::new());
        if let Some(sum) = file.sum {
            if xxh3_64(&frame) != sum {
                return unsized_or(Verdict::Sum);
            }
            // Outlines don't tell how many bytes it opens to.
            let key = self.key().ok().filter(|_| block.bytes > 0);
            let Some(key) = key else { return (Verdict::Sound, Vec::new()) };
            match key.open(&frame) {
                Some(opened) => frame = opened,
                None => return unsized_or(Verdict::Unreadable),
            }
        }
        // Of a sealed block the manifest tells; of the manifest's own, its checksum.
        let digest = if file.sum.is_some() { block.digest } else { Some(file.id) };
        match open(file.codec, frame, block.bytes) {
            Some(bytes) if digest.is_none_or(|digest| BlockId::of(&bytes) == digest) => {
                (Verdict::Sound, bytes)
            }
            Some(_) => unsized_or(Verdict::Digest),
            None => unsized_or(Verdict::Unreadable),
        }
    }

    /// How many block files there are, and their bytes.
    pub fn block_totals(&self) -> Result<(u64, u64)> {
        let mut totals = (0, 0);
        for entry in self.objects.entries(BLOCKS) {
            let entry = entry?;
            if entry.file().parse::<BlockFile>().is_ok() {
                totals = (totals.0 + 1, totals.1 + entry.size);
            }
        }
        Ok(totals)
    }

    /// The sizes of all block files that are there.
    pub fn block_files(&self) -> Result<HashMap<String, u64>> {
        let files = self.objects.list(BLOCKS)?;
        Ok(files.into_iter().filter(|(name, _)| name.parse::<BlockFile>().is_ok()).collect())
    }
}

/// Removes half-written files that a killed run left in a store's directory; how many.
///
/// A file is half-written for an instant only, so those that are older than ten minutes belong to nobody.
pub fn leftovers(location: &Location) -> usize {
    // In an object store an object is there as a whole or not at all.
    let Some(location) = location.directory() else { return 0 };
    let young = SystemTime::now().checked_sub(Duration::from_mins(10));
    let mut removed = 0;
    let mut directories = vec![location.to_owned()];
    while let Some(directory) = directories.pop() {
        // A directory that can't be read now is no reason to fail: sweeping is a courtesy.
        let Ok(entries) = std::fs::read_dir(&directory) else { continue };
        for entry in entries.flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            let name = entry.file_name();
            let staged = name.to_string_lossy().rsplit_once('#').is_some_and(|(_, digits)| {
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
            });
            if metadata.is_dir() {
                directories.push(entry.path());
            } else if staged && metadata.modified().ok() < young && std::fs::remove_file(entry.path()).is_ok()
            {
                removed += 1;
            }
        }
    }
    removed
}
