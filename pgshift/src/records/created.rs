//! A file that was made.

use common::records::{Cell, Record, Row};
use schemars::JsonSchema;
use serde::Serialize;

/// A file that was made, or made anew.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Created {
    /// The file.
    pub(crate) path: String,
    /// The version of the migration that it belongs to.
    pub(crate) version: String,
    /// What it is for: `up`, `down`, `baseline`, `merge`, `squash`, or `sum` for a file that vouches for the others.
    pub(crate) purpose: String,
}

impl Record for Created {
    const TYPE: &'static str = "created";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("made", Cell::text(&self.path))
                .with("version", Cell::text(&self.version))
                .with("for", Cell::text(&self.purpose)),
        )
    }
}
