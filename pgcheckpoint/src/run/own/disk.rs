//! How full the file systems are that matter.

use super::backups::ratio;
use super::{Own, Sight};
use crate::run::Finding;
use common::error::{Context, Error, Result};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(super) const CHECK: Own = Own {
    group: "disk",
    name: "used",
    head: "-- How full a file system is: the server stops when it cannot write.\n\
           -- unit: ratio\n-- warn: 85%\n-- crit: 95%\n\
           -- reads: the file systems of --disk, and of the server's data when it runs on this machine\n\
           -- message: the file system of {object} is {value} full, {free:bytes} are left\n\
           -- fine: no path on this machine is known: --disk names some\n\
           -- hint: look for what grows: `run size wal replication`",
    look,
    idle: |_| None,
};

/// A file system.
pub(super) struct Space {
    /// A path in it.
    pub(super) shown: String,
    pub(super) used: u64,
    /// What the server may still write.
    pub(super) free: u64,
}

fn look(sight: &mut Sight<'_>) -> Result<Vec<Finding>> {
    let told = |space: &Space| {
        // What is kept for root is of no use to the server.
        let share = ratio(space.used, space.used.saturating_add(space.free));
        Finding::default().with("object", &space.shown).with("free", &space.free).with("value", &share)
    };
    Ok(spaces(sight)?.iter().map(told).collect())
}

/// Those that were named, and that of the server's data.
pub(super) fn spaces(sight: &mut Sight<'_>) -> Result<Vec<Space>> {
    let mut paths: BTreeSet<PathBuf> = sight.outside.disk.iter().cloned().collect();
    // A socket is on the server's own machine. Who may not see where the data is has --disk.
    if sight.server.target().host().starts_with('/') {
        let place =
            sight.server.ask("SELECT setting AS object FROM pg_settings WHERE name = 'data_directory'")?;
        let place = place.first().and_then(|row| row.field("object")).map(PathBuf::from);
        paths.extend(place.filter(|path| path.exists()));
    }
    paths.iter().map(|path| measure(path)).collect()
}

fn measure(path: &Path) -> Result<Space> {
    let shown = path.display().to_string();
    let space = rustix::fs::statvfs(path)
        .map_err(std::io::Error::from)
        .context(|| format!("cannot look at the file system of {shown}"))?;
    let bytes = |blocks: u64| blocks.saturating_mul(space.f_frsize);
    let (used, free) = (bytes(space.f_blocks.saturating_sub(space.f_bfree)), bytes(space.f_bavail));
    if used.saturating_add(free) == 0 {
        return Err(Error::failed("no_size", format!("the file system of {shown} has no size")));
    }
    Ok(Space { shown, used, free })
}
