//! `target_session_attrs`: whether a server is of the wanted kind.

use crate::error::{Error, Result};
use crate::pg::target::Wanted;
use crate::pg::wire::{Wire, server_error};
use bytes::BytesMut;
use postgres_protocol::message::frontend;
use std::collections::BTreeMap;

/// What is wrong with the server, when it is not of the wanted kind.
pub(super) fn mismatch(
    wire: &mut Wire,
    parameters: &BTreeMap<String, String>,
    wanted: Wanted,
) -> Result<Option<&'static str>> {
    let (about_writing, expected, complaint) = match wanted {
        Wanted::Any | Wanted::PreferStandby => return Ok(None),
        Wanted::ReadWrite => (true, false, "the session is read-only, and read-write is wanted"),
        Wanted::ReadOnly => (true, true, "the session is not read-only, and read-only is wanted"),
        Wanted::Primary => (false, false, "the server is a standby, and a primary is wanted"),
        Wanted::Standby => (false, true, "the server is no standby, and a standby is wanted"),
    };
    // Servers from 14 on report both by themselves; older ones and poolers are asked.
    let reported = |key: &str| parameters.get(key).map(|value| value == "on");
    let actual = match (reported("default_transaction_read_only"), reported("in_hot_standby")) {
        (Some(read_only), Some(standby)) if about_writing => read_only || standby,
        (_, Some(standby)) if !about_writing => standby,
        _ if about_writing => ask(wire, "SHOW transaction_read_only")? == "on",
        _ => ask(wire, "SELECT pg_catalog.pg_is_in_recovery()")? == "t",
    };
    Ok((actual != expected).then_some(complaint))
}

/// The one value that a statement gives.
fn ask(wire: &mut Wire, statement: &str) -> Result<String> {
    let mut buffer = BytesMut::new();
    frontend::query(statement, &mut buffer).map_err(|error| Error::io("cannot write a query", &error))?;
    wire.output().extend_from_slice(&buffer);
    wire.flush()?;
    let mut value = String::new();
    let mut failure = None;
    loop {
        let frame = wire.read()?;
        let body = wire.body(frame);
        match frame.tag {
            b'Z' => return failure.map_or(Ok(value), |error| Err(Error::server(error))),
            b'E' => failure = Some(server_error(body)),
            // A row: the number of columns, then each one's length and bytes.
            b'D' => value = String::from_utf8_lossy(body.get(6..).unwrap_or_default()).into_owned(),
            _ => {}
        }
    }
}
