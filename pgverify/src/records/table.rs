//! A table that was compared, or could not be.

use common::name::QualifiedName;
use common::records::{Cell, Record, Row, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// What became of the comparison of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// Both sides have the same rows.
    Equal,
    /// They have not, or its columns are not alike.
    Differs,
    /// Side B has no such table.
    OnlyA,
    /// Side A has no such table.
    OnlyB,
    /// It could not be compared.
    Skipped,
}

/// A table, or all partitions of one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "a record is flat, and its fields speak for themselves in jq")]
pub(crate) struct Table {
    /// Its schema.
    pub(crate) schema: String,
    /// Its name.
    pub(crate) table: String,
    /// How it compares.
    pub(crate) verdict: Verdict,
    /// Whether all partitions were compared as one set of rows, because the sides have other partitions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) whole: Option<bool>,
    /// With --rows: the columns that rows are matched by; absent when there is no key and rows are a multiset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    /// Rows on side A, when they were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) a_rows: Option<u64>,
    /// Rows on side B.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) b_rows: Option<u64>,
    /// With --rows: rows on side A alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<u64>,
    /// With --rows: rows on side B alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extra: Option<u64>,
    /// With --rows: rows on both sides that differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) changed: Option<u64>,
    /// With --recheck: rows that differed at first, and not any longer when they were looked at again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) in_flight: Option<u64>,
    /// Bytes that came from both sides.
    pub(crate) read_bytes: u64,
}

impl Table {
    /// A table without numbers.
    pub(crate) fn new(name: &QualifiedName, verdict: Verdict) -> Self {
        Self {
            schema: name.schema.clone(),
            table: name.name.clone(),
            verdict,
            whole: None,
            key: None,
            a_rows: None,
            b_rows: None,
            missing: None,
            extra: None,
            changed: None,
            in_flight: None,
            read_bytes: 0,
        }
    }
}

impl Record for Table {
    const TYPE: &'static str = "table";
    fn row(&self) -> Option<Row> {
        let (word, tone) = match self.verdict {
            Verdict::Equal => ("equal", Tone::Good),
            Verdict::Differs => ("differs", Tone::Bad),
            Verdict::OnlyA => ("only in A", Tone::Bad),
            Verdict::OnlyB => ("only in B", Tone::Bad),
            Verdict::Skipped => ("skipped", Tone::Warn),
        };
        let mut row = Row::default()
            .with("table", Cell::text(&format!("{}.{}", self.schema, self.table)))
            .with("verdict", Cell::Status(word.to_owned(), tone))
            .with("rows in A", Cell::maybe(self.a_rows, Cell::Count))
            .with("rows in B", Cell::maybe(self.b_rows, Cell::Count));
        if self.missing.is_some() {
            row = row
                .with("missing", Cell::maybe(self.missing, Cell::Count))
                .with("extra", Cell::maybe(self.extra, Cell::Count))
                .with("changed", Cell::maybe(self.changed, Cell::Count));
        }
        Some(row)
    }
}
