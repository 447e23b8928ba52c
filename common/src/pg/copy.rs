//! Rows in COPY text format, out of a table and into one.
//!
//! Outwards a row is a slice of the connection's buffer. A stream that ends early, or whose count differs from
//! the server's, is an error: it never passes for a whole one.

use super::session::{Session, message};
use super::text;
use super::wire::server_error;
use crate::error::{Error, Result};

/// How much is gathered before it is sent.
const SEND: usize = 256 << 10;

/// A COPY … TO STDOUT under way.
pub struct CopyOut<'a> {
    session: &'a mut Session,
    rows: u64,
    done: bool,
}

/// A COPY … FROM STDIN under way. Unless [`CopyIn::finish`] is called, nothing is kept.
pub struct CopyIn<'a> {
    session: &'a mut Session,
    open: bool,
}

impl Session {
    /// Starts `sql`, whose last statement is a COPY … TO STDOUT.
    pub fn copy_out(&mut self, sql: &str) -> Result<CopyOut<'_>> {
        self.start_copy(&text::encode(sql), b'H')?;
        Ok(CopyOut { session: self, rows: 0, done: false })
    }

    /// Starts `sql`, whose last statement is a COPY … FROM STDIN.
    pub fn copy_in(&mut self, sql: &str) -> Result<CopyIn<'_>> {
        self.copy_in_bytes(&text::encode(sql))
    }

    /// The same of a statement that may be in any encoding.
    pub fn copy_in_bytes(&mut self, sql: &[u8]) -> Result<CopyIn<'_>> {
        self.start_copy(sql, b'G')?;
        Ok(CopyIn { session: self, open: true })
    }

    fn start_copy(&mut self, sql: &[u8], answer: u8) -> Result<()> {
        self.send_bytes(sql)?;
        loop {
            let frame = self.wire.read()?;
            match frame.tag {
                tag if tag == answer => return Ok(()),
                b'E' => {
                    let error = Error::server(server_error(self.wire.body(frame)));
                    return Err(self.failed(error));
                }
                b'Z' => {
                    self.is_idle();
                    return Err(Error::failed("protocol", "the server did not start the COPY"));
                }
                _ => self.note(frame),
            }
        }
    }
}

impl CopyOut<'_> {
    /// The next row with its newline, or `None` at the proper end.
    pub fn next_row(&mut self) -> Result<Option<&[u8]>> {
        if self.done {
            return Ok(None);
        }
        loop {
            let frame = self.session.wire.read()?;
            match frame.tag {
                b'd' => {
                    self.rows += 1;
                    return Ok(Some(self.session.wire.body(frame)));
                }
                b'c' => return self.end().map(|()| None),
                b'E' => {
                    self.done = true;
                    let error = Error::server(server_error(self.session.wire.body(frame)));
                    return Err(self.session.failed(error));
                }
                _ => self.session.note(frame),
            }
        }
    }

    fn end(&mut self) -> Result<()> {
        self.done = true;
        let counted = self.session.copy_count()?;
        if counted == self.rows {
            return Ok(());
        }
        Err(Error::failed(
            "protocol",
            format!("{} rows arrived of the {counted} that the server sent", self.rows),
        ))
    }
}

impl CopyIn<'_> {
    /// Sends whole rows.
    pub fn write(&mut self, rows: &[u8]) -> Result<()> {
        for part in rows.chunks(SEND) {
            let output = self.session.wire.output();
            message(output, b'd', |body| body.extend_from_slice(part));
            if output.len() >= SEND {
                self.session.wire.flush().map_err(|lost| self.session.why(lost))?;
            }
        }
        Ok(())
    }

    /// Ends the COPY; the number of rows that the server took.
    pub fn finish(mut self) -> Result<u64> {
        self.open = false;
        message(self.session.wire.output(), b'c', |_| {});
        self.session.wire.flush().map_err(|lost| self.session.why(lost))?;
        self.session.copy_count()
    }
}

impl Drop for CopyIn<'_> {
    fn drop(&mut self) {
        if self.open {
            message(self.session.wire.output(), b'f', |body| body.extend_from_slice(b"the sender gave up\0"));
            // The error of this statement is the one that made the sender give up.
            drop(self.session.wire.flush().and_then(|()| self.session.collect()));
        }
    }
}

impl Session {
    /// Reads to the end of the exchange; the row count of the COPY's command tag.
    fn copy_count(&mut self) -> Result<u64> {
        let mut count = None;
        let mut failure = None;
        loop {
            let frame = self.next_frame(&mut failure)?;
            let body = self.wire.body(frame);
            match frame.tag {
                b'C' => count = body.strip_prefix(b"COPY ").and_then(number).or(count),
                b'E' => failure = failure.or_else(|| Some(Error::server(server_error(body)))),
                b'Z' => {
                    self.is_idle();
                    break;
                }
                _ => self.note(frame),
            }
        }
        match (failure, count) {
            (Some(error), _) => Err(error),
            (None, Some(count)) => Ok(count),
            (None, None) => {
                Err(Error::failed("protocol", "the server did not say how many rows the COPY had"))
            }
        }
    }
}

fn number(tag: &[u8]) -> Option<u64> {
    std::str::from_utf8(tag.strip_suffix(b"\0")?).ok()?.parse().ok()
}
