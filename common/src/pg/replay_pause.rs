//! Holds the replay of write-ahead log on a standby while it is read, so that nothing that is replayed cancels the reading.
//!
//! Only for a time: then replay goes on, whatever is still being read. It goes on in any case when the value goes; only
//! who is killed with SIGKILL leaves it paused.

use super::session::Session;
use super::target::Target;
use crate::error::{Context as _, Error, Result};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often is looked whether replay has come to a halt.
const LOOK: Duration = Duration::from_millis(50);

const IS_PAUSED: &str = "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_is_wal_replay_paused() ELSE false END";

/// What came of the wish to pause.
pub enum Asked {
    /// It is paused.
    Held(ReplayPause),
    /// Somebody else has paused it; it stays so.
    WasPaused,
    /// This server is no standby.
    NoStandby,
}

/// How a pause ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Because it was no longer needed.
    Done,
    /// Because it had lasted as long as it may.
    Overdue,
}

/// Replay stands still while this value lives, and no longer than it may.
pub struct ReplayPause {
    done: Option<Sender<()>>,
    watcher: Option<JoinHandle<Result<End>>>,
}

/// Whether this server is a standby whose replay somebody has paused.
pub fn is_paused(session: &mut Session) -> Result<bool> {
    Ok(session.query_one(IS_PAUSED)?.is_true(0))
}

impl ReplayPause {
    /// Pauses the replay on the server of `target` for at most `bound`; returns when it stands still.
    pub fn begin(target: &Target, bound: Duration, stop: fn() -> bool) -> Result<Asked> {
        let begun = Instant::now();
        // Whatever is to stop: what was paused has to go on.
        let target = target.clone().stop_when(|| false);
        let mut session = Session::open(&target)?;
        session.pin()?;
        if !session.query_one("SELECT pg_catalog.pg_is_in_recovery()")?.is_true(0) {
            return Ok(Asked::NoStandby);
        }
        if is_paused(&mut session)? {
            return Ok(Asked::WasPaused);
        }
        session
            .execute("SELECT pg_catalog.pg_wal_replay_pause()")
            .map_err(|error| forbidden(error, &target))?;
        let tells = session.major() >= 14;
        let (done, wait) = channel();
        let target = session.target().clone();
        let looked_at = target.clone();
        let watcher = std::thread::spawn(move || watch(session, &target, &wait, begun, bound));
        let held = Self { done: Some(done), watcher: Some(watcher) };
        if tells {
            stands_still(&mut Session::open(&looked_at)?, begun + bound, stop)?;
        }
        Ok(Asked::Held(held))
    }

    /// Lets replay go on; fails when it could not be told to.
    pub fn finish(mut self) -> Result<End> {
        self.end().unwrap_or(Ok(End::Done))
    }

    fn end(&mut self) -> Option<Result<End>> {
        self.done = None;
        let ended = self.watcher.take()?.join();
        Some(
            ended
                .unwrap_or_else(|_| Err(Error::failed("internal", "what watches over the pause has failed"))),
        )
    }
}

impl Drop for ReplayPause {
    fn drop(&mut self) {
        // Who wants to hear of a failure calls `finish`.
        let _ = self.end();
    }
}

/// Waits until replay has come to a halt: it may be in the middle of something.
fn stands_still(session: &mut Session, until: Instant, stop: fn() -> bool) -> Result<()> {
    session.lift_timeout()?;
    while session.query_one("SELECT pg_catalog.pg_get_wal_replay_pause_state()")?.text(0) == "pause requested"
    {
        if stop() {
            return Err(super::wire::stopped());
        }
        if Instant::now() > until {
            return Err(Error::failed("replay", "the standby's replay did not come to a halt in time"));
        }
        std::thread::sleep(LOOK);
    }
    Ok(())
}

fn watch(
    mut session: Session,
    target: &Target,
    wait: &Receiver<()>,
    begun: Instant,
    bound: Duration,
) -> Result<End> {
    let left = bound.saturating_sub(begun.elapsed());
    let end = match wait.recv_timeout(left) {
        Err(RecvTimeoutError::Timeout) => End::Overdue,
        Ok(()) | Err(RecvTimeoutError::Disconnected) => End::Done,
    };
    resume(&mut session).or_else(|error| match error.code() {
        "connection_lost" => resume(&mut Session::open(target)?),
        _ => Err(error),
    })?;
    Ok(end)
}

/// A server that was promoted meanwhile replays nothing.
fn resume(session: &mut Session) -> Result<()> {
    let sql = "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_wal_replay_resume()::pg_catalog.text END";
    match session.execute(sql) {
        Err(error) if error.sqlstate() == Some("55000") => Ok(()),
        done => done.context(|| "cannot let the standby's replay go on".to_owned()),
    }
}

fn forbidden(error: Error, target: &Target) -> Error {
    let error = error.context("cannot pause the standby's replay");
    if error.code() != "permission_denied" {
        return error;
    }
    let user = crate::name::ident(target.user());
    error.hint(format!(
        "on the primary, in the same database: GRANT EXECUTE ON FUNCTION pg_wal_replay_pause(), pg_wal_replay_resume() TO {user};"
    ))
}
