//! `pgcheckpoint run` from outside: what it is asked, who asks, what it says in which language, and that it does no harm.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod choice;
mod formats;
mod harm;
mod readers;
mod rights;

use testkit::{Cluster, Database, Tool, newest_major};

/// A database of the newest server, which other tests use, too.
fn database() -> Database {
    Cluster::shared(newest_major()).database("run")
}

/// `pgcheckpoint run` of `database`, with more arguments.
fn run(database: &Database, arguments: &[&str]) -> Tool {
    Tool::named("pgcheckpoint").arg("run").args(arguments).database(database)
}
