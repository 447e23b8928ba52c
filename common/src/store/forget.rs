//! A snapshot ceases to exist: its manifest goes, then what was found out about it. Its blocks stay until a sweep.

use super::attestations::VERIFIED;
use super::{SNAPSHOTS, Store, manifest_name, refusal};
use crate::error::Result;
use crate::format::id::SnapshotId;
use object_store::path::Path as ObjectPath;
use std::collections::BTreeSet;

/// What became of snapshots that were to be forgotten.
#[derive(Default)]
pub struct Forgotten {
    /// Those that are gone.
    pub gone: BTreeSet<SnapshotId>,
    /// Files that could not be removed, and why.
    pub stays: Vec<(String, crate::error::Error)>,
}

impl Store {
    /// Removes snapshots, one after another; what can't be removed stays and is told. A snapshot of which the manifest is
    /// gone no longer exists, on disk too, when this returns.
    pub fn forget(&self, ids: &BTreeSet<SnapshotId>, stop: &dyn Fn() -> bool) -> Result<Forgotten> {
        let mut forgotten = Forgotten::default();
        for id in ids {
            if stop() {
                break;
            }
            let name = manifest_name(id);
            match self.objects.delete(&ObjectPath::from(name.as_str())) {
                Ok(()) => drop(forgotten.gone.insert(id.clone())),
                Err(error) => forgotten.stays.push((name, error)),
            }
        }
        if !forgotten.gone.is_empty() {
            self.objects.flush_removals(SNAPSHOTS)?;
            self.take_back_what_stays(&mut forgotten)?;
        }
        let gone = &forgotten.gone;
        let stays = self.remove_attestations(|id| gone.contains(id))?;
        forgotten.stays.extend(stays);
        Ok(forgotten)
    }

    /// Looks whether they are gone where an answer is no proof.
    fn take_back_what_stays(&self, forgotten: &mut Forgotten) -> Result<()> {
        if !self.objects.is_remote() {
            return Ok(());
        }
        for id in self.snapshots()? {
            if forgotten.gone.remove(&id) {
                forgotten.stays.push((manifest_name(&id), refusal::lost_removal(&manifest_name(&id))));
            }
        }
        Ok(())
    }

    /// Removes the attestations of these snapshots.
    pub(super) fn remove_attestations(
        &self,
        of: impl Fn(&SnapshotId) -> bool,
    ) -> Result<Vec<(String, crate::error::Error)>> {
        let mut stays = Vec::new();
        for entry in self.objects.entries(VERIFIED).collect::<Result<Vec<_>>>()? {
            let stem = entry.file().strip_suffix(".json").and_then(|stem| stem.rsplit_once('-'));
            if stem.and_then(|(id, _)| id.parse().ok()).is_some_and(|id| of(&id))
                && let Err(error) = self.objects.delete(&entry.path)
            {
                stays.push((format!("{VERIFIED}/{}", entry.file()), error));
            }
        }
        Ok(stays)
    }
}
