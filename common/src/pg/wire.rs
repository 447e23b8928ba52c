//! The frontend/backend protocol's frames over a byte stream, read in place from one large buffer.
//!
//! Knows nothing of targets, SQL or authentication; it carries messages. A COPY row is never copied
//! on its way out of the buffer: reading the stream this way costs a third of what a stream of `Bytes` does.

use crate::error::{Class, Error, Result, ServerError};
use std::io::{self, Read, Write};
use std::time::Duration;

/// A byte stream to a server: TCP, Unix socket, with TLS or without.
pub trait Transport: Read + Write + Send {
    /// How long one read may block before it returns `WouldBlock`/`TimedOut`; `None` waits for ever.
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;
}

/// How large the read buffer starts: several of the server's 8 KiB sends at once.
const BUFFER: usize = 256 << 10;

/// One connection's frames in both directions.
pub struct Wire {
    transport: Box<dyn Transport>,
    input: Vec<u8>,
    start: usize,
    end: usize,
    output: Vec<u8>,
    stop: Option<fn() -> bool>,
}

/// One message: its type byte and where its body lies in the buffer until the next read.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The type byte, such as `b'd'` for CopyData.
    pub tag: u8,
    from: usize,
    to: usize,
}

impl Wire {
    /// Frames over `transport`, which has just been opened.
    pub fn new(transport: Box<dyn Transport>) -> Self {
        Self {
            transport,
            input: vec![0; BUFFER],
            start: 0,
            end: 0,
            output: Vec::with_capacity(8 << 10),
            stop: None,
        }
    }

    /// Asks `stop` about twice a second while waiting for the server; `true` ends the wait with an error.
    pub fn stop_when(&mut self, stop: fn() -> bool) -> Result<()> {
        self.stop = Some(stop);
        self.transport
            .set_read_timeout(Some(Duration::from_millis(500)))
            .map_err(|error| Error::io("cannot set a socket timeout", &error))
    }

    /// The buffer to append messages to; [`Wire::flush`] sends it.
    pub fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Sends what was appended.
    pub fn flush(&mut self) -> Result<()> {
        let mut sent = 0;
        while sent < self.output.len() {
            match self.transport.write(self.output.get(sent..).unwrap_or_default()) {
                Ok(0) => return Err(lost("the server closed the connection")),
                Ok(count) => sent += count,
                Err(error) if is_wait(&error) => self.check_stop()?,
                Err(error) => return Err(lost(&error.to_string())),
            }
        }
        self.output.clear();
        loop {
            match self.transport.flush() {
                Ok(()) => return Ok(()),
                Err(error) if is_wait(&error) => self.check_stop()?,
                Err(error) => return Err(lost(&error.to_string())),
            }
        }
    }

    /// The next message. Its body stays readable until the next call.
    pub fn read(&mut self) -> Result<Frame> {
        loop {
            if let Some(frame) = self.buffered()? {
                return Ok(frame);
            }
            self.fill()?;
        }
    }

    /// The next message, when all of it is in the buffer already.
    pub fn buffered(&mut self) -> Result<Option<Frame>> {
        let Some(&[tag, a, b, c, d]) = self.input.get(self.start..self.end.min(self.start + 5)) else {
            return Ok(None);
        };
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if !(4..=(1 << 30) + (1 << 20)).contains(&length) {
            return Err(Error::failed("protocol", format!("the server sent a message of {length} bytes")));
        }
        let to = self.start + 1 + length;
        if to > self.end {
            return Ok(None);
        }
        let frame = Frame { tag, from: self.start + 5, to };
        self.start = to;
        Ok(Some(frame))
    }

    /// The body of a message that was just read.
    pub fn body(&self, frame: Frame) -> &[u8] {
        self.input.get(frame.from..frame.to).unwrap_or_default()
    }

    fn fill(&mut self) -> Result<()> {
        if self.start > 0 {
            self.input.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if let Some(&[_, a, b, c, d]) = self.input.get(..self.end.min(5)) {
            let whole = 1 + u32::from_be_bytes([a, b, c, d]) as usize;
            if whole > self.input.len() {
                self.input.resize(whole, 0);
            }
        } else if self.input.len() > 4 * BUFFER && self.end < BUFFER {
            self.input.truncate(BUFFER);
            self.input.shrink_to_fit();
        }
        loop {
            match self.transport.read(self.input.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => return Err(lost("the server closed the connection unexpectedly")),
                Ok(count) => {
                    self.end += count;
                    return Ok(());
                }
                Err(error) if is_wait(&error) => self.check_stop()?,
                Err(error) => return Err(lost(&error.to_string())),
            }
        }
    }

    fn check_stop(&self) -> Result<()> {
        match self.stop {
            Some(stop) if stop() => Err(stopped()),
            _ => Ok(()),
        }
    }
}

/// The error of work that was told to stop.
pub fn stopped() -> Error {
    Error::new(Class::Interrupted, "interrupted", "stopped before it was done")
}

fn lost(why: &str) -> Error {
    Error::new(Class::Interrupted, "connection_lost", "the connection to the server was lost").cause(why)
}

fn is_wait(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

/// Takes an `ErrorResponse` or `NoticeResponse` body apart.
pub fn server_error(body: &[u8]) -> ServerError {
    let mut error = ServerError::default();
    for field in body.split(|&byte| byte == 0) {
        let Some((&kind, text)) = field.split_first() else { continue };
        // A client in another encoding finds the server's words, and the names in them, as they are.
        let text = super::text::decode(text);
        match kind {
            b'V' => error.severity = text,
            b'S' if error.severity.is_empty() => error.severity = text,
            b'C' => error.sqlstate = text,
            b'M' => error.message = text,
            b'D' => error.detail = Some(text),
            b'H' => error.hint = Some(text),
            b'W' => error.context = Some(text),
            b'P' => error.position = text.parse().ok(),
            _ => {}
        }
    }
    error
}
