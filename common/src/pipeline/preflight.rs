//! What is looked at before the first row is read: rights, locks, space, a pooler in between.
//!
//! It tells everything that is missing at once, with the statement that mends it, instead of the first failure.

use super::capture::Requirements;
use crate::error::{Error, Result};
use crate::format::manifest::Source;
use crate::name::ident;
use crate::pg::catalog;
use crate::pg::session::Session;
use std::fmt::Write as _;

/// How many missing rights are spelled out.
const SHOWN: usize = 20;

/// Fails unless the user of `session` may read all that is required.
pub fn rights(session: &mut Session, required: &Requirements) -> Result<()> {
    let user = session.query_one("SELECT current_user")?.text(0).to_owned();
    let mut missing = Vec::new();
    let mut grants = Vec::new();
    for lacking in catalog::rights(session, &required.oids)? {
        missing.push(format!("{} {}: {}", lacking.kind.to_lowercase(), lacking.quoted(), lacking.reason()));
        grants.push(lacking.grant(&user));
    }
    if required.large_objects {
        let (all, unreadable) = catalog::unreadable_objects(session)?;
        if unreadable > 0 {
            missing.push(format!("{unreadable} of {all} large objects: no SELECT"));
            grants
                .push("-B leaves large objects out; their owners, or a superuser, can read them".to_owned());
        }
    }
    grants.dedup();
    if missing.is_empty() {
        return Ok(());
    }
    let what = format!("user {} may not read {} of the selected objects", ident(&user), missing.len());
    let mut error = Error::failed("permission_denied", what);
    for line in missing.iter().take(SHOWN) {
        error = error.cause(line.clone());
    }
    if missing.len() > SHOWN {
        error = error.cause(format!("and {} more", missing.len() - SHOWN));
    }
    let mut hint = grants.iter().take(SHOWN).fold(String::new(), |mut hint, grant| {
        // Writing to a string does not fail.
        let _ = write!(hint, "{}{grant}", if hint.is_empty() { "" } else { "\n      " });
        hint
    });
    if grants.len() > SHOWN {
        let _ =
            write!(hint, "\n      or GRANT pg_read_all_data TO {} (PostgreSQL 14 and newer)", ident(&user));
    }
    Err(error.hint(hint))
}

/// Fails when the server's lock table can't hold a lock on every table.
pub fn locks(session: &mut Session, required: &Requirements) -> Result<()> {
    let row = session.query_one(include_str!("../pg/sql/limits.sql"))?;
    let room: u64 = row.number(0)?;
    if required.locks <= room {
        return Ok(());
    }
    let what = format!("{} tables need as many locks, the server has room for {room}", required.locks);
    Err(Error::failed("too_many_locks", what).hint(
        "raise max_locks_per_transaction and restart the server, or snapshot some schemas at a time with -n",
    ))
}

/// Fails when the free space is too little for the first snapshot of this size. With blocks of an earlier one in
/// the store nobody knows how much will be new.
pub fn space(source: &Source, bytes: u64, free: u64, compressed: bool, has_earlier: bool) -> Result<()> {
    // COPY text is about as large as the heap; zstd:1 leaves a quarter or less of most tables.
    let needed = if compressed { bytes / 5 } else { bytes };
    if has_earlier || free >= needed {
        return Ok(());
    }
    let human = crate::records::human::bytes;
    let what = format!(
        "the store has {} free, a snapshot of database {} needs about {}",
        human(free),
        ident(&source.database),
        human(needed)
    );
    Err(Error::failed("no_space", what).hint("free some space, or say --no-space-check"))
}
