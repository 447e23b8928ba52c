//! `pgshift.toml` beside the migrations: one line in it leaves the gate open, for development machines.

use common::error::{Context as _, Error, Result};
use std::path::Path;

/// The file's name.
const FILE: &str = "pgshift.toml";

/// Whether the file says `gate = "off"`.
pub(super) fn is_off(directory: &Path) -> Result<bool> {
    let path = directory.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        read => read.context(|| format!("cannot read {}", path.display()))?,
    };
    let mut off = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) =
            line.split_once('=').map(|(key, value)| (key.trim(), value.trim())).unwrap_or_default();
        match (key, value.split('#').next().unwrap_or_default().trim()) {
            ("gate", "\"off\"") => off = true,
            ("gate", "\"on\"") => off = false,
            _ => {
                let place = format!("{}:{}", path.display(), index + 1);
                return Err(Error::usage(format!("{place}: this is not understood: {line}"))
                    .hint("it may say gate = \"off\" or gate = \"on\""));
            }
        }
    }
    Ok(off)
}
