//! A migration of Django's in the place of several, and its trial.

use common::records::{Cell, Record, Row, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// A Django migration that stands for several.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SquashRecord {
    /// The new migration, as APP.NAME.
    pub(crate) version: String,
    /// Its file.
    pub(crate) path: String,
    /// Those in whose place it stands, in order.
    pub(crate) replaces: Vec<String>,
    /// Operations that these have.
    pub(crate) operations_before: u64,
    /// Operations that it has.
    pub(crate) operations: u64,
    /// Whether it runs in one transaction.
    pub(crate) atomic: bool,
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
                .with("operations before", Cell::Count(self.operations_before))
                .with("operations", Cell::Count(self.operations)),
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
