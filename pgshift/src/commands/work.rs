//! What the commands share that change a database: the lock, the watch over it, the session that works.

use crate::apply::{Apply, Patience, Worker};
use crate::cli::Waiting;
use crate::history::{Author, History};
use crate::lock::{self, Lock, Watch, Watched};
use crate::records::{Blocked, ShiftResult};
use common::cli::Session;
use common::error::{Result, ServerError};
use common::pg::session::Session as Connection;
use common::pg::target::Target;
use common::records::Warning;
use std::sync::mpsc::sync_channel;

/// How many notices may wait to be told.
const NOTICES: usize = 1000;

/// Two sessions with a lock each: from here on nobody else changes what the history says.
pub(super) struct Held {
    /// Holds the lock of the run, with settings that don't change.
    pub(super) holder: Connection,
    /// Will change the database.
    worker: Connection,
}

impl Held {
    /// Takes both locks. What is read before that may not be true any more: what a killed run left at work may still commit.
    pub(super) fn open(session: &Session<ShiftResult>, target: &Target, waiting: &Waiting) -> Result<Self> {
        let mut holder = lock::open(target, Lock::Run, waiting.wait, |holder| {
            session.warn(&Warning::new("locked", format!("waiting for another pgshift: {holder}")));
        })?;
        holder.pin_for_writing()?;
        // Another host of several may not be the same server.
        let target = holder.target().clone();
        let worker = lock::open(&target, Lock::Work, waiting.wait, |holder| {
            let message = format!("waiting for what a killed pgshift left at work: {holder}");
            session.warn(&Warning::new("left_at_work", message));
        })?;
        Ok(Self { holder, worker })
    }
}

/// Runs `work` with a session that changes the database, watched over by the one that holds the lock.
pub(super) fn run(
    session: &Session<ShiftResult>,
    held: Held,
    history: &History,
    author: Author,
    waiting: &Waiting,
    work: impl FnOnce(&Apply<'_>, &mut Worker<'_>) -> Result<()>,
) -> Result<()> {
    let Held { holder, worker } = held;
    let watch = Watch::new(waiting.lock_timeout);
    let apply = Apply {
        session,
        history,
        author,
        patience: Patience {
            lock_timeout: Some(waiting.lock_timeout).filter(|limit| !limit.is_zero()),
            retries: waiting.lock_retries,
        },
        max_lag: waiting.max_lag,
        max_replica_wait: Some(waiting.max_replica_wait).filter(|limit| !limit.is_zero()),
        resume: waiting.resume,
    };
    let (sender, notices) = sync_channel(NOTICES);
    std::thread::scope(|scope| {
        let watched = &watch;
        let watching =
            scope.spawn(move || watched.run(holder, &notices, |seen| tell(session, waiting, &seen)));
        // It has to end whatever happens here, or the scope would not.
        let finish = Finish(&watch);
        let done = Worker::new(worker, &watch, sender).and_then(|mut worker| work(&apply, &mut worker));
        drop(finish);
        // A panic of it was told by itself.
        let _ = watching.join();
        done
    })
}

/// Ends the watch when it goes.
pub(super) struct Finish<'a>(pub(super) &'a Watch);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.0.finish();
    }
}

pub(super) fn tell(session: &Session<ShiftResult>, waiting: &Waiting, seen: &Watched<'_>) {
    match seen {
        Watched::Blocked(blocker, version) => {
            session.note(&format!("version {version} waits: {blocker}"));
            session.emit(&Blocked::by(blocker, version, waiting.show_queries));
        }
        Watched::Notice(notice) => say(session, notice),
    }
}

fn say(session: &Session<ShiftResult>, notice: &ServerError) {
    if notice.severity == "WARNING" {
        let warning = Warning::new("server_warning", format!("the server says: {}", notice.message));
        session.warn(&warning);
    } else {
        session.note(&format!("{}: {}", notice.severity, notice.message));
    }
}
