//! A migration in the place of several, and the trial of Django's.

use common::records::{Cell, Record, Row, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// A migration that stands for several: always of Django's, of SQL with `--dry-run`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SquashRecord {
    /// The new migration's version; of Django's, APP.NAME.
    pub(crate) version: String,
    /// Its file.
    pub(crate) path: String,
    /// Those in whose place it stands, in order.
    pub(crate) replaces: Vec<String>,
    /// Of Django's: operations that these have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operations_before: Option<u64>,
    /// Of Django's: operations that it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operations: Option<u64>,
    /// Of Django's: whether it runs in one transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) atomic: Option<bool>,
    /// Of `--dry-run`: what would be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
}

impl Record for SquashRecord {
    const TYPE: &'static str = "squash";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("file", Cell::text(&self.path))
                .with("replaces", Cell::Count(self.replaces.len() as u64))
                .with("operations before", Cell::maybe(self.operations_before, Cell::Count))
                .with("operations", Cell::maybe(self.operations, Cell::Count)),
        )
    }
}

/// Code of a replaced migration, which no optimizer can see through.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct CarriedRecord {
    /// The migration, as APP.NAME.
    pub(crate) version: String,
    /// The operation.
    pub(crate) operation: String,
    /// The file.
    pub(crate) file: String,
    /// The line that it begins on.
    pub(crate) line: u64,
    /// What became of it: `kept` as it is, since it is not elidable; `borrowed`: kept, and its function is still the one of the
    /// old file; `left_out`, since it is elidable.
    pub(crate) how: String,
}

impl Record for CarriedRecord {
    const TYPE: &'static str = "carried";
    fn row(&self) -> Option<Row> {
        let how = match self.how.as_str() {
            "left_out" => Cell::Status("left out: elidable".to_owned(), Tone::Quiet),
            "borrowed" => Cell::Status("kept; copy its functions".to_owned(), Tone::Warn),
            _ => Cell::Status("kept: not elidable".to_owned(), Tone::Quiet),
        };
        Some(
            Row::default()
                .with("place", Cell::text(&format!("{}:{}", self.file, self.line)))
                .with("operation", Cell::text(&self.operation))
                .with("in the new file", how),
        )
    }
}

/// A state from which the new migration and those that it replaces have led to the same schema.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct TrialRecord {
    /// The new migration, as APP.NAME.
    pub(crate) version: String,
    /// `nothing`, or the last one of the replaced ones that was applied.
    pub(crate) from: String,
    /// Migrations of the project that ran from there.
    pub(crate) migrations: u64,
    /// Whether the new one was among them.
    pub(crate) squashed: bool,
    /// How long that and the comparison took.
    pub(crate) seconds: f64,
}

impl Record for TrialRecord {
    const TYPE: &'static str = "trial";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("from", Cell::text(&self.from))
                .with("schema", Cell::Status("the same".to_owned(), Tone::Good))
                .with("ran", Cell::Count(self.migrations))
                .with("took", Cell::Seconds(self.seconds)),
        )
    }
}
