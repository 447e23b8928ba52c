//! A sandbox's own directory: locked while its owner lives, removed with its value, swept up by the next start otherwise.
//!
//! A directory appears under its name only once it is locked, so whoever can take the lock knows that its owner is gone.
//! The kernel lets go of the lock however the owner dies; a server that outlived its owner does not hold it.

use super::leftovers;
use crate::error::{Context, Error, Result};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the names of all sandbox directories begin with.
const PREFIX: &str = "pgrunbook-";

/// What a name ends with until the directory is locked.
const UNLOCKED: &str = ".new";

/// The file whose lock its owner holds.
const LOCK: &str = "lock";

/// The file that says that the server was left running on purpose.
const KEPT: &str = "kept";

/// Where the cluster's files are.
const DATA: &str = "data";

/// A directory that is ours as long as this value lives.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    kept: bool,
    _lock: File,
}

impl Directory {
    /// Makes one in `parent`. Others can pass through it when `passable`, but cannot list it.
    pub(super) fn claim(parent: &Path, name: &str, passable: bool) -> Result<Self> {
        let cannot = || format!("cannot make a directory for a private cluster in {}", parent.display());
        let path = parent.join(name);
        let unlocked = path.with_extension(UNLOCKED.trim_start_matches('.'));
        DirBuilder::new().mode(0o700).create(&unlocked).context(cannot)?;
        let claimed = take_lock(&unlocked, passable).and_then(|lock| {
            std::fs::rename(&unlocked, &path)?;
            Ok(lock)
        });
        match claimed {
            Ok(lock) => Ok(Self { path, kept: false, _lock: lock }),
            Err(error) => {
                drop(std::fs::remove_dir_all(&unlocked));
                Err(Error::io(cannot(), &error))
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The name of its sandbox.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Where the cluster's files go.
    pub(super) fn data(&self) -> PathBuf {
        self.path.join(DATA)
    }

    /// Leaves it where it is, until its server is gone.
    pub(super) fn keep(mut self) -> Result<()> {
        let path = self.path.join(KEPT);
        File::create(&path).context(|| format!("cannot write {}", path.display()))?;
        self.kept = true;
        Ok(())
    }

    /// Removes it.
    pub(super) fn remove(mut self) -> Result<()> {
        self.kept = true;
        remove(&self.path).context(|| format!("cannot remove {}", self.path.display()))
    }
}

/// A name that no other sandbox has; all directories of one bear it, and so does its cluster.
pub(super) fn new_name() -> Result<String> {
    let mut random = [0; 4];
    getrandom::fill(&mut random)
        .map_err(|error| Error::failed("random", "cannot name a private cluster").cause(error.to_string()))?;
    Ok(format!("{PREFIX}{:08x}", u32::from_be_bytes(random)))
}

impl Drop for Directory {
    fn drop(&mut self) {
        if !self.kept {
            // A directory that cannot be removed now is swept up by the next start.
            drop(remove(&self.path));
        }
    }
}

fn take_lock(directory: &Path, passable: bool) -> io::Result<File> {
    let lock = OpenOptions::new().write(true).create_new(true).mode(0o600).open(directory.join(LOCK))?;
    lock.lock()?;
    let mode = if passable { 0o711 } else { 0o700 };
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(mode))?;
    Ok(lock)
}

/// The lock goes last: a removal that is cut off can be taken up again.
fn remove(directory: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    std::fs::remove_file(directory.join(LOCK))?;
    std::fs::remove_dir(directory)
}

/// Ends and removes what sandboxes of dead owners left in `parent`. What cannot be swept is left as it is.
pub(super) fn sweep(parent: &Path) {
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = name.starts_with(PREFIX)
            && entry.metadata().is_ok_and(|metadata| {
                metadata.is_dir() && metadata.uid() == rustix::process::geteuid().as_raw()
            });
        if ours {
            sweep_one(&entry.path(), &name);
        }
    }
}

fn sweep_one(path: &Path, name: &str) {
    let lock = match OpenOptions::new().write(true).open(path.join(LOCK)) {
        Ok(lock) => lock,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if !name.ends_with(UNLOCKED) || is_old(path) {
                // Empty, or not what we take it for.
                drop(std::fs::remove_dir(path));
            }
            return;
        }
        Err(_) => return,
    };
    if lock.try_lock().is_err() || (name.ends_with(UNLOCKED) && !is_old(path)) {
        return;
    }
    if path.join(KEPT).exists() && leftovers::is_running(name) {
        return;
    }
    if leftovers::end(name, &path.join(DATA)) {
        drop(remove(path));
    }
}

/// Old enough that its owner cannot be about to lock it.
fn is_old(path: &Path) -> bool {
    let modified = path.metadata().and_then(|metadata| metadata.modified());
    modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > Duration::from_hours(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parent(case: &str) -> PathBuf {
        let parent = std::env::temp_dir().join(format!("directory-{}-{case}", std::process::id()));
        std::fs::create_dir_all(&parent).unwrap();
        parent
    }

    #[test]
    fn a_sweep_leaves_what_has_an_owner_and_takes_what_has_none() {
        let parent = parent("sweep");
        let owned = Directory::claim(&parent, &new_name().unwrap(), false).unwrap();
        let orphan = parent.join("pgrunbook-0123abcd");
        std::fs::create_dir_all(orphan.join(DATA)).unwrap();
        File::create(orphan.join(LOCK)).unwrap();
        sweep(&parent);
        assert!(!orphan.exists());
        assert!(owned.path().exists());
        let path = owned.path().to_owned();
        drop(owned);
        assert!(!path.exists());
        std::fs::remove_dir(&parent).unwrap();
    }

    #[test]
    fn a_sweep_touches_nothing_that_it_did_not_make() {
        let parent = parent("strangers");
        for name in ["pgrunbook-notours/data", "pgrunbook-00000000.new", "elsewhere/lock"] {
            std::fs::create_dir_all(parent.join(name)).unwrap();
        }
        sweep(&parent);
        assert!(parent.join("pgrunbook-notours/data").exists(), "has no lock, is not empty");
        assert!(parent.join("pgrunbook-00000000.new").exists(), "its owner may be about to lock it");
        assert!(parent.join("elsewhere/lock").exists(), "has another name");
        std::fs::remove_dir_all(&parent).unwrap();
    }
}
