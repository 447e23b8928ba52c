//! What statements of others answer: sent as the bytes they are, counted, and not kept.

use super::session::{Session, message};
use super::wire::server_error;
use crate::error::{Error, Result};

/// The type OID of `boolean`.
const BOOLEAN: u32 = 16;

/// What a statement answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its rows.
    pub rows: u64,
    /// The type OIDs of its columns; `None` when it is of a kind that gives no rows.
    pub columns: Option<Vec<u32>>,
    /// The first field of its first row, unless it is NULL.
    pub first: Option<Vec<u8>>,
}

impl Answer {
    /// The boolean, when it gave nothing but one: `Some(None)` is NULL.
    pub fn boolean(&self) -> Option<Option<bool>> {
        let only = self.rows == 1 && self.columns.as_deref() == Some(&[BOOLEAN]);
        only.then(|| self.first.as_ref().map(|value| value == b"t"))
    }
}

impl Session {
    /// Runs `sql`, which may be in any encoding, and counts its rows. A COPY fails.
    pub fn ask(&mut self, sql: &[u8]) -> Result<Answer> {
        self.send_bytes(sql)?;
        let mut answer = Answer::default();
        let mut failure = None;
        loop {
            let frame = self.next_frame(&mut failure)?;
            let body = self.wire.body(frame);
            match frame.tag {
                b'T' => answer.columns = Some(types(body)),
                b'D' => {
                    if answer.rows == 0 {
                        answer.first = first_field(body);
                    }
                    answer.rows += 1;
                }
                b'E' => failure = failure.or_else(|| Some(Error::server(server_error(body)))),
                b'G' => {
                    message(self.wire.output(), b'f', |body| body.extend_from_slice(b"no data was meant\0"));
                    self.wire.flush()?;
                }
                b'H' => {
                    let copy =
                        || Error::failed("not_a_query", "COPY … TO STDOUT gives no rows that can be counted");
                    failure = failure.or_else(|| Some(copy()));
                }
                b'Z' => {
                    self.is_idle();
                    return failure.map_or(Ok(answer), Err);
                }
                _ => self.note(frame),
            }
        }
    }
}

/// `RowDescription`: for each column its name, six bytes, its type, and eight more.
fn types(body: &[u8]) -> Vec<u32> {
    let mut rest = body.get(2..).unwrap_or_default();
    let mut types = Vec::new();
    while let Some(name) = rest.iter().position(|byte| *byte == 0) {
        let Some(&[a, b, c, d]) = rest.get(name + 7..name + 11) else { break };
        types.push(u32::from_be_bytes([a, b, c, d]));
        rest = rest.get(name + 19..).unwrap_or_default();
    }
    types
}

/// `DataRow`: the number of fields, and each with its length, which is negative for NULL.
fn first_field(body: &[u8]) -> Option<Vec<u8>> {
    let &[a, b, c, d] = body.get(2..6)? else { return None };
    let length = usize::try_from(i32::from_be_bytes([a, b, c, d])).ok()?;
    body.get(6..6 + length).map(<[u8]>::to_vec)
}
