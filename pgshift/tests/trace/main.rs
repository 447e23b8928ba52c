//! Rehearsal from outside: what is measured, what it comes to, and what a plan makes of it.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod alone;
mod plan;
mod transactions;

use serde_json::Value;
use testkit::{Cluster, Database, Outcome, TempDir, Tool, newest_major};

/// A database with two tables of some rows, and a directory for migrations.
struct Shop {
    database: Database,
    directory: TempDir,
}

impl Shop {
    fn with(files: &[(&str, &str)]) -> Self {
        let database = Cluster::shared(newest_major()).database("shop");
        database.run("CREATE TABLE customers (id int PRIMARY KEY)");
        database.run(
            "CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, note varchar(20))",
        );
        database.run("INSERT INTO customers SELECT generate_series(1, 10)");
        database.run("INSERT INTO orders SELECT g, g % 10 + 1, 'x' FROM generate_series(1, 1000) g");
        let shop = Self { database, directory: TempDir::new() };
        for (name, text) in files {
            shop.directory.write(name, text);
        }
        shop
    }

    fn tool(&self, command: &str) -> Tool {
        Tool::named("pgshift").arg(command).database(&self.database).arg("--dir").arg(self.directory.path())
    }

    fn rehearse(&self) -> Tool {
        self.tool("apply").args(["--no-gate", "--trace"])
    }
}

/// The trace of the statement with this number; of version 1 where several versions have one.
fn trace(outcome: &Outcome, statement: u64) -> &Value {
    let traces = outcome.records_of("trace");
    traces.into_iter().find(|trace| trace["statement"] == statement).unwrap()
}

/// The locks of a kind of records: mode and object.
fn locks(outcome: &Outcome, statement: u64) -> Vec<String> {
    let of = |lock: &&Value| lock["statement"] == statement;
    let shown = |lock: &Value| format!("{} {}", text(&lock["mode"]), text(&lock["object"]));
    let mut locks: Vec<String> = outcome.records_of("lock").into_iter().filter(of).map(shown).collect();
    locks.sort();
    locks
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn seconds(value: &Value) -> f64 {
    value.as_f64().unwrap()
}
