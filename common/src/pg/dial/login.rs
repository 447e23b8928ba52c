//! The start of a session: the startup message, authentication, and what the server says until it is ready.

use crate::error::{Error, Result};
use crate::pg::target::{Host, Target};
use crate::pg::wire::{Wire, server_error};
use bytes::BytesMut;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::frontend;
use std::collections::BTreeMap;
use std::io;

/// What the server told about the session while it started.
#[derive(Default)]
pub(super) struct Session {
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) pid: i32,
    pub(super) secret: Vec<u8>,
}

/// Starts a session on a fresh connection.
pub(super) fn log_in(wire: &mut Wire, target: &Target, host: &Host) -> Result<Session> {
    let parameters = startup_parameters(target);
    let parameters = parameters.iter().map(|(key, value)| (*key, value.as_str()));
    send(wire, |buffer| frontend::startup_message(parameters, buffer))?;
    let mut login = Login { wire, user: target.user(), password: target.password(host), scram: None };
    while !login.step()? {}
    settle(wire)
}

fn startup_parameters(target: &Target) -> Vec<(&'static str, String)> {
    let mut parameters = vec![
        ("user", target.user().to_owned()),
        ("database", target.database().to_owned()),
        ("client_encoding", "UTF8".to_owned()),
    ];
    let name = target.setting("application_name").or(target.setting("fallback_application_name"));
    for (key, value) in [
        ("application_name", name),
        ("options", target.setting("options")),
        ("replication", target.setting("replication")),
    ] {
        parameters.extend(value.map(|value| (key, value.to_owned())));
    }
    parameters
}

fn send(wire: &mut Wire, message: impl FnOnce(&mut BytesMut) -> io::Result<()>) -> Result<()> {
    let mut buffer = BytesMut::new();
    message(&mut buffer).map_err(|error| Error::io("cannot write a message to the server", &error))?;
    wire.output().extend_from_slice(&buffer);
    wire.flush()
}

struct Login<'a> {
    wire: &'a mut Wire,
    user: &'a str,
    password: Option<&'a str>,
    scram: Option<ScramSha256>,
}

impl<'a> Login<'a> {
    /// Answers one message; `true` when the server is content.
    fn step(&mut self) -> Result<bool> {
        let frame = self.wire.read()?;
        let body = self.wire.body(frame).to_vec();
        match frame.tag {
            b'R' => {}
            b'E' => return Err(Error::server(server_error(&body))),
            _ => return Ok(false),
        }
        let (kind, rest) = body.split_first_chunk::<4>().ok_or_else(|| broken("is too short"))?;
        match (i32::from_be_bytes(*kind), rest) {
            (0, _) => return Ok(true),
            (3, _) => self.send_password(self.wanted_password()?.as_bytes())?,
            (5, &[a, b, c, d]) => {
                let hash = md5_hash(self.user.as_bytes(), self.wanted_password()?.as_bytes(), [a, b, c, d]);
                self.send_password(hash.as_bytes())?;
            }
            (10, _) => {
                let scram =
                    ScramSha256::new(self.wanted_password()?.as_bytes(), ChannelBinding::unsupported());
                send(self.wire, |buffer| {
                    frontend::sasl_initial_response(SCRAM_SHA_256, scram.message(), buffer)
                })?;
                self.scram = Some(scram);
            }
            (11, data) => {
                let scram = self.scram.as_mut().ok_or_else(|| broken("comes out of turn"))?;
                scram.update(data).map_err(|error| scram_failed(&error))?;
                send(self.wire, |buffer| frontend::sasl_response(scram.message(), buffer))?;
            }
            (12, data) => {
                let mut scram = self.scram.take().ok_or_else(|| broken("comes out of turn"))?;
                scram.finish(data).map_err(|error| scram_failed(&error))?;
            }
            (kind, _) => {
                return Err(failed(format!(
                    "the server asks for authentication of kind {kind}, which is not supported"
                )));
            }
        }
        Ok(false)
    }

    fn wanted_password(&self) -> Result<&'a str> {
        self.password.ok_or_else(|| failed("the server asks for a password and none was given".to_owned()))
    }

    fn send_password(&mut self, password: &[u8]) -> Result<()> {
        send(self.wire, |buffer| frontend::password_message(password, buffer))
    }
}

fn failed(message: String) -> Error {
    Error::failed("authentication_failed", message)
}

fn scram_failed(error: &io::Error) -> Error {
    failed("the SCRAM exchange with the server failed".to_owned()).cause(error.to_string())
}

fn broken(how: &str) -> Error {
    Error::failed("protocol", format!("the server's authentication message {how}"))
}

/// Reads on until the server is ready for queries.
fn settle(wire: &mut Wire) -> Result<Session> {
    let mut session = Session::default();
    loop {
        let frame = wire.read()?;
        let body = wire.body(frame);
        match frame.tag {
            b'Z' => return Ok(session),
            b'E' => return Err(Error::server(server_error(body))),
            b'S' => {
                let mut texts =
                    body.split(|&byte| byte == 0).map(|text| String::from_utf8_lossy(text).into_owned());
                if let (Some(key), Some(value)) = (texts.next(), texts.next()) {
                    session.parameters.insert(key, value);
                }
            }
            b'K' => {
                if let Some((pid, secret)) = body.split_first_chunk::<4>() {
                    session.pid = i32::from_be_bytes(*pid);
                    session.secret = secret.to_vec();
                }
            }
            _ => {}
        }
    }
}
