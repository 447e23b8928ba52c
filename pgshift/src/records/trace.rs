//! What a rehearsal measures: each statement, each lock, and what all of it comes to.

use common::records::{Cell, Record, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A statement as it was run under `--trace`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TraceRecord {
    /// The migration's version.
    pub(crate) version: String,
    /// Its number in the file, from 1.
    pub(crate) statement: u32,
    /// The file.
    pub(crate) file: String,
    /// The line that it begins on.
    pub(crate) line: u64,
    /// The statement; passwords are not shown, nor of Django the values of rows.
    pub(crate) sql: String,
    /// Of Django: the operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operation: Option<String>,
    /// By what it is recognised again: a hash of its tokens as they are shown.
    pub(crate) fingerprint: String,
    /// Whether it ran in a transaction.
    pub(crate) transaction: bool,
    /// Whether its locks were looked at only now and then: what was held for a few milliseconds may be missing.
    pub(crate) sampled: bool,
    /// How long it took.
    pub(crate) seconds: f64,
    /// How long of that it waited for locks of others, by samples.
    pub(crate) waited_seconds: f64,
    /// The locks that it took and that were not held before, such as `SHARE on "public"."orders"`. ACCESS SHARE and
    /// relations that were not there before the run are not told.
    pub(crate) locks: Vec<String>,
    /// Tables that nobody could read for what it locked.
    pub(crate) blocks_reads: Vec<String>,
    /// Tables that nobody could write for what it locked.
    pub(crate) blocks_writes: Vec<String>,
    /// For how long nobody could read them: to the end of the transaction.
    pub(crate) reads_blocked_seconds: f64,
    /// For how long nobody could write them: to the end of the transaction.
    pub(crate) writes_blocked_seconds: f64,
    /// Relations that it wrote anew, indexes only where their tables were not.
    pub(crate) rewrites: Vec<String>,
    /// Tables that it read from their beginning; absent outside of transactions, where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scans: Option<Vec<String>>,
    /// WAL that the server wrote meanwhile, for whomever.
    pub(crate) wal_bytes: u64,
}

/// A lock that a statement took under `--trace`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "a flat record: each is a question of its own")]
pub(crate) struct LockRecord {
    /// The migration's version.
    pub(crate) version: String,
    /// The number of the statement that took it.
    pub(crate) statement: u32,
    /// The mode, such as `ACCESS EXCLUSIVE`.
    pub(crate) mode: String,
    /// What it is on, by the name that this had before.
    pub(crate) object: String,
    /// `table`, `index`, `sequence`, `view`, `materialized view`, `foreign table` or `type`.
    pub(crate) kind: String,
    /// Of an index: the table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) table: Option<String>,
    /// For how long it was held: from the beginning of the statement to the end of the transaction.
    pub(crate) seconds: f64,
    /// Whether SELECT waits for it.
    pub(crate) blocks_reads: bool,
    /// Whether INSERT, UPDATE and DELETE wait for it.
    pub(crate) blocks_writes: bool,
    /// Whether the statement dropped what it is on.
    pub(crate) dropped: bool,
    /// Whether it was seen from outside now and then, so that the time is not exact.
    pub(crate) sampled: bool,
}

/// A table that was there before, and for how long others would have waited for it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct OutageRecord {
    /// The table.
    pub(crate) table: String,
    /// For how long nobody could read it.
    pub(crate) reads_seconds: f64,
    /// For how long nobody could write it.
    pub(crate) writes_seconds: f64,
    /// The first, with the margin.
    pub(crate) reads_estimate_seconds: f64,
    /// The second, with the margin.
    pub(crate) writes_estimate_seconds: f64,
}

/// One of the statements that others would have waited for most.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct WorstRecord {
    /// Its place, from 1.
    pub(crate) rank: u32,
    /// The migration's version.
    pub(crate) version: String,
    /// Its number in the file, from 1.
    pub(crate) statement: u32,
    /// The file.
    pub(crate) file: String,
    /// The line that it begins on.
    pub(crate) line: u64,
    /// The statement; passwords are not shown.
    pub(crate) sql: String,
    /// How long it took.
    pub(crate) seconds: f64,
    /// For how long of that nobody could read some table, whichever statement had locked it.
    pub(crate) reads_blocked_seconds: f64,
    /// For how long of that nobody could write some table.
    pub(crate) writes_blocked_seconds: f64,
    /// Tables that nobody could read meanwhile.
    pub(crate) blocks_reads: Vec<String>,
    /// Tables that nobody could write meanwhile.
    pub(crate) blocks_writes: Vec<String>,
    /// Whether its locks were looked at only now and then.
    pub(crate) sampled: bool,
}

/// What a rehearsal comes to.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct WindowRecord {
    /// The cluster on which it was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) system_identifier: Option<String>,
    /// The database on which it was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database: Option<String>,
    /// Statements that were measured.
    pub(crate) statements: u64,
    /// Those of them whose locks were looked at only now and then.
    pub(crate) sampled: u64,
    /// How long all statements and transactions took.
    pub(crate) seconds: f64,
    /// How long of that was spent waiting for locks of others.
    pub(crate) waited_seconds: f64,
    /// For how long nobody could read some table.
    pub(crate) reads_blocked_seconds: f64,
    /// For how long nobody could write some table.
    pub(crate) writes_blocked_seconds: f64,
    /// What the estimates have on top, from 0.
    pub(crate) margin: f64,
    /// How long a window should be, with the margin.
    pub(crate) estimate_seconds: f64,
    /// `reads_blocked_seconds` with the margin.
    pub(crate) reads_blocked_estimate_seconds: f64,
    /// `writes_blocked_seconds` with the margin.
    pub(crate) writes_blocked_estimate_seconds: f64,
    /// WAL that the server wrote meanwhile, for whomever.
    pub(crate) wal_bytes: u64,
    /// Whether the settings of this server make it write less WAL than one with replicas and backups.
    pub(crate) wal_is_less: bool,
}

impl Record for TraceRecord {
    const TYPE: &'static str = "trace";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("version", Cell::text(&self.version))
                .with("line", Cell::Count(self.line))
                .with("statement", Cell::text(&self.sql))
                .with("took", Cell::Seconds(self.seconds))
                .with("locks", Cell::text(&self.locks.join(", ")))
                .with("reads wait", Cell::Seconds(self.reads_blocked_seconds))
                .with("writes wait", Cell::Seconds(self.writes_blocked_seconds))
                .with("rewrites", Cell::text(&self.rewrites.join(", ")))
                .with("WAL", Cell::Bytes(self.wal_bytes)),
        )
    }
}

impl Record for LockRecord {
    const TYPE: &'static str = "lock";
    /// None: people see it with the statement.
    fn row(&self) -> Option<Row> {
        None
    }
}

impl Record for OutageRecord {
    const TYPE: &'static str = "outage";
    /// None: people read it on stderr.
    fn row(&self) -> Option<Row> {
        None
    }
}

impl Record for WorstRecord {
    const TYPE: &'static str = "worst";
    /// None: people read it on stderr.
    fn row(&self) -> Option<Row> {
        None
    }
}

impl Record for WindowRecord {
    const TYPE: &'static str = "window";
    /// None: people read it on stderr.
    fn row(&self) -> Option<Row> {
        None
    }
}
