//! Finds out whether a transaction pooler stands between us and the server: then one session is many, and a
//! snapshot held by one of them is lost at its first COMMIT.

use super::session::Session;
use super::target::Target;
use crate::error::{Error, Result};
use std::sync::{Mutex, PoisonError};

/// Poolers that were seen to give each client a server session of its own: asking takes two more of them each time.
static FAITHFUL: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Fails when what `session` sets would stay behind for whoever gets its server session next, as [`refuse_transaction_pooling`].
pub(super) fn refuse_shared(session: &mut Session) -> Result<()> {
    if i64::from(session.announced_pid()) == backend(session)? {
        return Ok(());
    }
    let target = session.target().clone();
    let faithful = FAITHFUL.lock().unwrap_or_else(PoisonError::into_inner).contains(&target.describe());
    if faithful { Ok(()) } else { refuse(&target, "what a session sets would stay behind for others") }
}

/// Fails when `target` is a pooler that gives each transaction another server session.
///
/// A pooler announces process IDs of its own; only then is there more to ask. Two sessions take turns: the second
/// gets the server session that the first one's transaction gave back, and the first one finds itself elsewhere.
/// `why` says what needs a session of its own.
pub fn refuse_transaction_pooling(target: &Target, why: &str, stop: fn() -> bool) -> Result<()> {
    refuse(&target.clone().stop_when(stop), why)
}

fn refuse(target: &Target, why: &str) -> Result<()> {
    let mut first = Session::open(target)?;
    let before = backend(&mut first)?;
    if i64::from(first.announced_pid()) == before {
        return Ok(());
    }
    let mut second = Session::open(target)?;
    let moved = match first.execute("BEGIN") {
        // A pool of statements knows no transactions at all.
        Err(error) if error.sqlstate() == Some("08P01") => true,
        begun => {
            begun?;
            let held = backend(&mut first)?;
            first.execute("COMMIT")?;
            second.execute("BEGIN")?;
            let taken = backend(&mut second)?;
            // With a pool of one, this would wait for a turn that never comes: it is the same answer.
            let moved = taken == held || held != before || backend(&mut first)? != before;
            drop(second.execute("ROLLBACK"));
            moved
        }
    };
    if !moved {
        FAITHFUL.lock().unwrap_or_else(PoisonError::into_inner).push(target.describe());
        return Ok(());
    }
    Err(Error::failed(
        "transaction_pooling",
        format!("{} is behind a pooler that pools transactions", target.describe()),
    )
    .cause(why)
    .hint("connect to the server itself, or to a pool with pool_mode = session"))
}

fn backend(session: &mut Session) -> Result<i64> {
    session.query_one("SELECT pg_catalog.pg_backend_pid()")?.number(0)
}
