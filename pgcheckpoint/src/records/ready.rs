//! What `ready` says.

use common::records::{Cell, Record, Row, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// The server takes queries.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ReadyRecord {
    /// The server: host and port.
    pub(crate) server: String,
    /// Its version.
    pub(crate) version: String,
    /// `primary` or `standby`.
    pub(crate) role: String,
    /// How often it was tried.
    pub(crate) attempts: u64,
    /// How long it took.
    pub(crate) seconds: f64,
}

/// Why the server is not ready yet; said again when the reason changes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Waiting {
    /// The server: host and port.
    pub(crate) server: String,
    /// Stable: programs decide by it.
    pub(crate) code: String,
    /// For people.
    pub(crate) message: String,
    /// The way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
}

impl Record for ReadyRecord {
    const TYPE: &'static str = "ready";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("server", Cell::Status(self.server.clone(), Tone::Good))
                .with("version", Cell::text(&self.version))
                .with("role", Cell::text(&self.role))
                .with("after", Cell::Seconds(self.seconds)),
        )
    }
}

impl Record for Waiting {
    const TYPE: &'static str = "waiting";
    /// None: people read it on stderr.
    fn row(&self) -> Option<Row> {
        None
    }
}
