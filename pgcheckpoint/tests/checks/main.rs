//! Every check from outside: it is quiet on a healthy server, and names what is wrong when its trouble is made for real.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod aged;
mod availability;
mod backups;
mod catalogue;
mod connections;
mod growth;
mod guard;
mod indexes;
mod locks;
mod log;
mod replication;
mod schema;
mod security;
mod sequences;
mod settings;
mod statements;
mod vacuum;
mod wal;

use serde_json::Value;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use testkit::{Cluster, Database, Tool, newest_major};

/// A database of the newest server, which other tests use, too.
fn database() -> Database {
    Cluster::shared(newest_major()).database("checked")
}

/// What `check` says of `database`, with more arguments.
fn look(database: &Database, check: &str, arguments: &[&str]) -> Vec<Value> {
    let run = Tool::named("pgcheckpoint").args(["run", check]).args(arguments).database(database).run();
    let mut run = run;
    let code = run.code();
    assert!([0, 1, 3].contains(&code), "{run}");
    let said: Vec<Value> = run.records_of("check").into_iter().cloned().collect();
    assert!(!said.is_empty(), "nothing is said: {run}");
    for record in &said {
        assert_eq!(record["check"], check, "{run}");
        let text = format!("{}{}", record["message"], record["hint"]);
        assert!(!text.contains(['{', '}']) && !text.contains("  "), "a place is not filled: {record}");
    }
    said
}

/// Asserts that `check` has nothing to say against `database`.
#[track_caller]
fn quiet(database: &Database, check: &str, arguments: &[&str]) {
    for record in look(database, check, arguments) {
        assert_eq!(record["status"], "ok", "{record}");
    }
}

/// Asserts that `check` finds `object` in this state, and gives what it says of it.
#[track_caller]
fn flags(database: &Database, check: &str, arguments: &[&str], state: &str, object: &str) -> Value {
    let said = look(database, check, arguments);
    let found = said.iter().find(|record| {
        record["status"] == state
            && (object.is_empty() || record["object"].as_str().is_some_and(|it| it.contains(object)))
    });
    let found = found.unwrap_or_else(|| panic!("{check} does not say {state} of {object:?}: {said:#?}"));
    assert!(found["hint"].is_string(), "no way out: {found}");
    found.clone()
}

/// Asserts that `check` has nothing to say against `object`, whatever it says of others.
#[track_caller]
fn spares(database: &Database, check: &str, arguments: &[&str], object: &str) {
    for record in look(database, check, arguments) {
        let named = format!("{}{}", record["object"], record["message"]).contains(object);
        assert!(record["status"] == "ok" || !named, "{record}");
    }
}

/// Waits until `check` is in this state: what the server counts, it tells a little later.
#[track_caller]
fn comes(database: &Database, check: &str, arguments: &[&str], state: &str) {
    eventually(check, || look(database, check, arguments)[0]["status"] == state);
}

/// Waits until `condition` holds.
fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !condition() {
        assert!(Instant::now() < deadline, "it does not happen: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A session that is busy with `sql` until the value goes.
struct Busy(Child);

impl Busy {
    fn with(database: &Database, sql: &str) -> Self {
        let mut psql = database.cluster().client("psql", database.name());
        psql.args(["-Xqc", sql]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(psql.spawn().unwrap())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
