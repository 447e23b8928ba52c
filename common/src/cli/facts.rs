//! What `--version` tells: the release, what it was built from and by, and what it reads and writes.

use crate::format::version::CURRENT;
use std::fmt::Write as _;

/// The text behind the tool's name; its first line is the release alone, as `-V` tells it.
pub(super) fn version(release: &str) -> String {
    let mut text = release.to_owned();
    let _ = writeln!(text);
    let from = match env!("BUILD_COMMIT") {
        "" => String::new(),
        commit => format!("from {commit} "),
    };
    let _ = writeln!(
        text,
        "built {from}by {} for {} ({})",
        env!("BUILD_COMPILER"),
        env!("BUILD_TARGET"),
        env!("BUILD_PROFILE")
    );
    let _ = write!(text, "records v1, store format {}.{}, PostgreSQL 12 to 18", CURRENT.major, CURRENT.minor);
    text
}
