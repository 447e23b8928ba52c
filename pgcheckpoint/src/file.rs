//! Files that others read while they are replaced.

use common::error::{Context, Result};
use std::ffi::OsString;
use std::fs::{File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Puts `bytes` under `path` as a whole: whoever reads it sees what was there before or all of this. Everybody may read
/// it, since a collector runs as somebody else.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let (staged, mut file) = Staged::begin(path)?;
    let cannot = || format!("cannot write {}", path.display());
    file.write_all(bytes).context(cannot)?;
    file.set_permissions(Permissions::from_mode(0o644)).context(cannot)?;
    staged.commit()
}

/// A file that is being written beside the one that it will replace. It is removed unless it is committed.
pub(crate) struct Staged {
    path: PathBuf,
    staged: PathBuf,
}

impl Staged {
    /// Begins one that will be `path`; only its owner may read it.
    pub(crate) fn begin(path: &Path) -> Result<(Self, File)> {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}", std::process::id()));
        let staged = path.with_file_name(name);
        let cannot = || format!("cannot write {}", path.display());
        let file = File::create(&staged).context(cannot)?;
        let begun = Self { path: path.to_owned(), staged };
        file.set_permissions(Permissions::from_mode(0o600)).context(cannot)?;
        Ok((begun, file))
    }

    /// What it will be.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it appear.
    pub(crate) fn commit(self) -> Result<()> {
        let cannot = || format!("cannot write {}", self.path.display());
        File::open(&self.staged).and_then(|file| file.sync_all()).context(cannot)?;
        std::fs::rename(&self.staged, &self.path).context(cannot)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // After a commit there is nothing to remove.
        let _ = std::fs::remove_file(&self.staged);
    }
}
