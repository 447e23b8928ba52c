//! The statements that write the history. Who runs them decides in which transaction.

use super::{History, kind_word};
use crate::source::MigrationKind;
use common::name::literal;

/// What became of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It was applied.
    Applied,
    /// It was begun.
    Partial,
    /// Taking it back was begun.
    Reverting,
    /// It was taken back.
    Reverted,
    /// Its file is gone, and that is as it should be.
    Retired,
}

impl Standing {
    pub(super) fn of(word: &str) -> Self {
        match word {
            "applied" => Self::Applied,
            "partial" => Self::Partial,
            "reverting" => Self::Reverting,
            "reverted" => Self::Reverted,
            _ => Self::Retired,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Partial => "partial",
            Self::Reverting => "reverting",
            Self::Reverted => "reverted",
            Self::Retired => "retired",
        }
    }
}

/// Who applies, and what lets it pass.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    /// The machine.
    pub(crate) host: String,
    /// The run's identity.
    pub(crate) run: String,
    /// What the gate said.
    pub(crate) gate: String,
    /// The snapshot that was proved before.
    pub(crate) snapshot: Option<String>,
    /// Its store.
    pub(crate) store: Option<String>,
}

/// A migration as it is written down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written<'a> {
    /// When it runs.
    pub(crate) kind: MigrationKind,
    /// Its version.
    pub(crate) version: &'a str,
    /// What people call it.
    pub(crate) name: &'a str,
    /// The fingerprint of its script.
    pub(crate) checksum: &'a str,
    /// Statements of its script.
    pub(crate) statements: usize,
}

/// Which of a migration's scripts is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// The one that applies it.
    Up,
    /// The one that takes it back.
    Down,
}

/// How far a migration is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress<'a> {
    /// Which script.
    pub(crate) direction: Direction,
    /// Statements of it that are done.
    pub(crate) done: usize,
    /// The fingerprint of these.
    pub(crate) done_checksum: &'a str,
    /// The statement that is about to begin outside of a transaction.
    pub(crate) under_way: Option<u32>,
    /// Nothing is left to do.
    pub(crate) complete: bool,
}

impl History {
    /// Forgets what an earlier row said: the migration is about to be applied again.
    pub(crate) fn forget(&self, kind: MigrationKind, version: &str) -> String {
        format!("DELETE FROM {} WHERE {}", self.table(), key(kind, version))
    }

    /// A row for a migration, of which so much is done.
    pub(crate) fn insert(&self, written: &Written<'_>, progress: &Progress<'_>, author: &Author) -> String {
        let Written { kind, version, name, checksum, statements } = *written;
        let optional = |value: &Option<String>| value.as_deref().map_or("NULL".to_owned(), literal);
        format!(
            "INSERT INTO {} (kind, version, name, checksum, state, statements, statements_done, done_checksum, \
             statement_under_way, finished_at, host, tool_version, run, gate, snapshot, store) VALUES \
             ({}, {}, {}, {}, {}, {statements}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
            self.table(),
            literal(kind_word(kind)),
            literal(version),
            literal(name),
            literal(checksum),
            literal(standing(progress).word()),
            progress.done,
            literal(progress.done_checksum),
            under_way(progress),
            finished(progress),
            literal(&author.host),
            literal(env!("CARGO_PKG_VERSION")),
            literal(&author.run),
            literal(&author.gate),
            optional(&author.snapshot),
            optional(&author.store),
        )
    }

    /// Says how far the migration is.
    pub(crate) fn advance(&self, written: &Written<'_>, progress: &Progress<'_>) -> String {
        format!(
            "UPDATE {} SET state = {}, checksum = {}, statements = {}, statements_done = {}, done_checksum = {}, \
             statement_under_way = {}, finished_at = {} WHERE {}",
            self.table(),
            literal(standing(progress).word()),
            literal(written.checksum),
            written.statements,
            progress.done,
            literal(progress.done_checksum),
            under_way(progress),
            finished(progress),
            key(written.kind, written.version)
        )
    }

    /// Says that the file as it is now is what was applied.
    pub(crate) fn accept(&self, kind: MigrationKind, version: &str, checksum: &str) -> String {
        format!("UPDATE {} SET checksum = {} WHERE {}", self.table(), literal(checksum), key(kind, version))
    }

    /// Says when a migration was applied, as somebody else wrote it down.
    pub(crate) fn dated(&self, kind: MigrationKind, version: &str, at: &str) -> String {
        format!(
            "UPDATE {} SET started_at = {at}::timestamptz, finished_at = {at}::timestamptz WHERE {}",
            self.table(),
            key(kind, version),
            at = literal(at)
        )
    }

    /// Says what became of a migration that was applied.
    pub(crate) fn mark(&self, kind: MigrationKind, version: &str, standing: Standing) -> String {
        format!(
            "UPDATE {} SET state = {}, finished_at = pg_catalog.clock_timestamp() WHERE {}",
            self.table(),
            literal(standing.word()),
            key(kind, version)
        )
    }
}

fn standing(progress: &Progress<'_>) -> Standing {
    match (progress.direction, progress.complete) {
        (Direction::Up, true) => Standing::Applied,
        (Direction::Up, false) => Standing::Partial,
        (Direction::Down, true) => Standing::Reverted,
        (Direction::Down, false) => Standing::Reverting,
    }
}

fn under_way(progress: &Progress<'_>) -> String {
    progress.under_way.map_or("NULL".to_owned(), |number| number.to_string())
}

fn finished(progress: &Progress<'_>) -> &'static str {
    if progress.complete { "pg_catalog.clock_timestamp()" } else { "NULL" }
}

fn key(kind: MigrationKind, version: &str) -> String {
    format!("kind = {} AND version = {}", literal(kind_word(kind)), literal(version))
}
