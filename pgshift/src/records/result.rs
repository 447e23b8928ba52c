//! The last record of every run.

use common::records::{Cell, Outcome, Record, ResultRecord, Row, Status};
use schemars::JsonSchema;
use serde::Serialize;

/// The last record of every run.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct ShiftResult {
    /// How it ended.
    pub(crate) status: Status,
    /// What the process exits with.
    pub(crate) exit_code: u8,
    /// How long it took.
    pub(crate) seconds: f64,
    /// The convention of the directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) convention: Option<String>,
    /// Of a Django project: the version of Django.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) django: Option<String>,
    /// Of a Django project: the module of its settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) settings: Option<String>,
    /// The database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database: Option<String>,
    /// Migrations that are applied; of `apply`: those that it applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) applied: Option<u64>,
    /// Migrations that were taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reverted: Option<u64>,
    /// Migrations that are not applied yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pending: Option<u64>,
    /// Conflicts between the files and the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) conflicts: Option<u64>,
    /// Findings of the lint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) findings: Option<u64>,
    /// Files that the lint has judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) files: Option<u64>,
    /// Statements of which the lint could not tell everything: code in functions, dynamic SQL, what it does not understand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unjudged: Option<u64>,
}

impl ResultRecord for ShiftResult {
    fn set_outcome(&mut self, outcome: Outcome) {
        (self.status, self.exit_code, self.seconds) = (outcome.status, outcome.exit_code, outcome.seconds);
    }
}

impl Record for ShiftResult {
    const TYPE: &'static str = "result";
    fn row(&self) -> Option<Row> {
        let mut row = Row::default();
        for (heading, count) in [
            ("applied", self.applied),
            ("reverted", self.reverted),
            ("pending", self.pending),
            ("conflicts", self.conflicts.filter(|count| *count > 0)),
            ("findings", self.findings),
        ] {
            if let Some(count) = count {
                row = row.with(heading, Cell::Count(count));
            }
        }
        Some(row.with("took", Cell::Seconds(self.seconds)))
    }
}
