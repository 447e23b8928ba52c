//! What pgverify says. Dumb wire types: a change here changes what users read.

mod restored;
mod result;
mod row;
mod table;

pub(crate) use restored::RestoredTable;
pub(crate) use result::VerifyResult;
pub(crate) use row::{RowKind, RowRecord, Values};
pub(crate) use table::{Table, Verdict};

use common::records::{Cell, Record, Row, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// A part of the work.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "a record is flat, and its fields speak for themselves in jq")]
pub(crate) struct Step {
    /// What.
    pub(crate) step: String,
    /// How many objects.
    pub(crate) count: u64,
    /// How long it took.
    pub(crate) seconds: f64,
}

/// Something that was not compared.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Skipped {
    /// What.
    pub(crate) object: String,
    /// Why.
    pub(crate) reason: String,
}

/// Something differs. For rows of a table there is a `row` record each when they were asked for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Difference {
    /// What, such as `table "public"."orders"`.
    pub(crate) object: String,
    /// Which of its properties, such as `rows`, `owner` or `definition`.
    pub(crate) property: String,
    /// As it is at the source, or on side A.
    pub(crate) expected: String,
    /// As it is in the copy, or on side B.
    pub(crate) found: String,
}

/// Something differs because the copy's server is of another version: told, and not held against the copy.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct VersionNote {
    /// What.
    pub(crate) object: String,
    /// Which of its properties.
    pub(crate) property: String,
    /// As it is at the source.
    pub(crate) expected: String,
    /// As it is in the copy.
    pub(crate) found: String,
    /// Why the version explains it.
    pub(crate) reason: String,
}

/// Where the copy can be reached, when it is left up.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct CopyRecord {
    /// `PGHOST`: a socket directory, or the server.
    pub(crate) host: String,
    /// `PGPORT`.
    pub(crate) port: u16,
    /// `PGUSER`.
    pub(crate) user: String,
    /// `PGDATABASE`.
    pub(crate) database: String,
    /// The command that removes it.
    pub(crate) remove: String,
}

/// An assertion that was run on the copy.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Check {
    /// Its name: its comment, or its beginning.
    pub(crate) name: String,
    /// Its file.
    pub(crate) file: String,
    /// The line it begins at.
    pub(crate) line: u64,
    /// `passed`, `failed`, or `error` when it could not be run.
    pub(crate) verdict: String,
    /// Rows that it gave, each of them a violation; none for a single boolean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) violations: Option<u64>,
    /// Why it could not be run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// How long it took.
    pub(crate) seconds: f64,
}

impl Record for Step {
    const TYPE: &'static str = "step";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("step", Cell::text(&self.step))
                .with("objects", Cell::Count(self.count))
                .with("took", Cell::Seconds(self.seconds)),
        )
    }
}

impl Record for Skipped {
    const TYPE: &'static str = "skipped";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("not compared", Cell::text(&self.object))
                .with("why", Cell::text(&self.reason)),
        )
    }
}

impl Record for Difference {
    const TYPE: &'static str = "difference";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("differs", Cell::Status(self.object.clone(), Tone::Bad))
                .with("in", Cell::text(&self.property))
                .with("expected", Cell::text(&self.expected))
                .with("found", Cell::text(&self.found)),
        )
    }
}

impl Record for VersionNote {
    const TYPE: &'static str = "version_note";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("other version", Cell::Status(self.object.clone(), Tone::Warn))
                .with("in", Cell::text(&self.property))
                .with("expected", Cell::text(&self.expected))
                .with("found", Cell::text(&self.found)),
        )
    }
}

impl Record for CopyRecord {
    const TYPE: &'static str = "copy";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("host", Cell::text(&self.host))
                .with("port", Cell::text(&self.port))
                .with("user", Cell::text(&self.user))
                .with("database", Cell::text(&self.database))
                .with("remove it with", Cell::text(&self.remove)),
        )
    }
}

impl Record for Check {
    const TYPE: &'static str = "check";
    fn row(&self) -> Option<Row> {
        let tone = if self.verdict == "passed" { Tone::Good } else { Tone::Bad };
        Some(
            Row::default()
                .with("check", Cell::text(&self.name))
                .with("verdict", Cell::Status(self.verdict.clone(), tone))
                .with("violations", Cell::maybe(self.violations, Cell::Count))
                .with("took", Cell::Seconds(self.seconds)),
        )
    }
}
