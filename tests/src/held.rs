//! A `pg_dump` that waits for a word before it begins: it holds `pgsnap create` at a known place.

use crate::{Cluster, TempDir};
use common::pg::programs;
use std::fs;

const SCRIPT: &str = r#"#!/bin/sh
for argument do test "$argument" = --version && exec PG_DUMP --version; done
: > reached
while ! test -e go; do
  # Whoever started it is gone.
  kill -0 "$PPID" 2>/dev/null || exit 1
  sleep 0.05
done
exec PG_DUMP "$@"
"#;

/// A command for `PGRUNBOOK_PG_DUMP`.
#[derive(Debug)]
pub struct HeldDump(TempDir);

impl HeldDump {
    /// One that will serve `cluster`.
    pub fn of(cluster: &Cluster) -> Self {
        let program = programs::client("pg_dump", cluster.major()).unwrap_or_else(|error| panic!("{error}"));
        let held = Self(TempDir::new());
        let file = |name: &str| held.0.join(name).display().to_string();
        let script = SCRIPT
            .replace("PG_DUMP", &program.command[0].to_string_lossy())
            .replace("> reached", &format!("> {}", file("reached")))
            .replace("-e go", &format!("-e {}", file("go")));
        held.0.write("pg_dump.sh", script);
        held
    }

    /// What `PGRUNBOOK_PG_DUMP` has to be.
    pub fn command(&self) -> String {
        format!("/bin/sh {}", self.0.join("pg_dump.sh").display())
    }

    /// Whether it waits for the word.
    pub fn is_reached(&self) -> bool {
        self.0.join("reached").exists()
    }

    /// The word.
    pub fn let_go(&self) {
        fs::write(self.0.join("go"), "").unwrap();
    }
}
