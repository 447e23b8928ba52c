//! What `forget`, `sweep` and `status` say.

use crate::retention::Verdict;
use common::format::id::SnapshotId;
use common::records::human::minute;
use common::records::{Cell, Record, Row, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// A snapshot that stays.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Kept {
    /// Its name.
    pub(crate) snapshot: String,
    /// The database.
    pub(crate) database: String,
    /// The cluster's system identifier.
    pub(crate) system_identifier: String,
    /// When its run began.
    pub(crate) created: String,
    /// Tags, with commas.
    pub(crate) tags: String,
    /// Which rules keep it.
    pub(crate) reason: String,
}

/// A snapshot that is gone, or would be.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Forgotten {
    /// Its name.
    pub(crate) snapshot: String,
    /// The database.
    pub(crate) database: String,
    /// The cluster's system identifier.
    pub(crate) system_identifier: String,
    /// When its run began.
    pub(crate) created: String,
    /// Tags, with commas.
    pub(crate) tags: String,
    /// Why.
    pub(crate) reason: String,
}

/// A database, as far as the store knows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "a record is flat, and its fields speak for themselves in jq")]
pub(crate) struct Database {
    /// The database.
    pub(crate) database: String,
    /// The cluster's system identifier.
    pub(crate) system_identifier: String,
    /// Whether these are snapshots of the whole database.
    pub(crate) whole: bool,
    /// How many.
    pub(crate) snapshots: u64,
    /// The newest one.
    pub(crate) newest: String,
    /// When its run began.
    pub(crate) created: String,
    /// How long ago that is.
    pub(crate) age_seconds: f64,
    /// Its rows.
    pub(crate) rows: u64,
    /// Bytes of its rows as COPY text.
    pub(crate) bytes: u64,
    /// The same of the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes_before: Option<u64>,
    /// Bytes that the newest one added to the store.
    pub(crate) stored_bytes: u64,
    /// Bytes that all of them added.
    pub(crate) stored_bytes_all: u64,
    /// The newest one that was proved to restore to what the source held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proved: Option<String>,
    /// How long ago a snapshot was last proved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proof_age_seconds: Option<f64>,
    /// How many were verified and, the last time, found to differ.
    pub(crate) failed: u64,
}

impl From<&Verdict<'_>> for Kept {
    fn from(verdict: &Verdict<'_>) -> Self {
        let Forgotten { snapshot, database, system_identifier, created, tags, reason } = verdict.into();
        Self { snapshot, database, system_identifier, created, tags, reason }
    }
}

impl From<&Verdict<'_>> for Forgotten {
    fn from(verdict: &Verdict<'_>) -> Self {
        Self {
            snapshot: verdict.snapshot.id.to_string(),
            database: verdict.snapshot.database.clone(),
            system_identifier: verdict.snapshot.system_identifier.clone(),
            created: verdict.snapshot.created.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            tags: verdict.snapshot.tags.join(","),
            reason: verdict.reason.clone(),
        }
    }
}

impl Forgotten {
    /// One of which no more than the name could be read.
    pub(crate) fn torn(id: &SnapshotId) -> Self {
        Self {
            snapshot: id.to_string(),
            database: String::new(),
            system_identifier: String::new(),
            created: String::new(),
            tags: String::new(),
            reason: "it was named; its manifest cannot be read".to_owned(),
        }
    }
}

fn row(
    heading: &'static str,
    snapshot: &str,
    database: &str,
    created: &str,
    tags: &str,
    reason: &str,
) -> Row {
    Row::default()
        .with(heading, Cell::text(snapshot))
        .with("database", Cell::text(database))
        .with("taken", Cell::text(&minute(created)))
        .with("tags", Cell::text(tags))
        .with("why", Cell::text(reason))
}

impl Record for Kept {
    const TYPE: &'static str = "kept";
    fn row(&self) -> Option<Row> {
        Some(row("kept", &self.snapshot, &self.database, &self.created, &self.tags, &self.reason))
    }
}

impl Record for Forgotten {
    const TYPE: &'static str = "forgotten";
    fn row(&self) -> Option<Row> {
        Some(row("forgotten", &self.snapshot, &self.database, &self.created, &self.tags, &self.reason))
    }
}

impl Record for Database {
    const TYPE: &'static str = "database";
    fn row(&self) -> Option<Row> {
        let proof = match (self.proof_age_seconds, self.failed) {
            (Some(age), 0) => Cell::Seconds(age),
            (None, 0) => Cell::Status("never".to_owned(), Tone::Warn),
            (_, failed) => Cell::Status(format!("{failed} FAILED"), Tone::Bad),
        };
        let name = if self.whole { self.database.clone() } else { format!("{} (a part)", self.database) };
        Some(
            Row::default()
                .with("database", Cell::text(&name))
                .with("snapshots", Cell::Count(self.snapshots))
                .with("newest", Cell::text(&self.newest))
                .with("age", Cell::Seconds(self.age_seconds))
                .with("data", Cell::Bytes(self.bytes))
                .with("before", Cell::maybe(self.bytes_before, Cell::Bytes))
                .with("added", Cell::Bytes(self.stored_bytes))
                .with("in all", Cell::Bytes(self.stored_bytes_all))
                .with("proved", proof),
        )
    }
}
