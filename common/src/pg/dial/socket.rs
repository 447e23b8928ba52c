//! One socket to a server: TCP or Unix. While it connects it keeps to a deadline; after that it is a plain socket.

use crate::error::{Context, Error, Result};
use crate::pg::target::{Host, Target};
use crate::pg::wire::Transport;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// Where a socket leads.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Unix(String),
    Tcp(SocketAddr),
}

/// A connected socket.
pub(super) enum Socket {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Socket {
    pub(super) fn open(place: &Place) -> io::Result<Self> {
        Ok(match place {
            Place::Unix(path) => Self::Unix(UnixStream::connect(path)?),
            Place::Tcp(address) => {
                let stream = TcpStream::connect(address)?;
                stream.set_nodelay(true)?;
                Self::Tcp(stream)
            }
        })
    }
}

/// The places that `host` stands for: a name may have several addresses.
pub(super) fn places(_target: &Target, host: &Host) -> Result<Vec<Place>> {
    use std::net::ToSocketAddrs;
    if let Some(path) = host.socket_path() {
        return Ok(vec![Place::Unix(path)]);
    }
    let name = host.address.as_deref().unwrap_or(&host.name);
    let found = (name, host.port).to_socket_addrs();
    let found: Vec<_> =
        found.context(|| format!("cannot look up host \"{name}\""))?.map(Place::Tcp).collect();
    if found.is_empty() {
        return Err(Error::failed("connection_failed", format!("host \"{name}\" has no address")));
    }
    Ok(found)
}

impl Read for Socket {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(into),
            Self::Tcp(stream) => stream.read(into),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(from),
            Self::Tcp(stream) => stream.write(from),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Socket {
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.set_read_timeout(timeout),
            Self::Tcp(stream) => stream.set_read_timeout(timeout),
        }
    }
}
