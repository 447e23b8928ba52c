//! What a check found.

use super::{Number, State};
use common::records::{Cell, CsvField, Record, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a check found: one record for each finding, or one that says that all is well.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CheckRecord {
    /// The check: `GROUP.NAME`. Never renamed.
    pub(crate) check: String,
    /// The group that the check belongs to.
    pub(crate) group: String,
    /// How it stands.
    pub(crate) status: State,
    /// What was measured; also there when all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Number>,
    /// What the value counts: `count`, `ratio`, `bytes`, `seconds`, `xids`.
    pub(crate) unit: String,
    /// The value from which it warns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warn: Option<Number>,
    /// The value from which it is critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crit: Option<Number>,
    /// Whether values at or `above` the thresholds are bad, or those at or `below`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bad: Option<String>,
    /// What it is about, such as an index's quoted name; absent when it is the whole server or database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<String>,
    /// The same for the same finding in each run.
    pub(crate) key: String,
    /// For people.
    pub(crate) message: String,
    /// The way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// The server: host and port.
    pub(crate) server: String,
    /// The database, of checks that look into one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database: Option<String>,
}

impl Record for CheckRecord {
    const TYPE: &'static str = "check";
    const CSV: &'static [&'static str] =
        &["check", "status", "value", "unit", "server", "database", "object", "message", "hint"];

    fn row(&self) -> Option<Row> {
        let message = match &self.hint {
            Some(hint) if self.status.is_problem() => format!("{} — {hint}", self.message),
            _ => self.message.clone(),
        };
        Some(
            Row::default()
                .with("status", Cell::Status(self.status.word().to_owned(), self.status.tone()))
                // Lines come one by one: the column is as wide as the longest name.
                .with("check", Cell::Text(format!("{:<32}", self.check)))
                .with("message", Cell::text(&message)),
        )
    }

    fn csv(&self) -> Vec<Vec<CsvField>> {
        let text = |text: &str| CsvField::Text(text.to_owned());
        let maybe = |text: Option<&String>| text.map_or(CsvField::Null, |text| CsvField::Text(text.clone()));
        vec![vec![
            text(&self.check),
            text(self.status.word()),
            self.value.map_or(CsvField::Null, |value| CsvField::Text(value.text())),
            text(&self.unit),
            text(&self.server),
            maybe(self.database.as_ref()),
            maybe(self.object.as_ref()),
            text(&self.message),
            maybe(self.hint.as_ref()),
        ]]
    }
}
