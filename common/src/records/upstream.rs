//! All that came from the tools before this one, and whether they succeeded.

use super::reader::{Line, Reader};
use super::{ErrorRecord, RESULT, Record, Start, Status};
use crate::error::{Error, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::io::BufRead;

/// A stream of records that was read to its end.
#[derive(Clone, Debug, Default)]
pub struct Upstream {
    lines: Vec<Line>,
}

/// What all results have in common.
#[derive(Deserialize)]
struct End {
    status: Status,
    exit_code: u8,
}

impl Upstream {
    /// Reads to the end. `each` sees every line as soon as it is there, to pass it on.
    pub fn read(input: impl BufRead, mut each: impl FnMut(&Line)) -> Result<Self> {
        let mut lines = Vec::new();
        for line in Reader::new(input) {
            let line = line?;
            each(&line);
            lines.push(line);
        }
        Ok(Self { lines })
    }

    /// Every record, in order, known or not.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The last record of this tool and type.
    pub fn last(&self, tool: &str, kind: &str) -> Option<&Line> {
        self.lines.iter().rev().find(|line| line.is(tool, kind))
    }

    /// The records of this tool and type.
    pub fn all<T: DeserializeOwned>(&self, tool: &str, kind: &str) -> Result<Vec<T>> {
        self.lines.iter().filter(|line| line.is(tool, kind)).map(Line::decode).collect()
    }

    /// The last record, which says how the tool right before this one ended.
    ///
    /// Refuses a stream that was cut off: one that is empty, that does not end with a result, or in which a run began
    /// that has none.
    pub fn last_result(&self) -> Result<&Line> {
        let is = |line: &&Line, kind: &str| line.envelope().r#type == kind;
        let last = self.lines.last().ok_or_else(|| {
            cut_off("nothing came in on stdin")
                .hint("`-` reads the records that the tool before it writes to stdout")
        })?;
        let ended: BTreeSet<_> =
            self.lines.iter().filter(|line| is(line, RESULT)).map(|l| &l.envelope().run).collect();
        let mut begun = self.lines.iter().filter(|line| is(line, Start::TYPE));
        let open = begun.find(|line| !ended.contains(&line.envelope().run));
        match open.or(Some(last).filter(|line| !is(line, RESULT))) {
            None => Ok(last),
            Some(line) => Err(cut_off(format!("{} stopped without a result", line.envelope().tool))),
        }
    }

    /// Refuses unless every run that came in ended well.
    pub fn succeeded(&self) -> Result<()> {
        self.last_result()?;
        for line in self.lines.iter().filter(|line| line.envelope().r#type == RESULT) {
            let End { status, exit_code } = line.decode()?;
            if status != Status::Ok || exit_code != 0 {
                let envelope = line.envelope();
                let said = self.lines.iter().rev().find(|error| {
                    error.envelope().run == envelope.run && error.envelope().r#type == ErrorRecord::TYPE
                });
                let refusal = Error::refused(
                    "upstream_failed",
                    format!("{} did not succeed (exit code {exit_code})", envelope.tool),
                );
                return Err(match said.map(Line::decode::<ErrorRecord>) {
                    Some(Ok(error)) => refusal.cause(error.message),
                    _ => refusal,
                });
            }
        }
        Ok(())
    }
}

fn cut_off(message: impl Into<String>) -> Error {
    Error::refused("cut_off", message).cause("the stream was cut off")
}
