//! How far a backfill is.

use crate::backfill::Directive;
use crate::history::Checkpoint;
use common::records::{Cell, Record, Row, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// A backfill: planned, or how far it is.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct BackfillRecord {
    /// The migration's version.
    pub(crate) version: String,
    /// The table that it goes along.
    pub(crate) table: String,
    /// The columns of the key; empty in a plan that leaves it to the primary key.
    pub(crate) key: Vec<String>,
    /// `planned`, `running`, `partial` (stopped before its end) or `done`.
    pub(crate) state: String,
    /// Rows of the table in the next batch, at most.
    pub(crate) batch_rows: u64,
    /// Rows of the table that were gone along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows_done: Option<u64>,
    /// Rows that there are, by the server's estimate when it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows_estimated: Option<u64>,
    /// Batches that were committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) batches: Option<u64>,
    /// Rows a second, in this run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows_per_second: Option<f64>,
    /// How long the rest will take at this rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) eta_seconds: Option<f64>,
}

impl BackfillRecord {
    /// A backfill that will be run.
    pub(crate) fn planned(version: &str, directive: &Directive) -> Self {
        Self {
            version: version.to_owned(),
            table: directive.table.clone(),
            key: directive.key.clone(),
            state: "planned".to_owned(),
            batch_rows: directive.batch,
            ..Self::default()
        }
    }

    /// A backfill that is so far.
    pub(crate) fn at(version: &str, table: &str, at: &Checkpoint, state: &str) -> Self {
        Self {
            version: version.to_owned(),
            table: table.to_owned(),
            key: at.columns.clone(),
            state: state.to_owned(),
            batch_rows: at.batch_rows,
            rows_done: Some(at.rows_done),
            rows_estimated: at.rows_estimated,
            batches: Some(at.batches),
            ..Self::default()
        }
    }
}

impl Record for BackfillRecord {
    const TYPE: &'static str = "backfill";
    fn row(&self) -> Option<Row> {
        let tone = match self.state.as_str() {
            "done" => Tone::Good,
            "partial" => Tone::Bad,
            _ => Tone::Warn,
        };
        Some(
            Row::default()
                .with("version", Cell::text(&self.version))
                .with("backfill", Cell::text(&self.table))
                .with("state", Cell::Status(self.state.clone(), tone))
                .with("batch", Cell::Count(self.batch_rows))
                .with("rows", Cell::maybe(self.rows_done, Cell::Count))
                .with("of about", Cell::maybe(self.rows_estimated, Cell::Count))
                .with("left", Cell::maybe(self.eta_seconds, Cell::Seconds)),
        )
    }
}
