//! What the snapshot brings is dropped before it is made: all of it, or nothing when one thing cannot be dropped.

use super::choice::Item;
use super::is_missing;
use crate::error::{Context as _, Result};
use crate::pg::archive::Entry;
use crate::pg::session::Session;
use std::collections::HashSet;

/// What goes with its table. Of a partition's primary key that is the only way: the server drops no inherited constraint.
/// Everything else is dropped by itself, since what it refers to may go before its table.
const PARTS: [&str; 3] = ["CONSTRAINT", "INDEX", "INDEX ATTACH"];

/// Drops what was asked for, the last made first; how many things.
pub(super) fn drop_all(session: &mut Session, wanted: &[Item<'_>], if_exists: bool) -> Result<u64> {
    let asked: Vec<&Entry> = wanted
        .iter()
        .rev()
        .filter(|item| item.asked && !item.entry.drop.trim().is_empty())
        .map(|item| item.entry)
        .collect();
    let tables: HashSet<i32> =
        asked.iter().filter(|entry| entry.kind == "TABLE").map(|entry| entry.id).collect();
    let goes_along = |entry: &Entry| {
        PARTS.contains(&entry.kind.as_str()) && entry.needs.iter().any(|id| tables.contains(id))
    };
    let (alone, together): (Vec<_>, Vec<_>) =
        asked.into_iter().filter(|entry| !goes_along(entry)).partition(|entry| entry.kind == "SUBSCRIPTION");
    // One that has a slot can't be dropped in a transaction.
    for entry in &alone {
        drop_one(session, entry, if_exists, false)?;
    }
    session.execute("BEGIN")?;
    for entry in &together {
        if let Err(error) = drop_one(session, entry, if_exists, true) {
            session.execute("ROLLBACK")?;
            return Err(match error.sqlstate() {
                Some("2BP01") => error
                    .hint("drop what depends on it, or make the whole database anew with --create --clean"),
                Some("53200") => error.hint(
                    "raise max_locks_per_transaction, or make the whole database anew with --create --clean",
                ),
                _ => error,
            });
        }
    }
    session.execute("COMMIT").context(|| "cannot drop what is in the way".to_owned())?;
    Ok((alone.len() + together.len()) as u64)
}

fn drop_one(session: &mut Session, entry: &Entry, if_exists: bool, inside: bool) -> Result<()> {
    let what = || format!("cannot drop {}", entry.describe());
    if !if_exists {
        return session.execute(&entry.drop).context(what);
    }
    let statement = entry.drop_if_exists();
    if !inside {
        return session.execute(&statement).context(what);
    }
    session.execute("SAVEPOINT pgsnap_drop")?;
    match session.execute(&statement) {
        // ALTER … IF EXISTS still minds a missing schema or type.
        Err(error) if is_missing(&error) => session.execute("ROLLBACK TO SAVEPOINT pgsnap_drop"),
        Err(error) => Err(error).context(what),
        Ok(()) => session.execute("RELEASE SAVEPOINT pgsnap_drop"),
    }
}
