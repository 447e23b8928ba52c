//! What goes when a migration is taken back.

use common::records::{Cell, Record, Row, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// Rows that go, or code of which that cannot be told, when a Django migration is taken back.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct LossRecord {
    /// The migration, as APP.NAME.
    pub(crate) version: String,
    /// The table that is dropped, or that the column is dropped of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) table: Option<String>,
    /// The column that is dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<String>,
    /// Rows that the table has; with a column, those in which it is not null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<u64>,
    /// An operation of which it cannot be told what its way back does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operation: Option<String>,
}

impl Record for LossRecord {
    const TYPE: &'static str = "loss";
    fn row(&self) -> Option<Row> {
        let what = match (&self.table, &self.column) {
            (Some(table), Some(column)) => format!("column {column} of {table}"),
            (Some(table), None) => format!("table {table}"),
            _ => format!("what {} does", self.operation.as_deref().unwrap_or_default()),
        };
        let tone = if self.rows == Some(0) { Tone::Quiet } else { Tone::Warn };
        Some(
            Row::default()
                .with("version", Cell::text(&self.version))
                .with("goes", Cell::Status(what, tone))
                .with("rows", Cell::maybe(self.rows, Cell::Count)),
        )
    }
}
