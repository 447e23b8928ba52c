//! What differs between two runs.

use super::{Number, State};
use common::records::{Cell, CsvField, Record, Row, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// In which direction something changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    /// It is worse than it was.
    Worse,
    /// It was not there before.
    #[default]
    New,
    /// It can no longer be told.
    Lost,
    /// There is more or less of it; whether that is good, nobody knows.
    Changed,
    /// It is better than it was.
    Better,
    /// It is not there any more.
    Gone,
}

impl Direction {
    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::New => "new",
            Self::Lost => "lost",
            Self::Changed => "changed",
            Self::Better => "better",
            Self::Gone => "gone",
        }
    }
}

/// Something that differs between two runs, or between two rounds of `watch`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "a record is flat, and its fields speak for themselves in jq")]
pub(crate) struct Change {
    /// In which direction.
    pub(crate) change: Direction,
    /// Whether it counts as a regression.
    pub(crate) regression: bool,
    /// The check, or what was measured.
    pub(crate) check: String,
    /// The key that both runs know it by.
    pub(crate) key: String,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<String>,
    /// How it stood before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before_status: Option<State>,
    /// How it stands now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after_status: Option<State>,
    /// What was measured before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before_value: Option<Number>,
    /// What is measured now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after_value: Option<Number>,
    /// What the values count.
    pub(crate) unit: String,
    /// For people.
    pub(crate) message: String,
    /// The way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
}

impl Record for Change {
    const TYPE: &'static str = "change";
    const CSV: &'static [&'static str] =
        &["change", "regression", "check", "object", "before", "after", "message"];

    fn row(&self) -> Option<Row> {
        let tone = match self.change {
            _ if self.regression => Tone::Bad,
            Direction::Worse | Direction::New | Direction::Lost => Tone::Warn,
            Direction::Changed => Tone::Quiet,
            Direction::Better | Direction::Gone => Tone::Good,
        };
        let state = |state: Option<State>| state.map_or("-", State::word);
        let states = match (self.before_status, self.after_status) {
            (None, None) => String::new(),
            (before, after) => format!("{} → {}", state(before), state(after)),
        };
        Some(
            Row::default()
                .with("change", Cell::Status(self.change.word().to_owned(), tone))
                .with("status", Cell::Text(format!("{states:<14}")))
                .with("check", Cell::Text(format!("{:<30}", self.check)))
                .with("message", Cell::text(&self.message)),
        )
    }

    fn csv(&self) -> Vec<Vec<CsvField>> {
        let text = |text: &str| CsvField::Text(text.to_owned());
        let number =
            |value: Option<Number>| value.map_or(CsvField::Null, |value| CsvField::Text(value.text()));
        vec![vec![
            text(self.change.word()),
            text(if self.regression { "t" } else { "f" }),
            text(&self.check),
            self.object.as_deref().map_or(CsvField::Null, text),
            number(self.before_value),
            number(self.after_value),
            text(&self.message),
        ]]
    }
}
