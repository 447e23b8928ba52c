//! The record types that all tools share. Dumb and owned: a change here changes what users read.

use super::{Record, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Done, equal, healthy: exit code 0.
    Ok,
    /// The honest "no": exit code 1.
    No,
    /// Wrongly asked, or it could not be done: exit code 2 or 3.
    #[default]
    Error,
    /// What came before did not succeed, or a condition is not met: exit code 4.
    Refused,
    /// Stopped half-way: exit code 5, or 128 and the signal's number.
    Interrupted,
}

/// What the runner fills into a tool's result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// What the process exits with.
    pub exit_code: u8,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// The first record of a run.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Start {
    /// The subcommand, such as `create`. The arguments are not told: they may hold what others shall not read.
    pub command: String,
    /// The version of the tool.
    pub version: String,
}

/// Something that the reader should know and that did not stop the work.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// Stable, snake case: programs decide by it.
    pub code: String,
    /// For people.
    pub message: String,
    /// What it is about, such as a table's quoted name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Why the work stopped, or why a part of it could not be done.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ErrorRecord {
    /// Stable, snake case: programs decide by it.
    pub code: String,
    /// For people: what failed, then why. Causes after the first are on lines of their own.
    pub message: String,
    /// What it is about, such as a table's quoted name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The server's SQLSTATE, when the server said no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sqlstate: Option<String>,
    /// The way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// How far the work is; at most one a second, and only when asked for.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Progress {
    /// What is being done, such as `copy`.
    pub phase: String,
    /// Bytes that are done.
    pub bytes_done: u64,
    /// Bytes in all, when they are known; an estimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_total: Option<u64>,
    /// Rows that are done.
    pub rows_done: u64,
    /// Since the phase began.
    pub seconds: f64,
}

impl Warning {
    /// A warning with a stable `code` and a lowercase `message` without a full stop.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), object: None, hint: None }
    }

    /// Says what it is about.
    #[must_use]
    pub fn object(mut self, object: &(impl ToString + ?Sized)) -> Self {
        self.object = Some(object.to_string());
        self
    }

    /// Says the way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl ErrorRecord {
    /// Says what it is about.
    #[must_use]
    pub fn object(mut self, object: &(impl ToString + ?Sized)) -> Self {
        self.object = Some(object.to_string());
        self
    }
}

impl From<&crate::error::Error> for ErrorRecord {
    fn from(error: &crate::error::Error) -> Self {
        Self {
            code: error.code().to_owned(),
            message: error.to_string(),
            object: None,
            sqlstate: error.sqlstate().map(str::to_owned),
            hint: error.advice().map(str::to_owned),
        }
    }
}

impl Record for Start {
    const TYPE: &'static str = "start";
    fn row(&self) -> Option<Row> {
        None
    }
}

impl Record for Warning {
    const TYPE: &'static str = "warning";
    /// None: people read it on stderr.
    fn row(&self) -> Option<Row> {
        None
    }
}

impl Record for ErrorRecord {
    const TYPE: &'static str = "error";
    /// None: people read it on stderr.
    fn row(&self) -> Option<Row> {
        None
    }
}

impl Record for Progress {
    const TYPE: &'static str = "progress";
    /// None: people see a bar.
    fn row(&self) -> Option<Row> {
        None
    }
}
