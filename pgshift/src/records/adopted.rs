//! A migration that another tool applied.

use common::records::{Cell, Record, Row, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// A migration that another tool applied, and that is taken for applied from now on.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct AdoptedRecord {
    /// Its version.
    pub(crate) version: String,
    /// What people call it.
    pub(crate) name: String,
    /// `versioned`, `repeatable` or `baseline`.
    pub(crate) kind: String,
    /// Its file.
    pub(crate) file: String,
    /// How sure it is that the file is what was applied: `checksum` (the tool's own is the file's), `version` (the tool
    /// wrote down nothing else), `before` (it lies before a version up to which everything counts as applied) or
    /// `accepted` (the command line says so).
    pub(crate) proof: String,
    /// When it was applied, as the tool has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) applied_at: Option<String>,
    /// It was in the history before.
    pub(crate) known: bool,
}

impl Record for AdoptedRecord {
    const TYPE: &'static str = "adopted";
    fn row(&self) -> Option<Row> {
        let tone = if self.proof == "checksum" { Tone::Good } else { Tone::Warn };
        Some(
            Row::default()
                .with("version", Cell::text(&self.version))
                .with("name", Cell::text(&self.name))
                .with("proved by", Cell::Status(self.proof.clone(), tone))
                .with("applied at", Cell::maybe(self.applied_at.as_ref(), Cell::text)),
        )
    }
}
