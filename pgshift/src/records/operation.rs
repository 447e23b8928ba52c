//! An operation of a Django migration that was run.

use common::records::{Record, Row};
use schemars::JsonSchema;
use serde::Serialize;

/// An operation of a Django migration that was run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct OperationRecord {
    /// The migration, as APP.NAME.
    pub(crate) version: String,
    /// Its number in the migration, from 1; one more than there are stands for what they have put off to the end.
    pub(crate) operation: u32,
    /// What Django calls it, such as `RunPython`.
    pub(crate) kind: String,
    /// What it does.
    pub(crate) text: String,
    /// The file.
    pub(crate) file: String,
    /// The line that it begins on.
    pub(crate) line: u64,
    /// Whether it ran in a transaction.
    pub(crate) transaction: bool,
    /// How long it took.
    pub(crate) seconds: f64,
    /// Statements that it ran.
    pub(crate) statements: u64,
    /// The most memory that the project's process has had by its end, and while it ran where that can be told.
    pub(crate) memory_bytes: u64,
    /// Statements that it ran often: the first ten of each are told one by one under `--trace`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) repeated: Vec<RepeatedStatement>,
}

/// A statement that an operation ran often.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RepeatedStatement {
    /// The statement, without values.
    pub(crate) sql: String,
    /// How often it ran.
    pub(crate) times: u64,
    /// How long all of that took, the first ten aside.
    pub(crate) seconds: f64,
}

impl Record for OperationRecord {
    const TYPE: &'static str = "operation";
    /// None: people see the migration.
    fn row(&self) -> Option<Row> {
        None
    }
}
