//! The version of what is stored. Readers are lenient, writers refuse what is newer than themselves.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// `major` changes when an old reader would misread, `minor` when something was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FormatVersion {
    /// A reader of another major version can't read it.
    pub major: u16,
    /// A reader of an older minor version skips what it doesn't know.
    pub minor: u16,
}

/// What this release writes.
pub const CURRENT: FormatVersion = FormatVersion { major: 1, minor: 1 };

impl FormatVersion {
    /// Fails when this release can't read it; `what` names the file.
    pub fn readable(self, what: &str) -> Result<()> {
        if self.major == CURRENT.major {
            return Ok(());
        }
        Err(newer(what, self))
    }

    /// Fails when this release must not write beside it.
    pub fn writable(self, what: &str) -> Result<()> {
        if self <= CURRENT {
            return Ok(());
        }
        Err(newer(what, self))
    }
}

fn newer(what: &str, version: FormatVersion) -> Error {
    Error::failed("format_version", format!("{what} has format {version}, this release knows {CURRENT}"))
        .hint("use the release that wrote it, or a newer one")
}

impl fmt::Display for FormatVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_minor_is_read_but_not_written_beside() {
        let newer = FormatVersion { major: CURRENT.major, minor: CURRENT.minor + 1 };
        assert!(newer.readable("x").is_ok());
        assert!(newer.writable("x").is_err());
        assert!(FormatVersion { major: CURRENT.major + 1, minor: 0 }.readable("x").is_err());
    }
}
