//! A row that differs.

use common::records::{Cell, CsvField, Record, Row, Tone};
use schemars::JsonSchema;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// How a row differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RowKind {
    /// It is on side A alone.
    Missing,
    /// It is on side B alone.
    Extra,
    /// It is on both sides, with other values.
    Changed,
}

/// Columns and their values as text, in order; NULL is null.
pub(crate) type Values = Vec<(String, Option<String>)>;

/// A row that differs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RowRecord {
    /// The table's schema.
    pub(crate) schema: String,
    /// The table.
    pub(crate) table: String,
    /// How it differs.
    pub(crate) kind: RowKind,
    /// The key's columns and their values as text; empty when the table has no key.
    #[serde(serialize_with = "map")]
    #[schemars(with = "BTreeMap<String, Option<String>>")]
    pub(crate) key: Values,
    /// Of a changed row, the columns whose values differ.
    pub(crate) columns: Vec<String>,
    /// How many rows like this side A has; more than one only without a key, or when a key is not unique.
    pub(crate) a_copies: u64,
    /// How many rows like this side B has.
    pub(crate) b_copies: u64,
    /// With --show-values: the values on side A, of a changed row those that differ.
    #[serde(serialize_with = "maybe_map", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, Option<String>>>")]
    pub(crate) a: Option<Values>,
    /// With --show-values: the values on side B.
    #[serde(serialize_with = "maybe_map", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, Option<String>>>")]
    pub(crate) b: Option<Values>,
}

fn map<S: Serializer>(values: &Values, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(values.len()))?;
    for (column, value) in values {
        map.serialize_entry(column, value)?;
    }
    map.end()
}

#[expect(clippy::ref_option, reason = "serde calls it with the field as it is")]
fn maybe_map<S: Serializer>(values: &Option<Values>, serializer: S) -> Result<S::Ok, S::Error> {
    match values {
        Some(values) => map(values, serializer),
        None => serializer.serialize_none(),
    }
}

impl RowRecord {
    fn word(&self) -> &'static str {
        match self.kind {
            RowKind::Missing => "missing",
            RowKind::Extra => "extra",
            RowKind::Changed => "changed",
        }
    }

    /// The key as people read it.
    fn shown_key(&self) -> String {
        if self.key.is_empty() {
            return format!("(no key: {} in A, {} in B)", self.a_copies, self.b_copies);
        }
        let pair = |(column, value): &(String, Option<String>)| match value {
            Some(value) => format!("{column}={value}"),
            None => format!("{column} is NULL"),
        };
        self.key.iter().map(pair).collect::<Vec<_>>().join(", ")
    }
}

impl Record for RowRecord {
    const TYPE: &'static str = "row";
    const CSV: &'static [&'static str] = &["schema", "table", "kind", "key", "column", "a", "b"];

    fn row(&self) -> Option<Row> {
        let mut row = Row::default()
            .with("row of", Cell::text(&format!("{}.{}", self.schema, self.table)))
            .with("is", Cell::Status(self.word().to_owned(), Tone::Bad))
            .with("key", Cell::text(&self.shown_key()))
            .with("columns", Cell::text(&self.columns.join(", ")));
        for (heading, values) in [("a", &self.a), ("b", &self.b)] {
            if let Some(values) = values {
                let shown = values.iter().map(|(_, value)| value.as_deref().unwrap_or("NULL"));
                row = row.with(heading, Cell::text(&shown.collect::<Vec<_>>().join(" | ")));
            }
        }
        Some(row)
    }

    /// A line for each column that differs; of a row that one side lacks, for each that is shown, or one without.
    fn csv(&self) -> Vec<Vec<CsvField>> {
        let shown = self.a.as_ref().or(self.b.as_ref());
        let columns: Vec<&str> = match self.kind {
            RowKind::Changed => self.columns.iter().map(String::as_str).collect(),
            _ => shown.into_iter().flatten().map(|(column, _)| column.as_str()).collect(),
        };
        let text = |text: &str| CsvField::Text(text.to_owned());
        let value = |values: &Option<Values>, column: &str| {
            let found = values.iter().flatten().find(|(own, _)| own == column);
            found.and_then(|(_, value)| value.as_deref()).map_or(CsvField::Null, text)
        };
        let line = |column: Option<&str>| {
            let mut fields =
                vec![text(&self.schema), text(&self.table), text(self.word()), text(&self.shown_key())];
            fields.push(column.map_or(CsvField::Null, text));
            fields.push(column.map_or(CsvField::Null, |column| value(&self.a, column)));
            fields.push(column.map_or(CsvField::Null, |column| value(&self.b, column)));
            fields
        };
        if columns.is_empty() {
            return vec![line(None)];
        }
        columns.into_iter().map(|column| line(Some(column))).collect()
    }
}
