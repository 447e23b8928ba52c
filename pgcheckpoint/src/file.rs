//! Files that others read while they are replaced.

use common::error::{Context, Result};
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Puts `bytes` under `path` as a whole: whoever reads it sees what was there before or all of this. Everybody may read
/// it, since a collector runs as somebody else.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    let staged = path.with_file_name(name);
    let done = std::fs::write(&staged, bytes)
        .and_then(|()| std::fs::set_permissions(&staged, std::fs::Permissions::from_mode(0o644)))
        .and_then(|()| std::fs::rename(&staged, path));
    if done.is_err() {
        // The first error is the one that matters.
        let _ = std::fs::remove_file(&staged);
    }
    done.context(cannot)
}
