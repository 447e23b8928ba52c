//! Asks a server over its Unix socket whether it lets us in: the shortest conversation of the protocol.
//!
//! Not a session: it says its name, reads until the server is ready for a query, and leaves.
//! <https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP>

use crate::error::ServerError;
use crate::pg::wire::server_error;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// The SQLSTATE of a server that is starting up.
const CANNOT_CONNECT_NOW: &str = "57P03";

/// How a server answered.
pub(super) enum Answer {
    Ready,
    NotYet,
    Refused(ServerError),
}

/// Knocks at `socket` as `user`.
pub(super) fn ask(socket: &Path, user: &str) -> Answer {
    match converse(socket, user) {
        Ok(None) => Answer::Ready,
        Ok(Some(error)) if error.sqlstate == CANNOT_CONNECT_NOW => Answer::NotYet,
        Ok(Some(error)) => Answer::Refused(error),
        Err(_) => Answer::NotYet,
    }
}

fn converse(socket: &Path, user: &str) -> io::Result<Option<ServerError>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(&startup(user))?;
    loop {
        let mut head = [0; 5];
        stream.read_exact(&mut head)?;
        let [tag, length @ ..] = head;
        let mut body = vec![0; (u32::from_be_bytes(length) as usize).saturating_sub(4).min(1 << 16)];
        stream.read_exact(&mut body)?;
        match tag {
            b'E' => return Ok(Some(server_error(&body))),
            b'Z' => return stream.write_all(b"X\0\0\0\x04").map(|()| None),
            _ => {}
        }
    }
}

fn startup(user: &str) -> Vec<u8> {
    let body = format!("\0\x03\0\0user\0{user}\0database\0template1\0\0");
    let length = u32::try_from(body.len() + 4).unwrap_or_default();
    [&length.to_be_bytes()[..], body.as_bytes()].concat()
}
