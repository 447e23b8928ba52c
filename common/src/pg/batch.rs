//! Statements of others that are sent together, in the extended protocol: after the first error the server skips the
//! rest of them, so that none runs that was meant to run after one that failed.
//!
//! Not for COPY, and not for several statements in one text. Rows are dropped.

use super::session::{Session, message};
use super::wire::server_error;
use crate::error::{Error, Result};

/// How much is sent before the server's answers are read: less than any socket's buffer holds, so that neither side waits
/// for the other with nobody reading.
const TOGETHER: usize = 8 << 10;

/// Why statements were not all run.
#[derive(Clone, Debug)]
pub struct Broken {
    /// How many of them were done before: the index of the one that failed.
    pub done: usize,
    /// Why.
    pub error: Error,
}

impl Session {
    /// Runs `statements`, each exactly one, in any encoding; the command tag of the last one.
    pub fn run_all(&mut self, statements: &[&[u8]]) -> std::result::Result<String, Broken> {
        let mut run = Run { session: self, done: 0, tag: String::new(), failure: None };
        let mut sent = 0;
        let mut waiting = 0;
        for statement in statements {
            if sent > 0 && sent + statement.len() > TOGETHER {
                run.exchange(b'H', waiting).map_err(|error| Broken { done: run.done, error })?;
                (sent, waiting) = (0, 0);
                if run.failure.is_some() {
                    break;
                }
            }
            run.put(statement);
            sent += statement.len() + 32;
            waiting += 1;
        }
        run.exchange(b'S', waiting).map_err(|error| Broken { done: run.done, error })?;
        let Run { done, tag, failure, .. } = run;
        failure.map_or(Ok(tag), |error| Err(Broken { done, error }))
    }
}

struct Run<'a> {
    session: &'a mut Session,
    done: usize,
    tag: String,
    failure: Option<Error>,
}

impl Run<'_> {
    /// Parse, Bind, Execute: <https://www.postgresql.org/docs/current/protocol-message-formats.html>
    fn put(&mut self, statement: &[u8]) {
        let output = self.session.wire.output();
        message(output, b'P', |body| {
            body.push(0);
            body.extend_from_slice(statement);
            body.extend_from_slice(&[0, 0, 0]);
        });
        message(output, b'B', |body| body.extend_from_slice(&[0; 8]));
        message(output, b'E', |body| body.extend_from_slice(&[0; 5]));
    }

    /// Sends with a Flush or a Sync, and reads until the statements that wait are done, or all is over.
    fn exchange(&mut self, end: u8, waiting: usize) -> Result<()> {
        message(self.session.wire.output(), end, |_| {});
        self.session.is_busy();
        self.session.wire.flush().map_err(|lost| self.session.why(lost))?;
        let until = self.done + waiting;
        while end == b'S' || (self.done < until && self.failure.is_none()) {
            let frame = self.session.next_frame(&mut self.failure)?;
            let body = self.session.wire.body(frame);
            match frame.tag {
                b'C' => {
                    self.tag = String::from_utf8_lossy(body.strip_suffix(b"\0").unwrap_or(body)).into_owned();
                    self.done += 1;
                }
                // An empty statement.
                b'I' => self.done += 1,
                b'E' => {
                    let error = Error::server(server_error(body));
                    self.failure.get_or_insert(error);
                }
                // The server takes all that follows for rows: this session is of no more use.
                b'G' => {
                    return Err(Error::failed("protocol", "COPY … FROM STDIN was sent together with others"));
                }
                b'Z' => {
                    self.session.is_idle();
                    return Ok(());
                }
                _ => self.session.note(frame),
            }
        }
        Ok(())
    }
}
