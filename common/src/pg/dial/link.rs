//! A byte stream to a server: the socket, and TLS on it when it is wanted and the server agrees.

use super::failure::{Failure, Next};
use super::patience::Patience;
use super::socket::{Place, Socket};
use super::tls::{Tls, TlsStream};
use crate::error::Error;
use crate::pg::target::Keepalive;
use std::io::{Read, Write};
use std::sync::Arc;

/// The code of an `SSLRequest`, in the place of a protocol version.
const SSL: u32 = 80_877_103;

/// A stream that the server listens on.
pub(super) enum Link {
    /// Nobody wanted TLS.
    Plain(Socket),
    /// With TLS.
    Encrypted(Box<TlsStream>),
    /// TLS was wanted and the server has none; it goes on without, when that is acceptable.
    Declined(Socket),
}

/// Opens a stream to `place`, with TLS when `tls` is given.
pub(super) fn open(
    place: &Place,
    tls: Option<&Tls>,
    is_direct: bool,
    keepalive: Keepalive,
    patience: &Arc<Patience>,
) -> Result<Link, Failure> {
    let mut socket = Socket::open(place, keepalive, Arc::clone(patience))
        .map_err(|error| Failure::unreachable(&error, place))?;
    let Some(tls) = tls else { return Ok(Link::Plain(socket)) };
    if !is_direct {
        // One byte and no more is read: what comes behind it unencrypted must not count as the server's (CVE-2021-23222).
        let mut answer = [0];
        let mut request = [0, 0, 0, 8, 0, 0, 0, 0];
        request[4..].copy_from_slice(&SSL.to_be_bytes());
        let asked = socket.write_all(&request).and_then(|()| socket.read_exact(&mut answer));
        asked.map_err(|error| Failure::unreachable(&error, place))?;
        match answer {
            [b'S'] => {}
            [b'N'] => return Ok(Link::Declined(socket)),
            _ => {
                let error = Error::failed("tls", "the server answered the request for TLS with an error");
                return Err(Failure::new(error, Next::Encryption));
            }
        }
    }
    tls.wrap(socket)
        .map(|stream| Link::Encrypted(Box::new(stream)))
        .map_err(|error| Failure::new(error, Next::Encryption))
}
