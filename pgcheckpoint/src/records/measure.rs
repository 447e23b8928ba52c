//! What is measured to be compared later.

use super::Number;
use common::records::{Cell, Record, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that was measured to be compared later; only in recorded runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "a record is flat, and its fields speak for themselves in jq")]
pub(crate) struct Measure {
    /// What: `table_bytes`, `dead_rows`, `statement`.
    pub(crate) measure: String,
    /// Of what: a table's quoted name, a statement's identifier.
    pub(crate) object: String,
    /// The same for the same thing in each run.
    pub(crate) key: String,
    /// How much: bytes, rows, or seconds of execution in all.
    pub(crate) value: Number,
    /// Of a statement: how often it was executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) calls: Option<u64>,
    /// Of a statement: how many pages it has touched in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pages: Option<u64>,
    /// The database.
    pub(crate) database: String,
}

impl Record for Measure {
    const TYPE: &'static str = "measure";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("measure", Cell::text(&self.measure))
                .with("object", Cell::text(&self.object))
                .with("value", Cell::text(&self.value.text())),
        )
    }
}
