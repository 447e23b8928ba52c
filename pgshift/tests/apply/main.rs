//! plan, status, check, apply and revert from outside: what they run, write down, and say.

mod conflicts;
mod conventions;
mod files;
mod history;
mod revert;
mod roles;
mod transactions;

use serde_json::Value;
use testkit::{Cluster, Database, Outcome, TempDir, Tool, newest_major};

/// An empty database and a directory for migrations.
struct Shop {
    database: Database,
    directory: TempDir,
}

impl Shop {
    fn new() -> Self {
        Self { database: Cluster::shared(newest_major()).database("shop"), directory: TempDir::new() }
    }

    /// With these files.
    fn with(files: &[(&str, &str)]) -> Self {
        let shop = Self::new();
        for (name, text) in files {
            shop.write(name, text);
        }
        shop
    }

    fn write(&self, name: &str, text: &str) {
        self.directory.write(name, text);
    }

    /// `pgshift COMMAND` on it.
    fn tool(&self, command: &str) -> Tool {
        Tool::named("pgshift").arg(command).database(&self.database).arg("--dir").arg(self.directory.path())
    }

    /// `pgshift apply`, whatever the database holds.
    fn apply(&self) -> Tool {
        self.tool("apply").arg("--no-gate")
    }

    /// Version, state and statements done of each row of the history.
    fn history(&self) -> Vec<Vec<String>> {
        self.database.rows("SELECT version, state, statements_done FROM pgshift.migrations ORDER BY id")
    }

    /// Each migration's state.
    fn states(&self) -> Vec<String> {
        fields(&self.tool("status").run().success(), "migration", "state")
    }
}

/// A field of all records of one kind.
fn fields(outcome: &Outcome, kind: &str, field: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    outcome.records_of(kind).iter().map(|record| text(&record[field])).collect()
}
