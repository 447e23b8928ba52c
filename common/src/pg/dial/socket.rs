//! One socket to a server, TCP or Unix, and the places a host's name leads to.

use super::patience::Patience;
use crate::pg::target::{Host, Keepalive, Terms};
use crate::pg::wire::Transport;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, SockAddr, SockRef, TcpKeepalive, Type};
use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

/// Where a socket leads.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A socket's path; an abstract one begins with `@`.
    Unix(String),
    Tcp(SocketAddr),
}

impl Place {
    /// The places that `host` stands for: a name may have several addresses.
    pub(super) fn all(host: &Host, terms: &Terms) -> io::Result<Vec<Self>> {
        if let Some(path) = host.socket_path() {
            return Ok(vec![Self::Unix(path)]);
        }
        let name = host.address.as_deref().unwrap_or(&host.name);
        let mut places: Vec<_> = (name, host.port).to_socket_addrs()?.map(Self::Tcp).collect();
        if terms.shuffle {
            shuffle(&mut places)?;
        }
        Ok(places)
    }

    /// The address, when it is one.
    pub(super) fn address(&self) -> Option<String> {
        match self {
            Self::Unix(_) => None,
            // A link-local address is nothing without its interface.
            Self::Tcp(SocketAddr::V6(address)) if address.scope_id() != 0 => {
                Some(format!("{}%{}", address.ip(), address.scope_id()))
            }
            Self::Tcp(address) => Some(address.ip().to_string()),
        }
    }
}

/// Puts `items` in an order that nobody can foresee.
pub(super) fn shuffle<T>(items: &mut [T]) -> io::Result<()> {
    for end in (1..items.len()).rev() {
        let random = getrandom::u64().map_err(|error| io::Error::other(error.to_string()))?;
        let at = usize::try_from(random % (end as u64 + 1)).unwrap_or(0);
        items.swap(at, end);
    }
    Ok(())
}

/// A connected socket. It keeps to its attempt's patience until that ends; then it is a plain blocking socket.
pub(super) struct Socket {
    inner: socket2::Socket,
    patience: Arc<Patience>,
    is_sliced: Cell<bool>,
}

impl Socket {
    pub(super) fn open(place: &Place, keepalive: Keepalive, patience: Arc<Patience>) -> io::Result<Self> {
        let (domain, address) = match place {
            Place::Unix(path) => {
                let abstract_name = path.strip_prefix('@').map(|name| format!("\0{name}"));
                (Domain::UNIX, SockAddr::unix(abstract_name.as_ref().unwrap_or(path))?)
            }
            Place::Tcp(address) => (Domain::for_address(*address), SockAddr::from(*address)),
        };
        let inner = socket2::Socket::new(domain, Type::STREAM, None)?;
        if domain == Domain::UNIX {
            inner.connect(&address)?;
        } else {
            connect(&inner, &address, &patience)?;
            keep_alive(&inner, keepalive)?;
        }
        Ok(Self { inner, patience, is_sliced: Cell::new(false) })
    }

    fn prepare(&self) -> io::Result<bool> {
        let slice = self.patience.slice()?;
        if slice.is_some() || self.is_sliced.get() {
            self.set_read_timeout(slice)?;
            self.is_sliced.set(slice.is_some());
        }
        Ok(slice.is_some())
    }
}

/// Connects without blocking, so that a host that never answers cannot hold us longer than we want.
fn connect(socket: &socket2::Socket, address: &SockAddr, patience: &Patience) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    match socket.connect(address) {
        Ok(()) => {}
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => loop {
            let slice = patience.slice()?.unwrap_or(Duration::from_secs(1));
            let slice = Timespec::try_from(slice).map_err(io::Error::other)?;
            let mut waiting = [PollFd::new(socket, PollFlags::OUT)];
            match poll(&mut waiting, Some(&slice)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => break,
                Err(error) => return Err(error.into()),
            }
        },
        Err(error) => return Err(error),
    }
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    socket.set_nonblocking(false)?;
    socket.set_tcp_nodelay(true)
}

fn keep_alive(socket: &socket2::Socket, keepalive: Keepalive) -> io::Result<()> {
    let socket = SockRef::from(socket);
    if let Some(timeout) = keepalive.user_timeout {
        socket.set_tcp_user_timeout(Some(timeout))?;
    }
    if keepalive.off {
        return Ok(());
    }
    let mut wish = TcpKeepalive::new();
    if let Some(idle) = keepalive.idle {
        wish = wish.with_time(idle);
    }
    if let Some(interval) = keepalive.interval {
        wish = wish.with_interval(interval);
    }
    if let Some(count) = keepalive.count {
        wish = wish.with_retries(count);
    }
    socket.set_tcp_keepalive(&wish)
}

impl Read for Socket {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let connecting = self.prepare()?;
            match self.inner.read(into) {
                Err(error) if connecting && error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }
}

impl Write for Socket {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        loop {
            let connecting = self.prepare()?;
            match self.inner.write(from) {
                Err(error) if connecting && error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Socket {
    /// Limits writes as well: a server that does not read must not keep us from stopping.
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.is_sliced.set(false);
        self.inner.set_read_timeout(timeout)?;
        self.inner.set_write_timeout(timeout)
    }
}
