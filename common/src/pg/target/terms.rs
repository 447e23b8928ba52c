//! What a connection must be like, checked before the first one is tried.

use super::encryption::Encryption;
use super::methods::Methods;
use super::settings::Settings;
use crate::error::{Error, Result};
use std::path::Path;
use std::time::Duration;

/// `target_session_attrs`: which servers will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pg) enum Wanted {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// `channel_binding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pg) enum Binding {
    Disable,
    Prefer,
    Require,
}

/// The keepalive and timeout parameters of a TCP socket; what is absent is left to the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::pg) struct Keepalive {
    pub(in crate::pg) off: bool,
    pub(in crate::pg) idle: Option<Duration>,
    pub(in crate::pg) interval: Option<Duration>,
    pub(in crate::pg) count: Option<u32>,
    pub(in crate::pg) user_timeout: Option<Duration>,
}

/// The parameters that say how to connect, rather than where to.
#[derive(Clone, Debug)]
pub(in crate::pg) struct Terms {
    pub(in crate::pg) encryption: Encryption,
    pub(in crate::pg) binding: Binding,
    pub(in crate::pg) methods: Methods,
    pub(in crate::pg) wanted: Wanted,
    /// Whether hosts and addresses are tried in random order.
    pub(in crate::pg) shuffle: bool,
    /// How long one address may take.
    pub(in crate::pg) timeout: Option<Duration>,
    pub(in crate::pg) keepalive: Keepalive,
    /// The protocol's minor version to ask for, and the least one to accept.
    pub(in crate::pg) protocol: Minor,
}

/// Minor versions of protocol 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pg) struct Minor {
    pub(in crate::pg) asked: u16,
    pub(in crate::pg) least: u16,
}

impl Terms {
    pub(super) fn parse(settings: &Settings, home: Option<&Path>) -> Result<Self> {
        refuse_unsupported(settings)?;
        let binding = match settings.filled("channel_binding").unwrap_or("prefer") {
            "disable" => Binding::Disable,
            "prefer" => Binding::Prefer,
            "require" => Binding::Require,
            other => return Err(super::invalid("channel_binding", other)),
        };
        let wanted = match settings.filled("target_session_attrs").unwrap_or("any") {
            "any" => Wanted::Any,
            "read-write" => Wanted::ReadWrite,
            "read-only" => Wanted::ReadOnly,
            "primary" => Wanted::Primary,
            "standby" => Wanted::Standby,
            "prefer-standby" => Wanted::PreferStandby,
            other => return Err(super::invalid("target_session_attrs", other)),
        };
        let shuffle = match settings.filled("load_balance_hosts").unwrap_or("disable") {
            "disable" => false,
            "random" => true,
            other => return Err(super::invalid("load_balance_hosts", other)),
        };
        Ok(Self {
            encryption: Encryption::parse(settings, home)?,
            binding,
            methods: Methods::parse(settings.filled("require_auth"))?,
            wanted,
            shuffle,
            timeout: positive(settings, "connect_timeout")?.map(Duration::from_secs),
            keepalive: keepalive(settings)?,
            protocol: protocol(settings)?,
        })
    }
}

fn keepalive(settings: &Settings) -> Result<Keepalive> {
    let seconds = |key| positive(settings, key).map(|value| value.map(Duration::from_secs));
    Ok(Keepalive {
        off: number(settings, "keepalives")? == Some(0),
        idle: seconds("keepalives_idle")?,
        interval: seconds("keepalives_interval")?,
        count: positive(settings, "keepalives_count")?.and_then(|count| u32::try_from(count).ok()),
        user_timeout: positive(settings, "tcp_user_timeout")?.map(Duration::from_millis),
    })
}

fn protocol(settings: &Settings) -> Result<Minor> {
    let minor = |key: &str| match settings.filled(key) {
        None => Ok(None),
        Some("3.0") => Ok(Some(0)),
        Some("3.2" | "latest") => Ok(Some(2)),
        Some(other) => Err(super::invalid(key, other)),
    };
    let (least, most) = (minor("min_protocol_version")?, minor("max_protocol_version")?);
    let least = least.unwrap_or(0);
    let asked = most.unwrap_or(least);
    if least > asked {
        return Err(Error::usage("min_protocol_version is above max_protocol_version"));
    }
    Ok(Minor { asked, least })
}

/// An integer as C reads it; zero and below mean "not set" to libpq.
fn positive(settings: &Settings, key: &str) -> Result<Option<u64>> {
    Ok(number(settings, key)?.and_then(|value| u64::try_from(value).ok()).filter(|&value| value > 0))
}

fn number(settings: &Settings, key: &str) -> Result<Option<i32>> {
    let Some(text) = settings.filled(key) else { return Ok(None) };
    let value = text.trim().parse();
    value.map(Some).map_err(|_| Error::usage(format!("\"{text}\" is no integer for {key}")))
}

/// What we cannot do is refused when it is asked for, and ignored when it would change nothing.
fn refuse_unsupported(settings: &Settings) -> Result<()> {
    match settings.filled("gssencmode") {
        None | Some("disable" | "prefer") => {}
        Some("require") => {
            return Err(
                Error::usage("gssencmode=require: GSSAPI is not supported").hint("use TLS: sslmode=require")
            );
        }
        Some(other) => return Err(super::invalid("gssencmode", other)),
    }
    let never = [
        "oauth_issuer",
        "oauth_client_id",
        "oauth_client_secret",
        "oauth_scope",
        "scram_client_key",
        "scram_server_key",
        "sslkeylogfile",
        "requirepeer",
    ];
    if let Some(key) = never.into_iter().find(|key| settings.filled(key).is_some()) {
        return Err(Error::usage(format!("the connection parameter {key} is not supported")));
    }
    match settings.filled("replication").map(str::to_ascii_lowercase).as_deref() {
        None | Some("false" | "off" | "no" | "0") => Ok(()),
        Some(_) => Err(Error::usage("a replication connection (replication=…) is not supported")),
    }
}
