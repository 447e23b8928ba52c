//! A row that an assertion gave.

use common::records::{Cell, Record, Row};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A row that an assertion gave; only with --sample.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Violation {
    /// The file of the assertion, as in its record.
    pub(crate) check: String,
    /// The key of the assertion's record.
    pub(crate) key: String,
    /// Its columns and their values as text.
    pub(crate) row: BTreeMap<String, Option<String>>,
}

impl Record for Violation {
    const TYPE: &'static str = "violation";
    fn row(&self) -> Option<Row> {
        let pair = |(column, value): (&String, &Option<String>)| match value {
            Some(value) => format!("{column}={value}"),
            None => format!("{column} is NULL"),
        };
        let shown: Vec<String> = self.row.iter().map(pair).collect();
        Some(Row::default().with("violation", Cell::text(&shown.join(", "))))
    }
}
