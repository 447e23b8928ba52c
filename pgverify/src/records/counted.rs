//! A table that was restored and counted.

use common::records::{Cell, Record, Row};
use schemars::JsonSchema;
use serde::Serialize;

/// A table that was restored and counted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Counted {
    /// Its schema.
    pub(crate) schema: String,
    /// Its name.
    pub(crate) table: String,
    /// Its database, when the dump has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database: Option<String>,
    /// Its rows.
    pub(crate) rows: u64,
    /// Their bytes as COPY text.
    pub(crate) bytes: u64,
}

impl Record for Counted {
    const TYPE: &'static str = "counted";
    fn row(&self) -> Option<Row> {
        let row = match &self.database {
            Some(database) => Row::default().with("database", Cell::text(database)),
            None => Row::default(),
        };
        let row = row
            .with("table", Cell::text(&format!("{}.{}", self.schema, self.table)))
            .with("rows", Cell::Count(self.rows));
        Some(row.with("size", Cell::Bytes(self.bytes)))
    }
}
