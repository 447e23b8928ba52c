//! The JSON Lines that the tools write and read: wire types, writer, reader, schemas.
//!
//! Knows no PostgreSQL, no store and no command line. Nothing else in the project makes or reads JSON Lines,
//! and nothing here decides what is reported: work does.

mod csv;
pub mod human;
mod reader;
mod row;
mod schema;
mod table;
mod types;
mod upstream;
mod writer;

pub use csv::CsvField;
pub use reader::{Envelope, Line, Reader};
pub use row::{Cell, Row, Tone};
pub use schema::Registry;
pub use table::Look;
pub use types::{ErrorRecord, Outcome, Progress, Start, Status, Warning};
pub use upstream::Upstream;
pub use writer::{Data, Failure, Format, Writer};

use crate::error::Error;

/// The version of the envelope and of what its fields mean. Readers refuse a newer one.
pub const VERSION: u32 = 1;

/// The type of the last record of every run.
pub const RESULT: &str = "result";

/// One thing that a tool says: a flat struct of text, numbers and booleans.
///
/// Fields that may be absent carry `#[serde(skip_serializing_if = "Option::is_none")]`. No field is named like one of
/// the envelope's (`v`, `tool`, `type`, `time`, `run`), and none holds a secret.
pub trait Record: serde::Serialize + schemars::JsonSchema {
    /// The `type` of its lines, snake case.
    const TYPE: &'static str;

    /// The head of its lines of CSV; empty for records that have no such form.
    const CSV: &'static [&'static str] = &[];

    /// How a person sees it on a terminal; `None` when only programs see it.
    fn row(&self) -> Option<Row>;

    /// Its lines of CSV, each with the fields that [`Record::CSV`] names.
    fn csv(&self) -> Vec<Vec<CsvField>> {
        Vec::new()
    }
}

/// The one last record of a run: each tool's own flat struct with these three fields in it.
pub trait ResultRecord: Record + Default + Send {
    /// Fills in `status`, `exit_code` and `seconds`.
    fn set_outcome(&mut self, outcome: Outcome);

    /// Everything in one of the formats that [`Format::is_page`] is true of, and the exit code when that format has rules
    /// of its own. `error` is why the run ended without its answer.
    fn page(&self, format: Format, error: Option<&Error>) -> Option<Page> {
        let _ = (format, error);
        None
    }
}

/// All that stdout shows of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The text.
    pub text: String,
    /// What the process exits with, when the format says so.
    pub exit_code: Option<u8>,
}
