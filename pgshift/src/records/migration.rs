//! A migration, and its statements.

use super::TraceRecord;
use crate::effects::Effects;
use crate::facts::Size;
use crate::grammar::Mode;
use crate::history::kind_word;
use crate::script::{Parsed, Statement};
use crate::source::Migration;
use crate::state::{Entry, Phase};
use common::records::human::minute;
use common::records::{Cell, Record, Row, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// A migration and where it stands.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct MigrationRecord {
    /// Its version.
    pub(crate) version: String,
    /// What people call it.
    pub(crate) name: String,
    /// `versioned`, `repeatable`, `baseline`, or `django`.
    pub(crate) kind: String,
    /// `applied`, `pending`, `changed` (a repeatable one with another text), `partial`, `reverting`, `reverted`, `covered`
    /// (by a baseline or a squashed migration), `faked` (recorded as applied, and what it makes is not there) or `unknown`
    /// (applied, and its file is gone).
    pub(crate) state: String,
    /// Its file.
    pub(crate) file: String,
    /// Statements in it; of Django, those that it has run just now.
    pub(crate) statements: u64,
    /// Of Django: its app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) app: Option<String>,
    /// Of Django: its operations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operations: Option<u64>,
    /// Of a partial one of Django's: operations that are done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operations_done: Option<u64>,
    /// Of a partial one: statements that are done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) statements_done: Option<u64>,
    /// Of a partial one: the statement that was begun, and of which it is in doubt whether it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) statement_in_doubt: Option<u64>,
    /// When it was applied, by the server's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) applied_at: Option<String>,
    /// The role that applied it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) applied_by: Option<String>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seconds: Option<f64>,
    /// What let it pass: `verified`, `copy`, `off` or `empty`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gate: Option<String>,
    /// The snapshot that was proved before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) snapshot: Option<String>,
}

/// A statement of a migration: planned, or done outside of a transaction.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct StatementRecord {
    /// The migration's version.
    pub(crate) version: String,
    /// Its number in the file, from 1.
    pub(crate) statement: u32,
    /// The file.
    pub(crate) file: String,
    /// The line that it begins on; of Django, that of its operation.
    pub(crate) line: u64,
    /// The statement; passwords are not shown. Of Django, the operation where what it runs cannot be told before.
    pub(crate) sql: String,
    /// Of Django: the operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operation: Option<String>,
    /// Of a planned one of Django's: whether this is what will run; `unknown` says why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exact: Option<bool>,
    /// `planned` or `done`.
    pub(crate) state: String,
    /// Whether it runs in a transaction.
    pub(crate) transaction: bool,
    /// Of a planned one: the locks that it takes, such as `SHARE on "public"."orders"`; ACCESS SHARE is not told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) locks: Vec<String>,
    /// Tables that nobody can read or write meanwhile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) blocks_reads: Vec<String>,
    /// Tables that nobody can write meanwhile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) blocks_writes: Vec<String>,
    /// What is done to whole tables: `rewrite`, `scan`, `build` of an index or `change` of all rows, and of which table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) work: Vec<String>,
    /// Bytes of these tables, without indexes; absent when one is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) work_bytes: Option<u64>,
    /// Rows of these tables; absent when one is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) work_rows: Option<u64>,
    /// What it does besides and nobody can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unknown: Option<String>,
    /// How long it took; of a planned one, in the rehearsal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seconds: Option<f64>,
    /// Of a planned one beside a rehearsal: whether that measured it. Otherwise all of this is assumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) measured: Option<bool>,
    /// Of a measured one: for how long nobody could read what it locks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reads_blocked_seconds: Option<f64>,
    /// Of a measured one: for how long nobody could write what it locks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) writes_blocked_seconds: Option<f64>,
    /// Of a measured one: WAL that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wal_bytes: Option<u64>,
}

impl MigrationRecord {
    /// Where `entry` stands.
    pub(crate) fn of(entry: &Entry<'_>) -> Self {
        let row = entry.row.filter(|_| !matches!(entry.phase, Phase::Pending | Phase::Covered));
        let half = row.filter(|_| matches!(entry.phase, Phase::Partial | Phase::Reverting));
        Self {
            state: entry.phase.word().to_owned(),
            statements_done: half.map(|row| u64::from(row.done)),
            statement_in_doubt: half.and_then(|row| row.under_way).map(u64::from),
            applied_at: row.and_then(|row| row.finished_at.clone()),
            applied_by: row.map(|row| row.by.clone()),
            seconds: row.and_then(|row| row.seconds),
            gate: row.map(|row| row.gate.clone()),
            snapshot: row.and_then(|row| row.snapshot.clone()),
            ..Self::plain(entry.migration, &entry.parsed)
        }
    }

    /// What `migration` has become just now.
    pub(crate) fn done(migration: &Migration, script: &Parsed<'_>, state: &str, seconds: f64) -> Self {
        Self { state: state.to_owned(), seconds: Some(seconds), ..Self::plain(migration, script) }
    }

    fn plain(migration: &Migration, script: &Parsed<'_>) -> Self {
        Self {
            version: migration.version.clone(),
            name: migration.name.clone(),
            kind: kind_word(migration.kind).to_owned(),
            file: script.script.path.display().to_string(),
            statements: script.statements.len() as u64,
            ..Self::default()
        }
    }
}

impl StatementRecord {
    /// A statement that will be run.
    pub(crate) fn planned(
        migration: &Migration,
        script: &Parsed<'_>,
        statement: &Statement,
        transaction: bool,
    ) -> Self {
        Self {
            version: migration.version.clone(),
            statement: statement.number,
            file: script.script.path.display().to_string(),
            line: statement.line,
            sql: script.shown(statement),
            state: "planned".to_owned(),
            transaction,
            ..Self::default()
        }
    }

    /// The same, with what it does to others.
    pub(crate) fn with(mut self, effects: &Effects) -> Self {
        let named = |holds: fn(Mode) -> bool| {
            let locks = effects.locks.iter().filter(move |lock| holds(lock.mode));
            locks.map(|lock| lock.relation.to_string()).collect()
        };
        self.locks = effects.locks.iter().map(|lock| format!("{} on {}", lock.mode, lock.relation)).collect();
        self.blocks_reads = named(Mode::blocks_reads);
        self.blocks_writes = named(Mode::blocks_writes);
        self.work =
            effects.work.iter().map(|work| format!("{} of {}", work.kind.word(), work.relation)).collect();
        if !effects.work.is_empty() {
            let size = effects.work.iter().fold(Size::EMPTY, |sum, work| sum + work.size);
            (self.work_rows, self.work_bytes) = (size.rows, size.bytes);
        }
        self.unknown.clone_from(&effects.unknown);
        self
    }

    /// The same, with what a rehearsal measured in the place of what was assumed.
    pub(crate) fn with_measured(mut self, trace: Option<TraceRecord>) -> Self {
        self.measured = Some(trace.is_some());
        let Some(trace) = trace else { return self };
        // Where only samples were taken, what is assumed may be more.
        if trace.sampled {
            let more = trace.locks.into_iter().filter(|lock| !self.locks.contains(lock));
            self.locks.extend(more.collect::<Vec<_>>());
        } else {
            (self.locks, self.blocks_reads, self.blocks_writes) =
                (trace.locks, trace.blocks_reads, trace.blocks_writes);
            self.unknown = None;
        }
        if let Some(scans) = trace.scans {
            let assumed = std::mem::take(&mut self.work);
            let scan = |table: &String| {
                let known = ["build", "change"].map(|kind| format!("{kind} of {table}"));
                let known = known.into_iter().find(|work| assumed.contains(work));
                known.unwrap_or_else(|| format!("scan of {table}"))
            };
            let scanned = scans.iter().filter(|table| !trace.rewrites.contains(table));
            self.work = trace.rewrites.iter().map(|table| format!("rewrite of {table}")).collect();
            self.work.extend(scanned.map(scan));
            if self.work != assumed {
                (self.work_bytes, self.work_rows) = (None, None);
            }
        }
        self.seconds = Some(trace.seconds);
        self.reads_blocked_seconds = Some(trace.reads_blocked_seconds);
        self.writes_blocked_seconds = Some(trace.writes_blocked_seconds);
        self.wal_bytes = Some(trace.wal_bytes);
        self
    }

    /// A statement that was run outside of a transaction.
    pub(crate) fn done(
        migration: &Migration,
        script: &Parsed<'_>,
        statement: &Statement,
        seconds: f64,
    ) -> Self {
        Self {
            state: "done".to_owned(),
            seconds: Some(seconds),
            ..Self::planned(migration, script, statement, false)
        }
    }
}

impl Record for MigrationRecord {
    const TYPE: &'static str = "migration";
    fn row(&self) -> Option<Row> {
        let tone = match self.state.as_str() {
            "applied" | "reverted" => Tone::Good,
            "pending" | "changed" => Tone::Warn,
            "covered" => Tone::Quiet,
            _ => Tone::Bad,
        };
        let of = match &self.app {
            Some(app) => Row::default().with("app", Cell::text(app)),
            None => Row::default().with("version", Cell::text(&self.version)),
        };
        Some(
            of.with("migration", Cell::text(&self.name))
                .with("state", Cell::Status(self.state.clone(), tone))
                .with("statements", Cell::Count(self.statements))
                .with("applied", Cell::maybe(self.applied_at.as_ref(), |at| Cell::text(&minute(at))))
                .with("by", Cell::maybe(self.applied_by.as_ref(), Cell::text))
                .with("took", Cell::maybe(self.seconds, Cell::Seconds)),
        )
    }
}

impl Record for StatementRecord {
    const TYPE: &'static str = "statement";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("version", Cell::text(&self.version))
                .with("line", Cell::Count(self.line))
                .with("statement", Cell::text(&self.sql))
                .with("transaction", Cell::text(if self.transaction { "yes" } else { "no" }))
                .with("locks", Cell::text(&self.locks.join(", ")))
                .with("work", Cell::text(&self.work.join(", ")))
                .with("size", Cell::maybe(self.work_bytes, Cell::Bytes))
                .with("writes wait", Cell::maybe(self.writes_blocked_seconds, Cell::Seconds))
                .with("took", Cell::maybe(self.seconds, Cell::Seconds)),
        )
    }
}
