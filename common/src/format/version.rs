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

/// What this release writes, where nothing is encrypted.
pub const CURRENT: FormatVersion = FormatVersion { major: 1, minor: 1 };

/// What this release writes into encrypted stores, which no release before could read.
pub const SEALED: FormatVersion = FormatVersion { major: 2, minor: 0 };

impl FormatVersion {
    /// Fails when this release can't read it; `what` names the file.
    pub fn readable(self, what: &str) -> Result<()> {
        if [CURRENT.major, SEALED.major].contains(&self.major) {
            return Ok(());
        }
        Err(newer(what, self))
    }

    /// Fails when this release must not write beside it.
    pub fn writable(self, what: &str) -> Result<()> {
        let own = if self.major == SEALED.major { SEALED } else { CURRENT };
        if self <= own {
            return Ok(());
        }
        Err(newer(what, self))
    }
}

fn newer(what: &str, version: FormatVersion) -> Error {
    Error::failed(
        "format_version",
        format!("{what} has format {version}, this release knows {CURRENT} and {SEALED}"),
    )
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
        for own in [CURRENT, SEALED] {
            let newer = FormatVersion { major: own.major, minor: own.minor + 1 };
            assert!(own.writable("x").is_ok());
            assert!(newer.readable("x").is_ok());
            assert!(newer.writable("x").is_err());
        }
        assert!(FormatVersion { major: SEALED.major + 1, minor: 0 }.readable("x").is_err());
    }
}
