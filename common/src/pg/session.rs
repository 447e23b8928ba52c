//! One session on a server: statements and their rows as text.
//!
//! Text only: the server's own output functions are the format of everything the tools keep.
//! A session that failed in the middle of a COPY is not used again; its owner drops it.

use super::dial::{Canceller, Dialed};
use super::target::Target;
use super::text;
use super::wire::{Frame, Wire, server_error};
use crate::error::{Error, Result, ServerError};
use std::collections::BTreeMap;
use std::str::FromStr;

/// One row, each field as text or NULL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(Vec<Option<String>>);

impl Row {
    /// The field at `index`; NULL reads as the empty string.
    pub fn text(&self, index: usize) -> &str {
        self.optional(index).unwrap_or_default()
    }

    /// The field at `index`, `None` when NULL.
    pub fn optional(&self, index: usize) -> Option<&str> {
        self.0.get(index).and_then(Option::as_deref)
    }

    /// The field at `index` as an owned string, `None` when NULL.
    pub fn owned(&self, index: usize) -> Option<String> {
        self.optional(index).map(str::to_owned)
    }

    /// The number at `index`.
    pub fn number<T: FromStr>(&self, index: usize) -> Result<T> {
        self.text(index).parse().map_err(|_| {
            Error::failed(
                "protocol",
                format!("the server sent {:?} where a number was due", self.text(index)),
            )
        })
    }

    /// What its values weigh.
    pub fn bytes(&self) -> u64 {
        self.0.iter().flatten().map(|value| value.len() as u64).sum()
    }

    /// Whether the field at `index` is true.
    pub fn is_true(&self, index: usize) -> bool {
        self.text(index) == "t"
    }
}

/// One session on a server.
pub struct Session {
    pub(super) wire: Wire,
    parameters: BTreeMap<String, String>,
    pid: i32,
    canceller: Canceller,
    target: Target,
    /// Whether the server is at work for us.
    busy: bool,
    /// Who hears what the server says beside its answers.
    listener: Option<Listener>,
}

/// Hears the server's notices and warnings.
type Listener = Box<dyn FnMut(ServerError) + Send>;

impl Session {
    /// Connects to `target`.
    pub fn open(target: &Target) -> Result<Self> {
        let dialed = target.dial()?;
        let target = target.pinned_to(&dialed);
        let Dialed { wire, parameters, pid, canceller, .. } = dialed;
        Ok(Self { wire, parameters, pid, canceller, target, busy: false, listener: None })
    }

    /// The target, narrowed to the very host that answered.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The process ID that the server (or a pooler in between) gave at start-up.
    pub fn announced_pid(&self) -> i32 {
        self.pid
    }

    /// Cancels what this session does, from another thread.
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    /// A parameter that the server reports, such as `server_version` or `server_encoding`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// The server's major version; the highest number when it does not tell.
    pub fn major(&self) -> u32 {
        let version = self.parameter("server_version").unwrap_or_default();
        let digits = version.split(|character: char| !character.is_ascii_digit()).next();
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(u32::MAX)
    }

    /// Asks `stop` about twice a second while waiting for the server.
    pub fn stop_when(&mut self, stop: fn() -> bool) -> Result<()> {
        self.wire.stop_when(stop)
    }

    /// Gives the server's notices and warnings to `listener` from now on; without one they are dropped.
    pub fn listen(&mut self, listener: impl FnMut(ServerError) + Send + 'static) {
        self.listener = Some(Box::new(listener));
    }

    /// Runs one or more statements and drops their rows.
    pub fn execute(&mut self, sql: &str) -> Result<()> {
        self.query(sql).map(drop)
    }

    /// Runs one or more statements; all their rows, one after another.
    pub fn query(&mut self, sql: &str) -> Result<Vec<Row>> {
        self.send_query(sql)?;
        self.collect()
    }

    /// Runs one statement; each row goes to `take` with the names of its columns, and none is kept.
    pub fn each(&mut self, sql: &str, mut take: impl FnMut(&[String], &Row) -> Result<()>) -> Result<()> {
        self.send_query(sql)?;
        let mut names = Vec::new();
        let mut failure = None;
        loop {
            let frame = self.next_frame(&mut failure)?;
            match frame.tag {
                b'T' => names = column_names(self.wire.body(frame))?,
                // What was not wanted any more is read to its end: the session stays fit for use.
                b'D' if failure.is_none() => {
                    failure = row(self.wire.body(frame)).and_then(|row| take(&names, &row)).err();
                }
                b'E' => {
                    let error = Error::server(server_error(self.wire.body(frame)));
                    failure = failure.or(Some(error));
                }
                b'Z' => {
                    self.is_idle();
                    return failure.map_or(Ok(()), Err);
                }
                _ => self.note(frame),
            }
        }
    }

    /// Runs one statement with parameters, each as text or NULL.
    pub fn query_with(&mut self, sql: &str, parameters: &[Option<&str>]) -> Result<Vec<Row>> {
        let sql = text::encode(sql);
        message(self.wire.output(), b'P', |body| {
            body.push(0);
            body.extend_from_slice(&sql);
            body.extend_from_slice(&[0, 0, 0]);
        });
        message(self.wire.output(), b'B', |body| {
            body.extend_from_slice(&[0, 0, 0, 0]);
            body.extend_from_slice(&u16::try_from(parameters.len()).unwrap_or(u16::MAX).to_be_bytes());
            for parameter in parameters {
                match parameter {
                    None => body.extend_from_slice(&(-1_i32).to_be_bytes()),
                    Some(value) => {
                        let value = text::encode(value);
                        body.extend_from_slice(&length(value.len()));
                        body.extend_from_slice(&value);
                    }
                }
            }
            body.extend_from_slice(&[0, 0]);
        });
        message(self.wire.output(), b'E', |body| body.extend_from_slice(&[0, 0, 0, 0, 0]));
        message(self.wire.output(), b'S', |_| {});
        self.busy = true;
        self.wire.flush()?;
        self.collect()
    }

    /// The only row of a statement that must give one.
    pub fn query_one(&mut self, sql: &str) -> Result<Row> {
        let mut rows = self.query(sql)?;
        match (rows.pop(), rows.len()) {
            (Some(row), 0) => Ok(row),
            (_, count) => {
                Err(Error::failed("protocol", format!("a statement that gives one row gave {}", count + 1))
                    .cause(sql))
            }
        }
    }

    pub(super) fn send_query(&mut self, sql: &str) -> Result<()> {
        self.send_bytes(&text::encode(sql))
    }

    pub(super) fn send_bytes(&mut self, sql: &[u8]) -> Result<()> {
        message(self.wire.output(), b'Q', |body| {
            body.extend_from_slice(sql);
            body.push(0);
        });
        self.busy = true;
        self.wire.flush()
    }

    /// The server is at work from now on.
    pub(super) fn is_busy(&mut self) {
        self.busy = true;
    }

    /// The server is done with what it was asked.
    pub(super) fn is_idle(&mut self) {
        self.busy = false;
    }

    /// The next message of an exchange that has failed, perhaps. A server that hangs up says why first.
    pub(super) fn next_frame(&mut self, failure: &mut Option<Error>) -> Result<Frame> {
        self.wire.read().map_err(|error| match failure.take() {
            Some(why) if error.code() == "connection_lost" => why,
            _ => error,
        })
    }

    /// Why the server hung up, when it said so before.
    pub(super) fn why(&mut self, lost: Error) -> Error {
        if lost.code() != "connection_lost" {
            return lost;
        }
        self.collect().err().filter(|error| error.server_error().is_some()).unwrap_or(lost)
    }

    /// Reads to the end of an exchange in which `error` came; the error of the exchange.
    pub(super) fn failed(&mut self, error: Error) -> Error {
        match self.collect() {
            Err(stopped) if stopped.code() == "interrupted" => stopped,
            _ => error,
        }
    }

    /// Reads to the end of the exchange: all rows, or the first error.
    pub(super) fn collect(&mut self) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        let mut failure = None;
        loop {
            let frame = self.next_frame(&mut failure)?;
            match frame.tag {
                b'D' => rows.push(row(self.wire.body(frame))?),
                b'E' => {
                    failure = failure.or_else(|| Some(Error::server(server_error(self.wire.body(frame)))));
                }
                b'G' => {
                    message(self.wire.output(), b'f', |body| body.extend_from_slice(b"no data was meant\0"));
                }
                b'Z' => {
                    self.is_idle();
                    return failure.map_or(Ok(rows), Err);
                }
                _ => self.note(frame),
            }
            if frame.tag == b'G' {
                self.wire.flush()?;
            }
        }
    }

    /// Takes what may come at any time: reported parameters, notices.
    pub(super) fn note(&mut self, frame: Frame) {
        if let (b'N', Some(listener)) = (frame.tag, &mut self.listener) {
            listener(server_error(self.wire.body(frame)));
        }
        if frame.tag == b'S' {
            let mut parts = self.wire.body(frame).split(|&byte| byte == 0);
            if let (Some(name), Some(value)) = (parts.next(), parts.next()) {
                self.parameters.insert(text::decode(name), text::decode(value));
            }
        }
    }
}

impl Drop for Session {
    /// A server that is busy notices the end of a session late: an index would be built to its end for nobody.
    fn drop(&mut self) {
        // Neither failure matters: then the server finds out by itself.
        if self.busy {
            drop(self.canceller.cancel());
        } else {
            message(self.wire.output(), b'X', |_| {});
            drop(self.wire.flush());
        }
    }
}

/// Appends one message: its type, its length, and the body that `fill` writes.
pub(super) fn message(output: &mut Vec<u8>, tag: u8, fill: impl FnOnce(&mut Vec<u8>)) {
    output.push(tag);
    let at = output.len();
    output.extend_from_slice(&[0; 4]);
    fill(output);
    let size = length(output.len() - at);
    if let Some(place) = output.get_mut(at..at + 4) {
        place.copy_from_slice(&size);
    }
}

fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes()
}

fn torn() -> Error {
    Error::failed("protocol", "the server sent a torn row")
}

/// Of a `RowDescription`: <https://www.postgresql.org/docs/current/protocol-message-formats.html>
fn column_names(body: &[u8]) -> Result<Vec<String>> {
    /// What follows a name: table, attribute, type, size, modifier, format.
    const REST: usize = 18;
    let (_count, mut rest) = body.split_at_checked(2).ok_or_else(torn)?;
    let mut names = Vec::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|&byte| byte == 0).ok_or_else(torn)?;
        let (name, tail) = rest.split_at_checked(end).ok_or_else(torn)?;
        names.push(text::decode(name));
        rest = tail.get(1 + REST..).ok_or_else(torn)?;
    }
    Ok(names)
}

fn row(body: &[u8]) -> Result<Row> {
    let (count, mut rest) = body.split_at_checked(2).ok_or_else(torn)?;
    let count = u16::from_be_bytes([count[0], count[1]]);
    let mut fields = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let (size, tail) = rest.split_at_checked(4).ok_or_else(torn)?;
        let size = i32::from_be_bytes([size[0], size[1], size[2], size[3]]);
        rest = tail;
        match usize::try_from(size) {
            Err(_) => fields.push(None),
            Ok(size) => {
                let (value, tail) = rest.split_at_checked(size).ok_or_else(torn)?;
                fields.push(Some(text::decode(value)));
                rest = tail;
            }
        }
    }
    Ok(Row(fields))
}
