//! Writes a recorded run: it is there as a whole, or not at all.

use super::Found;
use crate::file::Staged;
use crate::records::CheckpointResult;
use common::error::{Class, Error, Result};
use common::records::{Failure, Format, Look, Outcome, ResultRecord, Start, Status, Warning, Writer};
use std::path::Path;

/// A recorded run that is being written.
pub(crate) struct Save {
    staged: Staged,
    writer: Writer,
    result: CheckpointResult,
}

impl Save {
    /// Begins one that will be `path`.
    pub(crate) fn begin(path: &Path) -> Result<Self> {
        let (staged, file) = Staged::begin(path)?;
        let writer = Writer::new("pgcheckpoint", Format::Jsonl, Look::default(), Box::new(file), |_| {});
        writer.emit(&Start { command: "run".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() });
        Ok(Self { staged, writer, result: CheckpointResult::default() })
    }

    /// Adds what was found.
    pub(crate) fn put(&mut self, found: &Found) {
        match found {
            Found::Check(record) => {
                self.result.count(record);
                self.writer.emit(record);
            }
            Found::Measure(measure) => self.writer.emit(measure),
            Found::Unmeasured(error) => {
                self.writer.emit(&Warning::new("not_measured", error.to_string()));
            }
        }
    }

    /// Makes it appear.
    pub(crate) fn commit(mut self) -> Result<()> {
        let outcome = Outcome { status: Status::Ok, exit_code: 0, seconds: 0.0 };
        self.result.set_outcome(outcome);
        self.writer.end(&self.result);
        match self.writer.failure() {
            None => self.staged.commit(),
            Some(Failure::Gone) => Err(Error::new(Class::Failed, "io", "the recorded run cannot be written")),
            Some(Failure::Refused(kind, why)) => {
                let error = std::io::Error::new(kind, why);
                Err(Error::io(format!("cannot write {}", self.staged.path().display()), &error))
            }
        }
    }
}
