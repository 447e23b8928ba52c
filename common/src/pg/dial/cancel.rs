//! Cancelling a running statement: a request on a connection of its own.
//!
//! <https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS>

use super::link::{Link, open};
use super::patience::Patience;
use super::socket::Place;
use super::tls::Tls;
use crate::error::{Context, Result};
use crate::pg::target::Keepalive;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

/// How long a request may take: whoever cancels wants to get away.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The code of a `CancelRequest`, in the place of a protocol version.
const CANCEL: u32 = 80_877_102;

/// Cancels what one session is doing, from any thread.
#[derive(Clone)]
pub struct Canceller {
    pub(super) place: Place,
    pub(super) tls: Option<Tls>,
    pub(super) is_direct: bool,
    pub(super) pid: i32,
    pub(super) secret: Vec<u8>,
}

impl Canceller {
    /// Asks the server to stop the running statement and waits until it has taken the request; there is no answer
    /// to tell whether a statement was running. Goes encrypted when the session does.
    pub fn cancel(&self) -> Result<()> {
        let patience = Arc::new(Patience::new(Some(TIMEOUT), None));
        let link = open(&self.place, self.tls.as_ref(), self.is_direct, Keepalive::default(), &patience);
        match link.map_err(|failure| failure.error.context("cannot cancel the running statement"))? {
            Link::Plain(socket) | Link::Declined(socket) => self.request(socket),
            Link::Encrypted(stream) => self.request(stream),
        }
    }

    fn request(&self, mut stream: impl Read + Write) -> Result<()> {
        let mut request = Vec::with_capacity(16 + self.secret.len());
        let length = u32::try_from(12 + self.secret.len()).unwrap_or(16);
        request.extend_from_slice(&length.to_be_bytes());
        request.extend_from_slice(&CANCEL.to_be_bytes());
        request.extend_from_slice(&self.pid.to_be_bytes());
        request.extend_from_slice(&self.secret);
        let what = || "cannot cancel the running statement".to_owned();
        stream.write_all(&request).context(what)?;
        stream.flush().context(what)?;
        // The server closes the connection when it has done it; how is of no matter.
        let _ = stream.read(&mut [0]);
        Ok(())
    }
}
