//! Fresh clusters that are kept to be copied, because `initdb` takes seconds. For tests, which make hundreds: copies of one
//! share its system identifier, so nothing does this unasked.

use super::site::Site;
use crate::error::{Context as _, Result};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The directory in which they are kept, writable for the server's user; nothing is kept without it.
const DIRECTORY: &str = "PGRUNBOOK_TEST_CLUSTERS";

/// Makes what `initdb` would make, from a kept one if there is one. The last argument of `initdb` is the data directory.
pub(super) fn make(site: &Site, initdb: &mut Command) -> Result<()> {
    let failed = "initdb could not make the private cluster";
    let Some(kept) = place(initdb) else { return site.finish(initdb, failed) };
    let data = site.data();
    if kept.is_dir() {
        return site.finish(&mut copy(site, &kept, &data), "cannot copy a kept cluster");
    }
    site.finish(initdb, failed)?;
    let draft = kept.with_extension(crate::random_hex::<8>()?);
    site.finish(&mut copy(site, &data, &draft), "cannot keep a cluster")?;
    if std::fs::rename(&draft, &kept).is_err() {
        // Somebody else was faster.
        std::fs::remove_dir_all(&draft).context(|| format!("cannot remove {}", draft.display()))?;
    }
    Ok(())
}

/// Where a cluster is kept that is made by the same program with the same arguments.
fn place(initdb: &Command) -> Option<PathBuf> {
    let directory = std::env::var_os(DIRECTORY).filter(|directory| !directory.is_empty())?;
    let arguments: Vec<&OsStr> = initdb.get_args().collect();
    let mut hash = blake3::Hasher::new();
    for word in std::iter::once(initdb.get_program()).chain(arguments.split_last()?.1.iter().copied()) {
        hash.update(word.as_encoded_bytes()).update(b"\0");
    }
    let name: String = hash.finalize().to_hex().chars().take(16).collect();
    Some(Path::new(&directory).join(name))
}

/// `from/.` makes it the content that is copied, whether `to` is there or not.
fn copy(site: &Site, from: &Path, to: &Path) -> Command {
    let mut cp = site.program(OsStr::new("cp"));
    let mut content = OsString::from(from);
    content.push("/.");
    cp.arg("-Rp").arg(content).arg(to);
    cp
}
