//! Reads records in two steps: the envelope first, then the whole line into the struct of its type.
//!
//! Types and fields that it does not know are no error; the raw line stays what it was, to be passed on.
//! Every error names the line.

use super::VERSION;
use crate::error::{Error, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::io::{BufRead, ErrorKind, Read};

/// Longer lines are no records; without a bound, an endless line would take all memory.
const LONGEST: u64 = 64 << 20;

/// What stands first in each record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Envelope {
    /// The version of the envelope.
    pub v: u32,
    /// Who said it.
    pub tool: String,
    /// What it says.
    pub r#type: String,
    /// When: RFC 3339, UTC, milliseconds.
    pub time: String,
    /// In which run.
    pub run: String,
}

/// One record as it was read.
#[derive(Clone, Debug)]
pub struct Line {
    number: u64,
    envelope: Envelope,
    raw: String,
}

impl Line {
    /// Its place in the stream, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Who said it, when, and of what type it is.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The line as it came, without its end.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Whether it is a record of this tool and type.
    pub fn is(&self, tool: &str, kind: &str) -> bool {
        self.envelope.tool == tool && self.envelope.r#type == kind
    }

    /// The record itself. Fields that `T` does not have are skipped.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.raw).map_err(|error| {
            let Envelope { tool, r#type, .. } = &self.envelope;
            bad(
                self.number,
                &format!("is no `{type}` of {tool} that this version understands: {}", reason(&error)),
            )
        })
    }
}

/// Reads lines from a stream of records.
pub struct Reader<R> {
    input: R,
    number: u64,
}

impl<R: BufRead> Reader<R> {
    /// Reads from `input`.
    pub fn new(input: R) -> Self {
        Self { input, number: 0 }
    }

    fn next_line(&mut self) -> Result<Option<Line>> {
        loop {
            let mut bytes = Vec::new();
            let number = self.number + 1;
            let taken = self.input.by_ref().take(LONGEST).read_until(b'\n', &mut bytes);
            match taken {
                Ok(0) => return Ok(None),
                Ok(_) => self.number = number,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => {
                    return Err(Error::io(format!("cannot read line {number} of the records"), &error));
                }
            }
            let whole = bytes.ends_with(b"\n");
            let text = String::from_utf8(bytes).map_err(|_| bad(number, "is not UTF-8"))?;
            let raw = text.trim_end_matches(['\n', '\r']);
            if raw.trim().is_empty() {
                continue;
            }
            return parse(number, raw, whole).map(Some);
        }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_line().transpose()
    }
}

fn parse(number: u64, raw: &str, whole: bool) -> Result<Line> {
    let envelope: Envelope = serde_json::from_str(raw).map_err(|error| {
        if error.is_eof() && !whole {
            bad(number, "was cut off").code_is("cut_off")
        } else {
            bad(number, &format!("is not a record: {}", reason(&error)))
        }
    })?;
    if envelope.v > VERSION {
        let newer =
            format!("is in version {} of the records, and this program knows version {VERSION}", envelope.v);
        return Err(bad(number, &newer).hint("use tools of the same release on both sides of the pipe"));
    }
    Ok(Line { number, envelope, raw: raw.to_owned() })
}

fn bad(number: u64, why: &str) -> Error {
    Error::refused("bad_records", format!("line {number} of the records {why}"))
}

/// What serde says, without its own "line 1": it sees one line at a time.
fn reason(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column ", ", at column ")
}
