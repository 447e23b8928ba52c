//! Whether the records on stdin prove that this very database can be restored as it was a short while ago.

use super::Passed;
use common::cli::human;
use common::error::{Error, Result};
use common::records::Upstream;
use jiff::Timestamp;
use serde::Deserialize;
use std::time::Duration;

/// What the proof has to be of.
pub(super) struct Wanted<'a> {
    /// The cluster's system identifier.
    pub(super) system: &'a str,
    /// The database's name.
    pub(super) database: &'a str,
    /// Its OID.
    pub(super) oid: u32,
    /// The server's clock.
    pub(super) now: &'a str,
    /// How old the snapshot may be.
    pub(super) max_age: Duration,
}

/// What matters of pgverify's result.
#[derive(Deserialize)]
struct Proof {
    proved: Option<bool>,
    whole: Option<bool>,
    system_identifier: Option<String>,
    database: Option<String>,
    database_oid: Option<u32>,
    snapshot: Option<String>,
    snapshot_time: Option<String>,
    store: Option<String>,
}

/// What matters of its start.
#[derive(Deserialize)]
struct Start {
    command: String,
}

/// Passes when all that came before succeeded, and the last of pgverify's proves it.
pub(super) fn check(upstream: &Upstream, wanted: &Wanted<'_>) -> Result<Passed> {
    upstream.succeeded()?;
    let verify = "pgsnap create … | pgverify restore - | pgshift apply -";
    let Some(result) = upstream.last("pgverify", "result") else {
        return Err(refused("the records on stdin hold no result of pgverify").hint(verify));
    };
    let run = &result.envelope().run;
    let start =
        upstream.lines().iter().find(|line| line.is("pgverify", "start") && line.envelope().run == *run);
    let command = start.map(common::records::Line::decode::<Start>).transpose()?.map(|start| start.command);
    if command.as_deref() != Some("restore") {
        return Err(refused("pgverify restored nothing: it has to be `pgverify restore`").hint(verify));
    }
    let proof: Proof = result.decode()?;
    if proof.proved != Some(true) {
        return Err(refused("pgverify did not prove the snapshot").hint(verify));
    }
    if proof.whole != Some(true) {
        return Err(refused("the snapshot holds only a part of the database").hint(verify));
    }
    let (Some(system), Some(database), Some(oid)) =
        (&proof.system_identifier, &proof.database, proof.database_oid)
    else {
        return Err(refused("pgverify's result does not say which database the snapshot is of"));
    };
    if system != wanted.system || database != wanted.database {
        return Err(refused(format!(
            "the snapshot is of database {database:?} of cluster {system}, and this is database {:?} of cluster {}",
            wanted.database, wanted.system
        )));
    }
    if oid != wanted.oid {
        return Err(refused(format!(
            "the snapshot is of a database {database:?} that was here before: this one was made anew under its name"
        ))
        .hint(verify));
    }
    age(&proof, wanted)?;
    Ok(Passed { gate: "verified", snapshot: proof.snapshot, store: proof.store })
}

fn age(proof: &Proof, wanted: &Wanted<'_>) -> Result<()> {
    let taken = proof.snapshot_time.as_deref().unwrap_or_default();
    let (Ok(taken), Ok(now)) = (moment(taken), moment(wanted.now)) else {
        return Err(refused("pgverify's result does not say when the snapshot was taken"));
    };
    let age = now.duration_since(taken);
    if age.is_negative() {
        return Err(refused(format!(
            "the snapshot was taken at {taken}, and by the server's clock it is {now}"
        )));
    }
    if age.unsigned_abs() > wanted.max_age {
        let shown = |duration: Duration| human::seconds(duration.as_secs_f64());
        return Err(refused(format!(
            "the snapshot is {} old, and --max-age is {}",
            shown(age.unsigned_abs()),
            shown(wanted.max_age)
        ))
        .hint("take a new one: what was written since then would be lost"));
    }
    Ok(())
}

/// A time as records write it, or as the server does.
fn moment(text: &str) -> std::result::Result<Timestamp, jiff::Error> {
    text.parse::<Timestamp>()
}

fn refused(why: impl Into<String>) -> Error {
    Error::refused("gate", why)
}
