//! Makes the connection a [`Target`] describes, as libpq makes it: blocking, host after host.

mod login;
mod socket;

use crate::error::{Error, Result};
use crate::pg::target::{Host, Target};
use crate::pg::wire::Wire;
use socket::{Place, Socket};
use std::collections::BTreeMap;
use std::io::Write;

/// A session that is ready for queries.
pub struct Dialed {
    /// The connection.
    pub wire: Wire,
    /// What the server reported of its settings (`server_version`, `in_hot_standby`, …).
    pub parameters: BTreeMap<String, String>,
    /// The process that serves us.
    pub pid: i32,
    /// Cancels what the session is doing.
    pub canceller: Canceller,
    /// The one host that was chosen, with its address.
    pub host: Host,
}

/// Cancels what one session is doing, from any thread.
#[derive(Clone)]
pub struct Canceller {
    place: Place,
    pid: i32,
    secret: Vec<u8>,
}

impl Canceller {
    /// Asks the server to stop the running statement; does nothing when there is none.
    pub fn cancel(&self) -> Result<()> {
        let mut socket = Socket::open(&self.place).map_err(|error| Error::io("cannot connect", &error))?;
        let mut request = Vec::new();
        let length = u32::try_from(12 + self.secret.len()).unwrap_or_default();
        request.extend_from_slice(&length.to_be_bytes());
        request.extend_from_slice(&80_877_102_u32.to_be_bytes());
        request.extend_from_slice(&self.pid.to_be_bytes());
        request.extend_from_slice(&self.secret);
        socket.write_all(&request).map_err(|error| Error::io("cannot send the request", &error))
    }
}

impl Target {
    /// Connects: tries the hosts in their order and takes the first that fits.
    pub fn dial(&self) -> Result<Dialed> {
        let mut failures = Vec::new();
        for host in self.hosts() {
            for place in socket::places(self, host)? {
                match self.dial_place(host, &place) {
                    Ok(dialed) => return Ok(dialed),
                    Err(error) => failures.push(error),
                }
            }
        }
        Err(failures.pop().unwrap_or_else(|| Error::failed("connection_failed", "there is no host to try")))
    }

    fn dial_place(&self, host: &Host, place: &Place) -> Result<Dialed> {
        let what = || format!("cannot connect to {}", self.describe());
        let socket =
            Socket::open(place).map_err(|error| Error::io(what(), &error).code_is("connection_failed"))?;
        let mut wire = Wire::new(Box::new(socket));
        let session = login::log_in(&mut wire, self, host).map_err(|error| error.context(what()))?;
        let address = match place {
            Place::Tcp(address) => Some(address.ip().to_string()),
            Place::Unix(_) => None,
        };
        let canceller = Canceller { place: place.clone(), pid: session.pid, secret: session.secret };
        let host = Host { name: host.name.clone(), address, port: host.port };
        Ok(Dialed { wire, parameters: session.parameters, pid: session.pid, canceller, host })
    }
}
