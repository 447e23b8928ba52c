//! Removes the blocks that no snapshot needs, while nobody else adds any.
//!
//! One that runs puts its marker, then looks for those who add blocks. While there is one it takes its marker back and
//! waits. Alone, it reads every manifest, and a single one that can't be read ends it: what that snapshot needs is not known.
//! A marker that might have been taken for dead ends it too, before the next block goes.

use super::marker::{Marker, Peer, RUNNING, SWEEPING};
use super::objects::Entry;
use super::watch::Watch;
use super::{BLOCKS, Store};
use crate::error::{Class, Error, Result};
use crate::format::block_file::BlockFile;
use crate::format::id::SnapshotId;
use std::collections::HashSet;
use std::time::Duration;
use xxhash_rust::xxh3::xxh3_128;

/// How many blocks are removed between two looks at the marker.
const AT_ONCE: usize = 1000;
const PAUSE: Duration = Duration::from_secs(5);

/// What to sweep, and how.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sweeping<'a> {
    /// Only count, without waiting for anybody.
    pub is_dry: bool,
    /// Snapshots that are taken for forgotten already, when only counting.
    pub without: Option<&'a std::collections::BTreeSet<SnapshotId>>,
}

/// What a sweep has done.
#[derive(Debug, Default)]
pub struct Swept {
    /// Blocks that are still needed.
    pub needed: u64,
    /// Blocks that were removed, or would be.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Blocks that could not be removed.
    pub stuck: u64,
    /// Why the first of them could not.
    pub error: Option<Error>,
    /// Who was at work in the store until there was no time left to wait; nothing was removed then.
    pub busy: Option<String>,
}

impl Store {
    /// Removes the blocks that no snapshot needs.
    pub fn sweep(&self, sweeping: Sweeping<'_>, watch: &Watch<'_>) -> Result<Swept> {
        if sweeping.is_dry {
            return self.sweep_in_turn(sweeping, None, watch);
        }
        self.format.writable(&format!("the store in {}", self.location))?;
        match self.turn(watch)? {
            Err(busy) => Ok(Swept { busy: Some(busy), ..Swept::default() }),
            Ok(turn) => self.sweep_in_turn(sweeping, Some(&turn), watch),
        }
    }

    /// A marker beside which nobody adds blocks; or who did so all the time.
    fn turn(&self, watch: &Watch<'_>) -> Result<std::result::Result<Marker<'_>, String>> {
        let begun = self.clock.now();
        let mut is_told = false;
        loop {
            let marker = Marker::put(&self.objects, &self.clock, SWEEPING, watch.tool)?;
            let (mut living, _) = marker.others(RUNNING)?;
            living.extend(marker.others(SWEEPING)?.0);
            let Some(Peer { who }) = living.first() else { return Ok(Ok(marker)) };
            // Two that wait for each other with their markers out would do so for ever.
            drop(marker);
            watch.go_on()?;
            if begun.until(&self.clock.now()) >= watch.wait {
                return Ok(Err(who.to_string()));
            }
            if !is_told {
                (watch.tell)(&format!("waits for {who}"));
                is_told = true;
            }
            self.clock.pause(PAUSE + jitter()?);
        }
    }

    fn sweep_in_turn(
        &self,
        sweeping: Sweeping<'_>,
        turn: Option<&Marker<'_>>,
        watch: &Watch<'_>,
    ) -> Result<Swept> {
        let needed = self.needed(sweeping, watch)?;
        let mut swept = Swept::default();
        let mut doomed = Vec::new();
        for entry in self.objects.entries(BLOCKS) {
            let entry = entry?;
            // What is no block of ours is not ours to remove.
            if entry.file().parse::<BlockFile>().is_err() {
                continue;
            }
            if needed.contains(&mark(entry.file())) {
                swept.needed += 1;
                continue;
            }
            doomed.push(entry);
            if doomed.len() == AT_ONCE {
                self.remove(std::mem::take(&mut doomed), turn, watch, &mut swept)?;
            }
        }
        self.remove(doomed, turn, watch, &mut swept)?;
        if turn.is_some() {
            self.sweep_around()?;
        }
        Ok(swept)
    }

    /// Marks of all blocks that snapshots need.
    fn needed(&self, sweeping: Sweeping<'_>, watch: &Watch<'_>) -> Result<HashSet<u128>> {
        let mut needed = HashSet::new();
        for (id, outline) in self.outlines()? {
            watch.go_on()?;
            if sweeping.without.is_some_and(|without| without.contains(&id)) {
                continue;
            }
            // A newer release may need blocks where this one does not look.
            let known = outline.and_then(|outline| {
                outline.format.writable(&format!("snapshot {id}")).map(|()| outline.blocks)
            });
            let blocks = known.map_err(|error| {
                error.context(format!("no block was removed: it is not known which snapshot {id} needs"))
            })?;
            needed.extend(blocks.iter().map(|block| mark(&block.file)));
        }
        Ok(needed)
    }

    fn remove(
        &self,
        doomed: Vec<Entry>,
        turn: Option<&Marker<'_>>,
        watch: &Watch<'_>,
        swept: &mut Swept,
    ) -> Result<()> {
        if doomed.is_empty() {
            return Ok(());
        }
        watch.go_on()?;
        let bytes = |entries: &[Entry]| entries.iter().map(|entry| entry.size).sum::<u64>();
        let Some(turn) = turn else {
            swept.blocks += doomed.len() as u64;
            swept.bytes += bytes(&doomed);
            return Ok(());
        };
        if !turn.is_sure()? {
            return Err(Error::new(Class::Interrupted, "sweeping", "stopped removing blocks")
                .cause("this run showed no life for so long that another one may have taken it for dead")
                .hint("run it again"));
        }
        let removed = self.objects.delete_all(doomed.iter().map(|entry| entry.path.clone()).collect());
        let (gone, stuck): (Vec<Entry>, Vec<Entry>) =
            doomed.into_iter().partition(|entry| removed.gone.contains(&entry.path));
        swept.blocks += gone.len() as u64;
        swept.bytes += bytes(&gone);
        swept.stuck += stuck.len().saturating_sub(removed.absent) as u64;
        if swept.error.is_none() {
            swept.error = removed.error;
        }
        Ok(())
    }

    /// Removes what was found out about snapshots that are no more: a run that was stopped left it.
    fn sweep_around(&self) -> Result<()> {
        let there: HashSet<SnapshotId> = self.snapshots()?.into_iter().collect();
        // What can't be removed now does no harm, and is tried again.
        self.remove_attestations(|id| !there.contains(id)).map(drop)
    }
}

/// Stands for the name of a block's file. Were two ever the same, a block would stay that nobody needs.
fn mark(file: &str) -> u128 {
    xxh3_128(file.as_bytes())
}

/// Keeps two that wait for each other from trying at the same moments for ever.
fn jitter() -> Result<Duration> {
    let digits = crate::random_hex::<1>()?;
    Ok(Duration::from_millis(10 * u64::from_str_radix(&digits, 16).unwrap_or_default()))
}
