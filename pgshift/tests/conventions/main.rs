//! Directories of migrations from outside.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod next;
mod squash;

use testkit::{TempDir, Tool};

/// A directory with these files in it, each with one harmless statement.
fn directory(files: &[&str]) -> TempDir {
    let place = TempDir::new();
    for name in files {
        place.write(name, "SELECT 1;\n");
    }
    place
}

/// `pgshift SUBCOMMAND --dir DIRECTORY`.
fn pgshift(subcommand: &str, place: &TempDir) -> Tool {
    Tool::named("pgshift").arg(subcommand).arg("--dir").arg(place.path())
}
