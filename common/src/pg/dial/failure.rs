//! Why an attempt failed, what is to be tried next, and what the reader can do about it.

use super::socket::Place;
use super::tls::TLS_ERROR;
use crate::error::{Class, Error, ServerError};
use crate::pg::target::{Host, Target};
use std::io;

/// What may be tried after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another address or host.
    Host,
    /// The same address with TLS instead of without, or the other way round.
    Encryption,
    /// Nothing: another host would not answer otherwise.
    Nothing,
}

/// A failed attempt.
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) next: Next,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error: lost(error), next: Next::Nothing }
    }
}

impl Failure {
    pub(super) fn new(error: Error, next: Next) -> Self {
        Self { error, next }
    }

    /// The server answered with an error, before it knew who we are or after.
    pub(super) fn refused(server: ServerError, is_known: bool, target: &Target, host: &Host) -> Self {
        let next = match server.sqlstate.as_str() {
            "57P03" => Next::Host,
            _ if is_known => Next::Nothing,
            _ => Next::Encryption,
        };
        Self { error: explain(server, target, host), next }
    }

    /// No socket could be had.
    pub(super) fn unreachable(error: &io::Error, place: &Place) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            let error = Error::failed("connection_failed", "the server closed the connection unexpectedly");
            return Self::new(error, Next::Host);
        }
        let failed = Error::failed("connection_failed", error.to_string());
        let advice = match (place, error.kind()) {
            (Place::Unix(_), io::ErrorKind::NotFound) => {
                "no server is running there, or its sockets are elsewhere: -h names a directory or a host"
            }
            (Place::Unix(_), io::ErrorKind::ConnectionRefused) => {
                "a server was there and is no longer running"
            }
            (Place::Tcp(_), io::ErrorKind::ConnectionRefused) => {
                "is a server running there, and does it listen on this address and port (listen_addresses)?"
            }
            _ => return Self::new(failed, Next::Host),
        };
        Self::new(failed.hint(advice), Next::Host)
    }
}

/// A connection that breaks while it is made is not the loss of a session.
fn lost(error: Error) -> Error {
    if error.code() != "connection_lost" {
        return error;
    }
    let code = if error.to_string().contains(TLS_ERROR) { "tls" } else { "connection_failed" };
    error.code_is(code).class_is(Class::Failed)
}

fn explain(server: ServerError, target: &Target, host: &Host) -> Error {
    let sqlstate = server.sqlstate.clone();
    let message = server.message.clone();
    let error = Error::server(server).class_is(Class::Failed);
    match sqlstate.as_str() {
        "28P01" => {
            let hint = match target.password_file(host) {
                Some(file) => format!("the password came from {}", file.display()),
                None => "check the password: PGPASSWORD, or a line in ~/.pgpass".to_owned(),
            };
            error.code_is("authentication_failed").hint(hint)
        }
        "28000" if message.contains("pg_hba.conf") => {
            let hint = "the server's pg_hba.conf needs a line for this host, role and database \
                        (a hostssl line also needs TLS: sslmode=require)";
            error.code_is("authentication_failed").hint(hint)
        }
        "28000" => error.code_is("authentication_failed").hint("is this the right role (-U)?"),
        "3D000" => error.code_is("no_such_database").hint("`psql -l` lists the databases that are there"),
        "57P03" => error.code_is("starting_up").hint("the server does not take connections yet; try again"),
        "53300" => {
            error.code_is("too_many_connections").hint("use fewer connections, or raise max_connections")
        }
        _ => error,
    }
}
