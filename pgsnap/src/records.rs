//! What pgsnap says. Dumb wire types: a change here changes what users read.

use common::format::attestation::Attestation;
use common::records::human::minute;
use common::records::{Cell, Outcome, Record, ResultRecord, Row, Status, Tone};
use schemars::JsonSchema;
use serde::Serialize;

mod retention;

pub(crate) use retention::{Database, Forgotten, Kept};

/// The last record of every run.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct SnapResult {
    /// How it ended.
    pub(crate) status: Status,
    /// What the process exits with.
    pub(crate) exit_code: u8,
    /// How long it took.
    pub(crate) seconds: f64,
    /// The store: its directory or URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) store: Option<String>,
    /// The store that snapshots were copied into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
    /// The snapshot; the last one when several were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) snapshot: Option<String>,
    /// How many snapshots were made, listed, checked or copied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) snapshots: Option<u64>,
    /// The directory or the file that was exported to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exported_to: Option<String>,
    /// The database that was read, or written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database: Option<String>,
    /// The source cluster's system identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) system_identifier: Option<String>,
    /// Where in the write-ahead log the snapshot was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lsn: Option<String>,
    /// Tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tables: Option<u64>,
    /// Rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<u64>,
    /// Bytes of the rows as COPY text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
    /// Blocks written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) blocks_new: Option<u64>,
    /// Blocks that the store had already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) blocks_reused: Option<u64>,
    /// Bytes written to the store; of `status`, bytes of all its blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stored_bytes: Option<u64>,
    /// Blocks read and judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) blocks_checked: Option<u64>,
    /// Blocks in the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) blocks: Option<u64>,
    /// Snapshots that were judged and stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kept: Option<u64>,
    /// Snapshots that are gone, or would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) forgotten: Option<u64>,
    /// Blocks that were removed, or would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) blocks_removed: Option<u64>,
    /// Their bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes_removed: Option<u64>,
    /// Whether nothing was done but told what would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dry_run: Option<bool>,
    /// Objects left out, each with a record of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) skipped: Option<u64>,
    /// How often a reader waited for the sake of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pauses: Option<u64>,
    /// Whether everything was read back and found equal; absent when nothing was compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proved: Option<bool>,
    /// Things found to differ or damaged, each with a record of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) differences: Option<u64>,
}

/// A table's rows are read, or written, or shown.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "a record is flat, and its fields speak for themselves in jq")]
pub(crate) struct Table {
    /// Its schema.
    pub(crate) schema: String,
    /// Its name.
    pub(crate) table: String,
    /// Its rows.
    pub(crate) rows: u64,
    /// Bytes of its rows as COPY text.
    pub(crate) bytes: u64,
    /// Its blocks.
    pub(crate) blocks: u64,
    /// Of these, blocks that other snapshots of the store have as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) blocks_shared: Option<u64>,
    /// Bytes of its blocks as stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stored_bytes: Option<u64>,
    /// The file that it was exported to, below the directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seconds: Option<f64>,
}

/// Large objects are read or written.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct LargeObjects {
    /// How many.
    pub(crate) count: u64,
    /// Bytes of their pieces as COPY text.
    pub(crate) bytes: u64,
}

/// Something that is not in the snapshot.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Skipped {
    /// What.
    pub(crate) object: String,
    /// Why.
    pub(crate) reason: String,
}

/// A snapshot: just made, or listed.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "a record is flat, and its fields speak for themselves in jq")]
pub(crate) struct Snapshot {
    /// Its name.
    pub(crate) snapshot: String,
    /// The store's directory.
    pub(crate) store: String,
    /// When its run began.
    pub(crate) created: String,
    /// The database.
    pub(crate) database: String,
    /// The cluster's system identifier.
    pub(crate) system_identifier: String,
    /// The server's version.
    pub(crate) server_version: String,
    /// Where in the write-ahead log it was taken.
    pub(crate) lsn: String,
    /// Tags, with commas.
    pub(crate) tags: String,
    /// Tables.
    pub(crate) tables: u64,
    /// Rows.
    pub(crate) rows: u64,
    /// Bytes of the rows as COPY text.
    pub(crate) bytes: u64,
    /// Bytes that it added to the store.
    pub(crate) stored_bytes: u64,
    /// How long it took.
    pub(crate) took_seconds: f64,
    /// When `pgverify` looked at it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) verified: Option<String>,
    /// Whether it was then proved to restore to what the source held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proved: Option<bool>,
    /// Whether people are shown the two above: one that was just made can't have been verified.
    #[serde(skip)]
    pub(crate) is_listed: bool,
}

impl Snapshot {
    /// Adds what was found out about it.
    pub(crate) fn attest(&mut self, attestation: Option<&Attestation>) {
        self.is_listed = true;
        self.verified = attestation.map(|attestation| attestation.verified.clone());
        self.proved = attestation.map(|attestation| attestation.proved);
    }

    fn verdict(&self) -> Cell {
        let moment = self.verified.as_deref().map(minute).unwrap_or_default();
        match self.proved {
            None => Cell::Status("no".to_owned(), Tone::Quiet),
            Some(true) => Cell::Status(moment, Tone::Good),
            Some(false) => Cell::Status(format!("{moment} FAILED"), Tone::Bad),
        }
    }
}

/// A part of the restore that is not rows.
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

/// Something differs from what the snapshot holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Difference {
    /// What.
    pub(crate) object: String,
    /// What was expected.
    pub(crate) expected: String,
    /// What was found.
    pub(crate) found: String,
}

/// A block, or a manifest, that is not as it should be.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Damage {
    /// The file, below the store's directory.
    pub(crate) file: String,
    /// What is wrong with it.
    pub(crate) verdict: String,
    /// The snapshots that need it, with commas; the first few.
    pub(crate) snapshots: String,
    /// What it belongs to, with commas; the first few.
    pub(crate) belongs_to: String,
}

/// A snapshot is in another store.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Copied {
    /// Its name.
    pub(crate) snapshot: String,
    /// The database.
    pub(crate) database: String,
    /// The store that has it now.
    pub(crate) to: String,
    /// Whether it was not there before.
    pub(crate) is_new: bool,
    /// Blocks that were copied.
    pub(crate) blocks_new: u64,
    /// Blocks that were there.
    pub(crate) blocks_reused: u64,
    /// Bytes that were copied.
    pub(crate) stored_bytes: u64,
    /// Attestations that were copied.
    pub(crate) attestations: u64,
    /// How long it took.
    pub(crate) seconds: f64,
}

/// Who may read an encrypted store.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Recipient {
    /// The store.
    pub(crate) store: String,
    /// The public key, as age or SSH write it.
    pub(crate) recipient: String,
}

impl ResultRecord for SnapResult {
    fn set_outcome(&mut self, outcome: Outcome) {
        (self.status, self.exit_code, self.seconds) = (outcome.status, outcome.exit_code, outcome.seconds);
    }
}

impl Record for SnapResult {
    const TYPE: &'static str = "result";
    fn row(&self) -> Option<Row> {
        let mut row = Row::default();
        // A snapshot that was made, restored or shown is named; of several, the number is told.
        let snapshots = self.snapshots.filter(|_| self.snapshot.is_none());
        let checked = self.blocks_checked;
        for (heading, count) in
            [("snapshots", snapshots), ("blocks read", checked), ("tables", self.tables), ("rows", self.rows)]
        {
            if let Some(count) = count {
                row = row.with(heading, Cell::Count(count));
            }
        }
        let counts = [("kept", self.kept), ("forgotten", self.forgotten), ("blocks", self.blocks)];
        for (heading, count) in counts.into_iter().chain([("blocks removed", self.blocks_removed)]) {
            if let Some(count) = count {
                row = row.with(heading, Cell::Count(count));
            }
        }
        if let Some(bytes) = self.bytes_removed {
            row = row.with("freed", Cell::Bytes(bytes));
        }
        if let Some(bytes) = self.bytes {
            row = row.with("data", Cell::Bytes(bytes));
        }
        if let (Some(new), Some(reused)) = (self.blocks_new, self.blocks_reused) {
            row = row.with("new blocks", Cell::Count(new)).with("reused", Cell::Count(reused));
        }
        if let Some(stored) = self.stored_bytes {
            let heading = if self.blocks.is_some() { "stored" } else { "written" };
            row = row.with(heading, Cell::Bytes(stored));
        }
        if let Some(proved) = self.proved {
            let (word, tone) = if proved { ("equal", Tone::Good) } else { ("differs", Tone::Bad) };
            row = row.with("proof", Cell::Status(word.to_owned(), tone));
        }
        if let (Some(_), Some(damaged)) = (checked, self.differences) {
            let (word, tone) = if damaged == 0 { ("sound", Tone::Good) } else { ("damaged", Tone::Bad) };
            row = row.with("store", Cell::Status(word.to_owned(), tone));
        }
        Some(row.with("took", Cell::Seconds(self.seconds)))
    }
}

impl Record for Table {
    const TYPE: &'static str = "table";
    fn row(&self) -> Option<Row> {
        let row = Row::default()
            .with("schema", Cell::text(&self.schema))
            .with("table", Cell::text(&self.table))
            .with("rows", Cell::Count(self.rows))
            .with("data", Cell::Bytes(self.bytes))
            .with("blocks", Cell::Count(self.blocks));
        let row = match self.blocks_shared {
            Some(shared) => row.with("shared", Cell::Count(shared)),
            None => row,
        };
        let row = match self.stored_bytes {
            Some(stored) => row.with("stored", Cell::Bytes(stored)),
            None => row,
        };
        let row = match &self.file {
            Some(file) => row.with("file", Cell::text(file)),
            None => row,
        };
        Some(match self.seconds {
            Some(seconds) => row.with("took", Cell::Seconds(seconds)),
            None => row,
        })
    }
}

impl Record for LargeObjects {
    const TYPE: &'static str = "large_objects";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("large objects", Cell::Count(self.count))
                .with("data", Cell::Bytes(self.bytes)),
        )
    }
}

impl Record for Skipped {
    const TYPE: &'static str = "skipped";
    fn row(&self) -> Option<Row> {
        Some(Row::default().with("left out", Cell::text(&self.object)).with("why", Cell::text(&self.reason)))
    }
}

impl Record for Snapshot {
    const TYPE: &'static str = "snapshot";
    fn row(&self) -> Option<Row> {
        let row = Row::default()
            .with("snapshot", Cell::text(&self.snapshot))
            .with("database", Cell::text(&self.database))
            .with("taken", Cell::text(&minute(&self.created)))
            .with("server", Cell::text(self.server_version.split(' ').next().unwrap_or_default()))
            .with("tables", Cell::Count(self.tables))
            .with("rows", Cell::Count(self.rows))
            .with("data", Cell::Bytes(self.bytes))
            .with("added", Cell::Bytes(self.stored_bytes))
            .with("took", Cell::Seconds(self.took_seconds));
        let row = if self.is_listed { row.with("verified", self.verdict()) } else { row };
        Some(row.with("tags", Cell::text(&self.tags)))
    }
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

impl Record for Difference {
    const TYPE: &'static str = "difference";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("differs", Cell::Status(self.object.clone(), Tone::Bad))
                .with("expected", Cell::text(&self.expected))
                .with("found", Cell::text(&self.found)),
        )
    }
}

impl Record for Recipient {
    const TYPE: &'static str = "recipient";
    fn row(&self) -> Option<Row> {
        Some(Row::default().with("may read", Cell::text(&self.recipient)))
    }
}

impl Record for Damage {
    const TYPE: &'static str = "damage";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("file", Cell::text(&self.file))
                .with("is", Cell::Status(self.verdict.clone(), Tone::Bad))
                .with("belongs to", Cell::text(&self.belongs_to)),
        )
    }
}

impl Record for Copied {
    const TYPE: &'static str = "copied";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("snapshot", Cell::text(&self.snapshot))
                .with("database", Cell::text(&self.database))
                .with("new blocks", Cell::Count(self.blocks_new))
                .with("reused", Cell::Count(self.blocks_reused))
                .with("copied", Cell::Bytes(self.stored_bytes))
                .with("attestations", Cell::Count(self.attestations))
                .with("took", Cell::Seconds(self.seconds)),
        )
    }
}
