//! Damage as a value: what is wrong with a block, or with what lies around it.

use super::{BLOCKS, Location, Store, block_name, damaged};
use crate::error::Result;
use crate::format::frame::{Codec, open};
use crate::format::id::BlockId;
use crate::format::manifest::BlockRef;
use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, SystemTime};

/// What a look at a block found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it was written.
    Sound,
    /// Not there.
    Missing,
    /// Of another size than the manifest says.
    Size,
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
            Self::Digest => "damaged: its bytes are not those that its name tells",
            Self::Unreadable => "damaged: it does not open",
        })
    }
}

impl Store {
    /// Reads a block and judges it; its bytes when it is sound.
    pub fn inspect(&self, block: &BlockRef) -> Result<(Verdict, Vec<u8>)> {
        let (codec, id) = block.parts()?;
        let Some(frame) = self.objects.get_if_there(&block_name(&block.file))? else {
            return Ok((Verdict::Missing, Vec::new()));
        };
        Ok(judge(codec, id, block, frame))
    }

    /// A block's file as it is stored, proved by its name.
    pub(super) fn stored_block(&self, block: &BlockRef, owner: &str) -> Result<Vec<u8>> {
        let (codec, id) = block.parts()?;
        let frame = self.objects.get_if_there(&block_name(&block.file))?;
        let verdict =
            frame.as_ref().map_or(Verdict::Missing, |frame| judge(codec, id, block, frame.clone()).0);
        match frame {
            Some(frame) if verdict == Verdict::Sound => Ok(frame),
            _ => Err(damaged(block, verdict, owner)),
        }
    }

    /// How many block files there are, and their bytes.
    pub fn block_totals(&self) -> Result<(u64, u64)> {
        let mut totals = (0, 0);
        for entry in self.objects.entries(BLOCKS) {
            let entry = entry?;
            if Codec::of_file(entry.file()).is_ok() {
                totals = (totals.0 + 1, totals.1 + entry.size);
            }
        }
        Ok(totals)
    }

    /// The sizes of all block files that are there.
    pub fn block_files(&self) -> Result<HashMap<String, u64>> {
        let files = self.objects.list(BLOCKS)?;
        Ok(files.into_iter().filter(|(name, _)| Codec::of_file(name).is_ok()).collect())
    }
}

/// What is proved by its name is sound, whatever its size: another store's compression may have taken its place.
fn judge(codec: Codec, id: BlockId, block: &BlockRef, frame: Vec<u8>) -> (Verdict, Vec<u8>) {
    let sized = frame.len() as u64 == block.stored;
    match open(codec, frame, block.bytes) {
        Some(bytes) if BlockId::of(&bytes) == id => (Verdict::Sound, bytes),
        _ if !sized => (Verdict::Size, Vec::new()),
        Some(_) => (Verdict::Digest, Vec::new()),
        None => (Verdict::Unreadable, Vec::new()),
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
