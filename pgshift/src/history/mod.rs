//! What is written down in the database about its migrations: one table, one row for each migration.
//!
//! A row of a migration that ran in one transaction was written in that transaction. The row of one that ran statement by
//! statement says how far it is: what is done, and which statement was under way.

mod backfills;
mod create;
mod read;
mod write;

pub(crate) use backfills::{BackfillOf, Checkpoint};
pub(crate) use write::{Author, Direction, Progress, Standing, Written};

use crate::source::MigrationKind;
use common::name::QualifiedName;
use std::collections::HashMap;

/// The history of a database, in a schema of its own.
#[derive(Clone, Debug)]
pub(crate) struct History {
    schema: String,
    /// What is written into another table when a migration was applied, and when it was taken back.
    beside: HashMap<(MigrationKind, String), [String; 2]>,
}

/// A row of the history.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Applied {
    /// In which order rows were written.
    pub(crate) id: i64,
    /// When it runs.
    pub(crate) kind: MigrationKind,
    /// Its version.
    pub(crate) version: String,
    /// What people call it.
    pub(crate) name: String,
    /// The fingerprint of its script.
    pub(crate) checksum: String,
    /// What became of it.
    pub(crate) standing: Standing,
    /// Statements of its script.
    pub(crate) statements: u32,
    /// Statements that are done.
    pub(crate) done: u32,
    /// The fingerprint of these.
    pub(crate) done_checksum: String,
    /// The statement that was begun outside of a transaction, and of which no end is known.
    pub(crate) under_way: Option<u32>,
    /// When it began.
    pub(crate) started_at: String,
    /// When it was done, as records tell times.
    pub(crate) finished_at: Option<String>,
    /// How long that took.
    pub(crate) seconds: Option<f64>,
    /// The role that applied it.
    pub(crate) by: String,
    /// What let it pass: `verified`, `copy`, `off` or `empty`.
    pub(crate) gate: String,
    /// The snapshot that was proved before.
    pub(crate) snapshot: Option<String>,
    /// The store that it is in.
    pub(crate) store: Option<String>,
}

impl History {
    /// The history in `schema`.
    pub(crate) fn new(schema: &str) -> Self {
        Self { schema: schema.to_owned(), beside: HashMap::new() }
    }

    /// The same, with statements that go with a migration's last row: the first when it was applied, the other when it
    /// was taken back.
    pub(crate) fn beside(self, beside: HashMap<(MigrationKind, String), [String; 2]>) -> Self {
        Self { beside, ..self }
    }

    /// What goes with the last row of a migration.
    pub(crate) fn goes_with(
        &self,
        kind: MigrationKind,
        version: &str,
        direction: Direction,
    ) -> Option<String> {
        let [applied, reverted] = self.beside.get(&(kind, version.to_owned()))?;
        Some(match direction {
            Direction::Up => applied.clone(),
            Direction::Down => reverted.clone(),
        })
    }

    /// The schema's name.
    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    fn table(&self) -> QualifiedName {
        QualifiedName::new(&self.schema, "migrations")
    }
}

/// A kind as it is stored.
pub(crate) fn kind_word(kind: MigrationKind) -> &'static str {
    match kind {
        MigrationKind::Versioned => "versioned",
        MigrationKind::Repeatable => "repeatable",
        MigrationKind::Baseline => "baseline",
    }
}
