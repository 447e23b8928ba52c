//! What the lint says.

use common::records::{Cell, Record, Row, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// Something that the lint found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct FindingRecord {
    /// The rule.
    pub(crate) rule: String,
    /// `error`, `warning` or `note`.
    pub(crate) severity: String,
    /// The file.
    pub(crate) file: String,
    /// The line that the statement begins on, from 1.
    pub(crate) line: u64,
    /// The column that it begins in, in characters, from 1.
    pub(crate) column: u64,
    /// The statement, or its beginning.
    pub(crate) statement: String,
    /// What it is about, quoted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<String>,
    /// The lock that is taken on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lock: Option<String>,
    /// Rows that it has; an estimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<u64>,
    /// Bytes that it has, without indexes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
    /// Rows inserted, updated and deleted a second, on average.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) writes_per_second: Option<f64>,
    /// `exact` when it rests on what is known of the database or on the text alone; `assumed` when a size was not known.
    pub(crate) certainty: String,
    /// Why.
    pub(crate) why: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) advice: Option<String>,
    /// Statements that do the same safely, one a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recipe: Option<String>,
}

/// A rule of the lint.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RuleRecord {
    /// Its name.
    pub(crate) rule: String,
    /// Whether it is on unless it is switched off.
    pub(crate) on: bool,
    /// What it finds.
    pub(crate) about: String,
}

impl Record for FindingRecord {
    const TYPE: &'static str = "finding";
    fn row(&self) -> Option<Row> {
        let tone = match self.severity.as_str() {
            "error" => Tone::Bad,
            "warning" => Tone::Warn,
            _ => Tone::Quiet,
        };
        let place = format!("{}:{}:{}", self.file, self.line, self.column);
        Some(
            Row::default()
                .with("severity", Cell::Status(self.severity.clone(), tone))
                .with("place", Cell::Text(place))
                .with("rule", Cell::text(&self.rule))
                .with("object", Cell::maybe(self.object.as_ref(), Cell::text))
                .with("size", Cell::maybe(self.bytes, Cell::Bytes))
                .with("why", Cell::text(&self.why)),
        )
    }
}

impl Record for RuleRecord {
    const TYPE: &'static str = "rule";
    fn row(&self) -> Option<Row> {
        let (word, tone) = if self.on { ("on", Tone::Good) } else { ("off", Tone::Quiet) };
        Some(
            Row::default()
                .with("rule", Cell::text(&self.rule))
                .with("usually", Cell::Status(word.to_owned(), tone))
                .with("about", Cell::text(&self.about)),
        )
    }
}
