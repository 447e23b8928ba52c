//! The last record of every run.

use common::records::{Cell, Outcome, Record, ResultRecord, Row, Status, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// The last record of every run.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct VerifyResult {
    /// How it ended.
    pub(crate) status: Status,
    /// What the process exits with.
    pub(crate) exit_code: u8,
    /// How long it took.
    pub(crate) seconds: f64,
    /// The store's directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) store: Option<String>,
    /// The snapshot; the last one when several were verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) snapshot: Option<String>,
    /// How many snapshots were verified, when several were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) snapshots: Option<u64>,
    /// Whether the snapshot holds all of the database, and not a selection; of several, whether each does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) whole: Option<bool>,
    /// The database that the snapshot is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database: Option<String>,
    /// The source cluster's system identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) system_identifier: Option<String>,
    /// The database's OID there: one that was dropped and made anew under its name has another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database_oid: Option<u32>,
    /// Where in the write-ahead log the snapshot was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lsn: Option<String>,
    /// The source's clock when the snapshot was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) snapshot_time: Option<String>,
    /// The version of the source's server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_version: Option<String>,
    /// The version of the copy's server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) copy_version: Option<String>,
    /// Tables whose rows were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tables: Option<u64>,
    /// Tables that differ, or that one side lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tables_differing: Option<u64>,
    /// Bytes that came from both sides to compare them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) read_bytes: Option<u64>,
    /// With --max-rate or --max-active: how often reading paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pauses: Option<u64>,
    /// Rows hashed at the source, or on side A.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expected_rows: Option<u64>,
    /// Bytes of these rows as COPY text, pieces of large objects included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expected_bytes: Option<u64>,
    /// Rows hashed in the copy, or on side B.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) found_rows: Option<u64>,
    /// Bytes of these rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) found_bytes: Option<u64>,
    /// Sequences compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sequences: Option<u64>,
    /// Materialised views compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) materialized_views: Option<u64>,
    /// Large objects compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) large_objects: Option<u64>,
    /// Objects of the schema compared, both sides together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) objects: Option<u64>,
    /// Objects that were not compared, each with a record of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) skipped: Option<u64>,
    /// Differences, each with a record of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) differences: Option<u64>,
    /// Rows on side A alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows_missing: Option<u64>,
    /// Rows on side B alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows_extra: Option<u64>,
    /// Rows on both sides that differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows_changed: Option<u64>,
    /// Of the rows that differed, those that did no longer when they were looked at again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows_in_flight: Option<u64>,
    /// Whether everything was compared and found equal; absent when nothing was compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proved: Option<bool>,
    /// Assertions that held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) checks_passed: Option<u64>,
    /// Assertions that did not hold, or could not be run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) checks_failed: Option<u64>,
    /// What the command on the copy exited with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) command_exit_code: Option<u8>,
    /// How long the restore took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) restore_seconds: Option<f64>,
    /// How long the proof took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proof_seconds: Option<f64>,
    /// How long a restore on a server with ordinary settings is expected to take on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) estimate_seconds: Option<f64>,
    /// The estimate's lower margin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) estimate_low_seconds: Option<f64>,
    /// The estimate's upper margin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) estimate_high_seconds: Option<f64>,
    /// The attestation, below the store's directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attestation: Option<String>,
}

impl ResultRecord for VerifyResult {
    fn set_outcome(&mut self, outcome: Outcome) {
        (self.status, self.exit_code, self.seconds) = (outcome.status, outcome.exit_code, outcome.seconds);
    }
}

impl Record for VerifyResult {
    const TYPE: &'static str = "result";
    fn row(&self) -> Option<Row> {
        let mut row = Row::default();
        for (heading, count) in [
            ("tables", self.tables),
            ("rows", self.found_rows),
            ("sequences", self.sequences),
            ("materialized views", self.materialized_views),
            ("large objects", self.large_objects),
            ("schema objects", self.objects),
            ("rows missing", self.rows_missing),
            ("rows extra", self.rows_extra),
            ("rows changed", self.rows_changed),
            ("rows in flight", self.rows_in_flight),
            ("not compared", self.skipped.filter(|count| *count > 0)),
            ("checks passed", self.checks_passed),
            ("checks failed", self.checks_failed.filter(|count| *count > 0)),
        ] {
            if let Some(count) = count {
                row = row.with(heading, Cell::Count(count));
            }
        }
        if let Some(bytes) = self.found_bytes {
            row = row.with("data", Cell::Bytes(bytes));
        }
        if let Some(proved) = self.proved {
            let (word, tone) = if proved { ("equal", Tone::Good) } else { ("differs", Tone::Bad) };
            row = row.with("proof", Cell::Status(word.to_owned(), tone));
        }
        if let Some(code) = self.command_exit_code {
            row = row.with("command", Cell::text(&format!("exit code {code}")));
        }
        for (heading, seconds) in [
            ("restore", self.restore_seconds),
            ("proving", self.proof_seconds),
            ("a real restore", self.estimate_seconds),
            ("at least", self.estimate_low_seconds),
            ("at most", self.estimate_high_seconds),
        ] {
            if let Some(seconds) = seconds {
                row = row.with(heading, Cell::Seconds(seconds));
            }
        }
        Some(row.with("took", Cell::Seconds(self.seconds)))
    }
}
