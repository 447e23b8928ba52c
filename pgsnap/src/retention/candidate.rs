//! A snapshot, as far as retention looks at it: without its blocks, since there may be many of both.

use common::error::{Error, Result};
use common::format::id::SnapshotId;
use common::format::outline::Outline;

/// A snapshot that may stay or go.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) id: SnapshotId,
    pub(crate) created: jiff::Timestamp,
    pub(crate) database: String,
    pub(crate) system_identifier: String,
    /// Tells snapshots of different parts of a database apart; empty when it is of the whole.
    pub(crate) part: String,
    pub(crate) is_whole: bool,
    pub(crate) tags: Vec<String>,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) stored_new: u64,
}

impl TryFrom<Outline> for Candidate {
    type Error = Error;

    fn try_from(outline: Outline) -> Result<Self> {
        let created = outline.created.parse().map_err(|error: jiff::Error| {
            Error::failed("damaged", format!("snapshot {} has no proper time", outline.id))
                .cause(error.to_string())
        })?;
        Ok(Self {
            id: outline.id,
            created,
            database: outline.source.database,
            system_identifier: outline.source.system_identifier,
            part: outline.part,
            is_whole: outline.whole,
            tags: outline.tags,
            rows: outline.rows,
            bytes: outline.bytes,
            stored_new: outline.stored_new,
        })
    }
}
