//! The start of a session: the startup message, authentication, and what the server says until it is ready.

use super::failure::Failure;
use crate::error::{Error, Result};
use crate::pg::target::{Binding, Host, Method, Target};
use crate::pg::wire::{Wire, server_error};
use bytes::BytesMut;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{
    ChannelBinding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256,
};
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

/// What the stream under the session is like.
pub(super) struct Security {
    pub(super) is_encrypted: bool,
    /// The server certificate's hash.
    pub(super) end_point: Option<Vec<u8>>,
}

/// Starts a session on a fresh connection.
pub(super) fn log_in(
    wire: &mut Wire,
    target: &Target,
    host: &Host,
    security: &Security,
) -> std::result::Result<Session, Failure> {
    wire.output().extend_from_slice(&startup(target));
    wire.flush()?;
    let mut login = Login { wire, target, host, security, scram: None, proof: Method::None, is_bound: false };
    while !login.step()? {}
    settle(wire, target, host)
}

/// The startup message. It is made here because the crate knows minor version 0 only.
fn startup(target: &Target) -> Vec<u8> {
    let mut body = vec![0, 3];
    body.extend_from_slice(&target.terms().protocol.asked.to_be_bytes());
    // Our text is UTF-8, whatever the user's terminal speaks: client_encoding is not the user's to choose.
    let mut parameters =
        vec![("user", target.user()), ("database", target.database()), ("client_encoding", "UTF8")];
    let name = target.setting("application_name").or(target.setting("fallback_application_name"));
    parameters.extend(name.map(|name| ("application_name", name)));
    parameters.extend(target.setting("options").map(|options| ("options", options)));
    for text in parameters.into_iter().flat_map(|(key, value)| [key, value]).chain([""]) {
        body.extend_from_slice(text.as_bytes());
        body.push(0);
    }
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], &body].concat()
}

fn send(wire: &mut Wire, message: impl FnOnce(&mut BytesMut) -> io::Result<()>) -> Result<()> {
    let mut buffer = BytesMut::new();
    message(&mut buffer).map_err(|error| Error::io("cannot write a message to the server", &error))?;
    wire.output().extend_from_slice(&buffer);
    wire.flush()
}

struct Login<'a> {
    wire: &'a mut Wire,
    target: &'a Target,
    host: &'a Host,
    security: &'a Security,
    scram: Option<ScramSha256>,
    /// How we have shown who we are so far.
    proof: Method,
    is_bound: bool,
}

impl<'a> Login<'a> {
    /// Answers one message; `true` when the server is content.
    fn step(&mut self) -> std::result::Result<bool, Failure> {
        let frame = self.wire.read()?;
        let body = self.wire.body(frame).to_vec();
        match frame.tag {
            b'R' => Ok(self.answer(&body)?),
            b'E' => Err(Failure::refused(server_error(&body), false, self.target, self.host)),
            b'v' => {
                check_protocol(self.target, &body)?;
                Ok(false)
            }
            b'N' => Ok(false),
            other => Err(broken(&format!("is of the unexpected kind {:?}", char::from(other))).into()),
        }
    }

    fn answer(&mut self, body: &[u8]) -> Result<bool> {
        let (kind, rest) = body.split_first_chunk::<4>().ok_or_else(|| broken("is too short"))?;
        match (i32::from_be_bytes(*kind), rest) {
            (0, _) => return self.finish().map(|()| true),
            (3, _) => {
                let password = self.prove_by(Method::Password)?;
                self.send_password(password.as_bytes())?;
            }
            (5, &[a, b, c, d]) => {
                let password = self.prove_by(Method::Md5)?;
                let hash = md5_hash(self.target.user().as_bytes(), password.as_bytes(), [a, b, c, d]);
                self.send_password(hash.as_bytes())?;
            }
            (10, mechanisms) => self.begin_scram(mechanisms)?,
            (11, data) => {
                let scram = self.scram.as_mut().ok_or_else(|| broken("comes out of turn"))?;
                scram.update(data).map_err(|error| scram_failed(&error))?;
                send(self.wire, |buffer| frontend::sasl_response(scram.message(), buffer))?;
            }
            (12, data) => {
                let mut scram = self.scram.take().ok_or_else(|| broken("comes out of turn"))?;
                scram.finish(data).map_err(|error| scram_failed(&error))?;
            }
            (7 | 9, _) => {
                return Err(failed("the server asks for Kerberos (GSSAPI or SSPI), which is not supported"));
            }
            (kind, _) => {
                return Err(failed(format!("the server asks for authentication of the unknown kind {kind}")));
            }
        }
        Ok(false)
    }

    fn begin_scram(&mut self, mechanisms: &[u8]) -> Result<()> {
        let offers = |name: &str| mechanisms.split(|&byte| byte == 0).any(|offer| offer == name.as_bytes());
        if !offers(SCRAM_SHA_256) && !offers(SCRAM_SHA_256_PLUS) {
            return Err(failed("the server asks for a SASL mechanism that is not supported"));
        }
        let may_bind = self.security.is_encrypted && self.target.terms().binding != Binding::Disable;
        let end_point = self.security.end_point.clone().filter(|_| may_bind);
        let (mechanism, binding) = match end_point {
            Some(hash) if offers(SCRAM_SHA_256_PLUS) => {
                (SCRAM_SHA_256_PLUS, ChannelBinding::tls_server_end_point(hash))
            }
            // "Unrequested" tells the server that we could have bound, so that it notices when somebody has removed
            // its offer on the way; "unsupported" says that we cannot.
            Some(_) => (SCRAM_SHA_256, ChannelBinding::unrequested()),
            None => (SCRAM_SHA_256, ChannelBinding::unsupported()),
        };
        self.is_bound = mechanism == SCRAM_SHA_256_PLUS;
        let password = self.prove_by(Method::Scram)?;
        let scram = ScramSha256::new(password.as_bytes(), binding);
        send(self.wire, |buffer| frontend::sasl_initial_response(mechanism, scram.message(), buffer))?;
        self.scram = Some(scram);
        Ok(())
    }

    /// The password, when it may be used in this way.
    fn prove_by(&mut self, method: Method) -> Result<&'a str> {
        let terms = self.target.terms();
        if !terms.methods.allow(method) {
            let message = format!("the server asks for {}, which require_auth does not allow", name(method));
            return Err(failed(message));
        }
        if terms.binding == Binding::Require && !self.is_bound {
            return Err(failed("the server cannot bind its authentication to the TLS channel")
                .hint("channel_binding=require needs TLS and SCRAM-SHA-256 on the server's side"));
        }
        self.proof = method;
        self.target.password(self.host).ok_or_else(|| {
            failed(format!(
                "the server asks for a password for \"{}\", and there is none",
                self.target.user()
            ))
            .hint("set PGPASSWORD, or write a line into ~/.pgpass: host:port:database:user:password")
        })
    }

    fn finish(&self) -> Result<()> {
        if self.scram.is_some() {
            return Err(failed(
                "the server broke the SCRAM exchange off before it showed that it knows the password",
            ));
        }
        let terms = self.target.terms();
        if self.proof == Method::None && !terms.methods.allow(Method::None) {
            return Err(failed("the server let us in without asking, which require_auth does not allow"));
        }
        if terms.binding == Binding::Require && !self.is_bound {
            return Err(failed(
                "the server let us in without channel binding, which channel_binding=require forbids",
            ));
        }
        Ok(())
    }

    fn send_password(&mut self, password: &[u8]) -> Result<()> {
        send(self.wire, |buffer| frontend::password_message(password, buffer))
    }
}

fn name(method: Method) -> &'static str {
    match method {
        Method::Password => "the password in clear text",
        Method::Md5 => "the password's MD5 hash",
        Method::Scram => "SCRAM-SHA-256",
        Method::None => "nothing",
    }
}

/// The server speaks a lower minor version than we asked for.
fn check_protocol(target: &Target, body: &[u8]) -> Result<()> {
    let newest = body.first_chunk::<4>().map_or(0, |bytes| u32::from_be_bytes(*bytes) & 0xffff);
    let least = target.terms().protocol.least;
    if newest < u32::from(least) {
        let message = format!("the server speaks protocol 3.{newest}, and min_protocol_version is 3.{least}");
        return Err(Error::failed("connection_failed", message));
    }
    Ok(())
}

fn failed(message: impl Into<String>) -> Error {
    Error::failed("authentication_failed", message)
}

fn scram_failed(error: &io::Error) -> Error {
    failed("the SCRAM exchange with the server failed").cause(error.to_string())
}

fn broken(how: &str) -> Error {
    Error::failed("protocol", format!("a message of the server during authentication {how}"))
        .hint("is this a PostgreSQL server?")
}

/// Reads on until the server is ready for queries.
fn settle(wire: &mut Wire, target: &Target, host: &Host) -> std::result::Result<Session, Failure> {
    let mut session = Session::default();
    loop {
        let frame = wire.read()?;
        let body = wire.body(frame);
        match frame.tag {
            b'Z' => return Ok(session),
            b'E' => return Err(Failure::refused(server_error(body), true, target, host)),
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
