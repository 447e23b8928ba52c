//! What there is beside `run`, from outside: assert, diff, watch, ready, report.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod assertions;
mod diff;
mod documents;
mod messages;
mod ready;
mod report;
mod watch;

use testkit::{Cluster, Database, Tool, newest_major};

/// A database of the newest server, which other tests use, too.
fn database() -> Database {
    Cluster::shared(newest_major()).database("commands")
}

/// A command of pgcheckpoint's on `database`.
fn command(name: &str, database: &Database) -> Tool {
    Tool::named("pgcheckpoint").arg(name).database(database)
}
