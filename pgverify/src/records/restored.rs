//! A table that was restored from a dump and counted.

use common::name::QualifiedName;
use common::records::{Cell, Record, Row};
use schemars::JsonSchema;
use serde::Serialize;

/// A table that was restored from a dump and counted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RestoredTable {
    /// Its database, when the dump has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database: Option<String>,
    /// Its schema.
    pub(crate) schema: String,
    /// Its name.
    pub(crate) table: String,
    /// Its rows.
    pub(crate) rows: u64,
    /// Their bytes as COPY text.
    pub(crate) bytes: u64,
}

impl Record for RestoredTable {
    const TYPE: &'static str = "restored_table";
    fn row(&self) -> Option<Row> {
        let name = QualifiedName::new(&self.schema, &self.table);
        let row = match &self.database {
            Some(database) => Row::default().with("database", Cell::text(database)),
            None => Row::default(),
        };
        let row = row.with("table", Cell::text(&name.to_string())).with("rows", Cell::Count(self.rows));
        Some(row.with("size", Cell::Bytes(self.bytes)))
    }
}
