//! One pgshift at a time in a database: advisory locks of sessions, asked for again and again and never waited for.
//!
//! A session that waits in `pg_advisory_lock` holds a snapshot, which CREATE INDEX CONCURRENTLY of the holder waits for: a
//! deadlock. Nor are the locks taken in a transaction.
//!
//! Two locks, for two sessions: who is killed leaves a session that still works, and whoever comes next has to wait for it.

mod blockers;
mod holder;
mod watch;

pub(crate) use blockers::Blocker;
pub(crate) use watch::{Cancel, Watch, Watched};

use common::cli::signals;
use common::error::{Class, Error, Result};
use common::pg::pooler;
use common::pg::session::Session;
use common::pg::target::Target;
use common::pg::wire::stopped;
pub(crate) use holder::Holder;
use std::time::{Duration, Instant};

/// What the locks are called in `pg_locks`, as `classid`: "pgsh".
pub(crate) const FAMILY: i32 = 0x7067_7368;

/// How long to wait before asking again.
const PAUSE: Duration = Duration::from_millis(100);

/// Which lock: `objid` in `pg_locks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Held as long as a run lasts.
    Run = 1,
    /// Held by the session that changes the database, as long as that session lives.
    Work = 2,
}

/// Opens a session that holds `lock`. Waits up to `wait`; `told` hears once who has it.
pub(crate) fn open(
    target: &Target,
    lock: Lock,
    wait: Duration,
    mut told: impl FnMut(&Holder),
) -> Result<Session> {
    let mut session = Session::open(target)?;
    session.stop_when(signals::stop_requested)?;
    // Behind a pooler of transactions the lock would stay with a session that is not ours: look before it is taken.
    let pid = session.query_one("SELECT pg_catalog.pg_backend_pid()")?.number::<i64>(0)?;
    if i64::from(session.announced_pid()) != pid {
        let why = "the lock that keeps two runs apart needs a session of its own from beginning to end";
        pooler::refuse_transaction_pooling(target, why, signals::stop_requested)?;
    }
    let begun = Instant::now();
    let mut known = false;
    let ask = format!("SELECT pg_catalog.pg_try_advisory_lock({FAMILY}, {})", lock as i32);
    while !session.query_one(&ask)?.is_true(0) {
        let holder = Holder::of(&mut session, FAMILY, lock as i32)?;
        if begun.elapsed() >= wait {
            return Err(held(target, holder.as_ref()));
        }
        if let (false, Some(holder)) = (known, &holder) {
            told(holder);
            known = true;
        }
        pause()?;
    }
    Ok(session)
}

/// Who is at work in the database of `session` just now.
pub(crate) fn at_work(session: &mut Session) -> Result<Option<Holder>> {
    Holder::of(session, FAMILY, Lock::Run as i32)
}

/// Who holds the lock of the session that works.
pub(crate) fn works(session: &mut Session) -> Result<Option<Holder>> {
    Holder::of(session, FAMILY, Lock::Work as i32)
}

/// Waits a moment before asking again.
pub(crate) fn pause() -> Result<()> {
    if signals::stop_requested() {
        return Err(stopped());
    }
    std::thread::sleep(PAUSE);
    Ok(())
}

fn held(target: &Target, holder: Option<&Holder>) -> Error {
    let what = format!("another pgshift is at work in {}", target.describe());
    let error = Error::new(Class::Interrupted, "locked", what);
    match holder {
        Some(holder) => error
            .cause(holder.to_string())
            .hint(format!("wait for it with --wait, or end it: SELECT pg_terminate_backend({})", holder.pid)),
        None => error.hint("run it again"),
    }
}
