//! An unwrapped archive beside the cluster: pg_restore jumps about in it. It goes with its value.

use super::input::Input;
use crate::cli::signals;
use crate::error::{Context as _, Error, Result};
use crate::pg::wire::stopped;
use std::fs::OpenOptions;
use std::io::{BufRead as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

pub(super) struct Spooled(PathBuf);

impl Spooled {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        // Its directory goes with the cluster.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Writes all of `input` into a file in `directory`.
pub(super) fn spool(input: Input, directory: &Path) -> Result<Spooled> {
    let path = directory.join("archive");
    let cannot = || format!("cannot write {}", path.display());
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).context(cannot)?;
    let spooled = Spooled(path.clone());
    let (mut reader, damage) = input.reader();
    loop {
        if signals::stop_requested() {
            return Err(stopped());
        }
        let bytes = match reader.fill_buf() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(damage.judge(Error::io("cannot unwrap the dump", &error))),
        };
        if bytes.is_empty() {
            return Ok(spooled);
        }
        file.write_all(bytes).context(cannot)?;
        let length = bytes.len();
        reader.consume(length);
    }
}

/// The bytes of the files in a directory, as far as they can be told.
pub(super) fn bytes_in(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}
