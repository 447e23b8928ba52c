//! Makes the connection that a [`Target`] describes, as libpq makes it: blocking, host after host.
//!
//! Reads no option and no environment variable; [`crate::pg::target`] has done that. Runs no statement but the one
//! that `target_session_attrs` may need.

mod attributes;
mod cancel;
mod certificate;
mod failure;
mod identity;
mod link;
mod login;
mod patience;
mod socket;
mod tls;
mod verifier;

pub use cancel::Canceller;

use crate::error::{Error, Result};
use crate::name::ident;
use crate::pg::target::{Host, Mode, Target, Wanted};
use crate::pg::wire::{Wire, stopped};
use failure::{Failure, Next};
use link::Link;
use login::Security;
use patience::Patience;
use socket::{Place, shuffle};
use std::collections::BTreeMap;
use std::sync::Arc;
use tls::Tls;

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
    /// Whether the connection is encrypted.
    pub is_encrypted: bool,
}

impl Target {
    /// Connects: tries the hosts in their order and takes the first that fits.
    ///
    /// The error names every host with its reason. Its codes: `connection_failed`, `authentication_failed`, `tls`,
    /// `starting_up`, `no_such_database`, `too_many_connections`, or what the server said.
    pub fn dial(&self) -> Result<Dialed> {
        let rounds: &[Wanted] = match self.terms().wanted {
            Wanted::PreferStandby => &[Wanted::Standby, Wanted::Any],
            Wanted::Any => &[Wanted::Any],
            Wanted::ReadWrite => &[Wanted::ReadWrite],
            Wanted::ReadOnly => &[Wanted::ReadOnly],
            Wanted::Primary => &[Wanted::Primary],
            Wanted::Standby => &[Wanted::Standby],
        };
        let mut failures = Vec::new();
        for &wanted in rounds {
            failures.clear();
            if let Some(dialed) = self.dial_hosts(wanted, &mut failures)? {
                return Ok(dialed);
            }
        }
        Err(self.gather(failures))
    }

    /// One round over the hosts. An error is final; what may be different at the next host goes to `failures`.
    fn dial_hosts(&self, wanted: Wanted, failures: &mut Vec<(String, Error)>) -> Result<Option<Dialed>> {
        let mut hosts = self.hosts().to_vec();
        if self.terms().shuffle {
            shuffle(&mut hosts).map_err(|error| Error::io("cannot put the hosts in random order", &error))?;
        }
        for host in &hosts {
            let places = match Place::all(host, self.terms()) {
                Ok(places) => places,
                Err(error) => {
                    let error =
                        Error::failed("connection_failed", format!("cannot look up the host: {error}"));
                    failures.push((host.describe(), error.hint("check the spelling of the host's name")));
                    continue;
                }
            };
            for place in &places {
                let patience = Arc::new(Patience::new(self.terms().timeout, self.stop()));
                let failure = match self.dial_place(host, place, wanted, &patience) {
                    Ok(dialed) => return Ok(Some(dialed)),
                    Err(failure) => failure,
                };
                if patience.is_stopped() {
                    return Err(stopped());
                }
                let address = place.address().filter(|address| places.len() > 1 && address != host.called());
                let shown =
                    host.describe() + &address.map(|address| format!(" ({address})")).unwrap_or_default();
                failures.push((shown, failure.error));
                if failure.next != Next::Host && !patience.is_over() {
                    // The last word comes first; what other hosts said before it follows.
                    failures.rotate_right(1);
                    return Err(self.gather(std::mem::take(failures)));
                }
            }
        }
        Ok(None)
    }

    /// Tries one address in the ways that `sslmode` allows there.
    fn dial_place(
        &self,
        host: &Host,
        place: &Place,
        wanted: Wanted,
        patience: &Arc<Patience>,
    ) -> std::result::Result<Dialed, Failure> {
        let mode = match place {
            // On this machine there is nothing to encrypt.
            Place::Unix(_) => Mode::Disable,
            Place::Tcp(_) => self.terms().encryption.mode,
        };
        let attempt = |encrypted| self.attempt(host, place, encrypted, wanted, patience);
        let (first, second) = match mode {
            Mode::Disable => return attempt(false),
            Mode::Allow => (false, true),
            Mode::Prefer => (true, false),
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => return attempt(true),
        };
        let before = match attempt(first) {
            Err(failure) if failure.next == Next::Encryption => failure,
            done => return done,
        };
        attempt(second).map_err(|failure| {
            let how = if second { "with TLS" } else { "without TLS" };
            let same = before.error.to_string() == failure.error.to_string();
            let error =
                if same { before.error } else { before.error.cause(format!("{how}: {}", failure.error)) };
            Failure::new(error, failure.next)
        })
    }

    fn attempt(
        &self,
        host: &Host,
        place: &Place,
        encrypted: bool,
        wanted: Wanted,
        patience: &Arc<Patience>,
    ) -> std::result::Result<Dialed, Failure> {
        let encryption = &self.terms().encryption;
        // With prefer, even a certificate of ours that cannot be read only means no TLS; so it is in libpq.
        let unusable = |error| Failure::new(error, Next::Encryption);
        let tls = if encrypted { Some(Tls::new(encryption, host).map_err(unusable)?) } else { None };
        let plain = Security { is_encrypted: false, end_point: None };
        let link = link::open(place, tls.as_ref(), encryption.direct, self.terms().keepalive, patience)?;
        let (mut wire, security) = match link {
            Link::Plain(socket) => (Wire::new(Box::new(socket)), plain),
            Link::Encrypted(stream) => {
                let end_point = stream.end_point();
                (Wire::new(stream), Security { is_encrypted: true, end_point })
            }
            Link::Declined(socket) if encryption.mode < Mode::Require => (Wire::new(Box::new(socket)), plain),
            Link::Declined(_) => {
                let error = Error::failed("tls", "the server does not speak TLS, and sslmode asks for it");
                return Err(error.hint("turn on ssl at the server, or set sslmode=prefer").into());
            }
        };
        let session = login::log_in(&mut wire, self, host, &security)?;
        if let Some(complaint) = attributes::mismatch(&mut wire, &session.parameters, wanted)? {
            hang_up(&mut wire);
            return Err(Failure::new(Error::failed("connection_failed", complaint), Next::Host));
        }
        patience.end();
        if let Some(stop) = self.stop() {
            wire.stop_when(stop)?;
        }
        let is_encrypted = security.is_encrypted;
        let canceller = Canceller {
            place: place.clone(),
            tls: tls.filter(|_| is_encrypted),
            is_direct: encryption.direct,
            pid: session.pid,
            secret: session.secret,
        };
        let host = Host { name: host.name.clone(), address: place.address(), port: host.port };
        Ok(Dialed { wire, parameters: session.parameters, pid: session.pid, canceller, host, is_encrypted })
    }

    /// One error of all that went wrong.
    fn gather(&self, failures: Vec<(String, Error)>) -> Error {
        if failures.len() <= 1 && self.hosts().len() == 1 {
            let what = format!("cannot connect to {}", self.describe());
            let none = || Error::failed("connection_failed", "the host has no address");
            return failures.into_iter().next().map_or_else(none, |(_, error)| error).context(what);
        }
        let what = format!("cannot connect to database {} as {}", ident(self.database()), ident(self.user()));
        let mut failures = failures.into_iter();
        let Some((host, first)) = failures.next() else { return Error::failed("connection_failed", what) };
        let first = first.context(format!("{what}: {host}"));
        failures.fold(first, |error, (host, next)| error.cause(format!("{host}: {next}")))
    }
}

/// Says goodbye to a server that was reached and is not the one that is wanted; whether it hears it is no matter.
fn hang_up(wire: &mut Wire) {
    wire.output().extend_from_slice(&[b'X', 0, 0, 0, 4]);
    let _ = wire.flush();
}
