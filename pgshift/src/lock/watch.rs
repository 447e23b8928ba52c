//! Watches over the session that changes the database, from the one that holds the lock: who is in its way, and whether the
//! lock is still there. When it is not, the work is cancelled.

use super::blockers::Blocker;
use common::error::{Class, Error, Result, ServerError};
use common::pg::session::Session;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long between two looks when nothing waits.
const IDLE: Duration = Duration::from_secs(1);

/// How long between two looks at what works.
const BUSY: Duration = Duration::from_millis(150);

/// What cancels the statement that works.
pub(crate) type Cancel = Arc<dyn Fn() + Send + Sync>;

/// What the watching and the working thread share.
pub(crate) struct Watch {
    shared: Mutex<Shared>,
    /// How long between two looks at what works.
    tick: Duration,
}

struct Shared {
    worker: Option<(i32, Cancel)>,
    busy: Option<Instant>,
    version: String,
    blockers: Vec<Blocker>,
    lost: Option<Error>,
    over: bool,
}

/// What is seen.
pub(crate) enum Watched<'a> {
    /// Somebody is in the way of this version who was not before.
    Blocked(&'a Blocker, &'a str),
    /// The server says something.
    Notice(ServerError),
}

impl Watch {
    /// Looks often enough to see who is in the way before `patience` ends.
    pub(crate) fn new(patience: Duration) -> Self {
        let tick =
            if patience.is_zero() { BUSY } else { BUSY.min(patience / 4).max(Duration::from_millis(10)) };
        let shared = Shared {
            worker: None,
            busy: None,
            version: String::new(),
            blockers: Vec::new(),
            lost: None,
            over: false,
        };
        Self { shared: Mutex::new(shared), tick }
    }

    /// The session to watch.
    pub(crate) fn over(&self, pid: i32, cancel: Cancel) {
        self.lock().worker = Some((pid, cancel));
    }

    /// It is at work on this version from now on.
    pub(crate) fn begin(&self, version: &str) -> Result<()> {
        let mut shared = self.lock();
        if let Some(lost) = &shared.lost {
            return Err(lost.clone());
        }
        shared.busy = Some(Instant::now());
        version.clone_into(&mut shared.version);
        shared.blockers.clear();
        Ok(())
    }

    /// It is done; who was in its way.
    pub(crate) fn end(&self) -> Result<Vec<Blocker>> {
        let mut shared = self.lock();
        shared.busy = None;
        match &shared.lost {
            Some(lost) => Err(lost.clone()),
            None => Ok(std::mem::take(&mut shared.blockers)),
        }
    }

    /// There is nothing left to watch.
    pub(crate) fn finish(&self) {
        self.lock().over = true;
    }

    /// Watches until [`Watch::finish`]; `holder` is the session that has the lock.
    pub(crate) fn run(
        &self,
        mut holder: Session,
        notices: &Receiver<ServerError>,
        tell: impl Fn(Watched<'_>),
    ) {
        let mut looked = Instant::now();
        loop {
            match notices.recv_timeout(self.tick) {
                Ok(notice) => tell(Watched::Notice(notice)),
                // Whoever might say something is gone: nothing wakes us before the next look.
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(self.tick),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.lock().over {
                for notice in notices.try_iter() {
                    tell(Watched::Notice(notice));
                }
                // Who looks right after us shall find nobody at work: the server takes its time to see that a session has
                // ended. One that is lost holds nothing any more.
                drop(holder.execute("SELECT pg_catalog.pg_advisory_unlock_all()"));
                return;
            }
            let works = self.lock().busy.is_some_and(|since| since.elapsed() >= self.tick);
            if looked.elapsed() < if works { self.tick } else { IDLE } {
                continue;
            }
            looked = Instant::now();
            if self.lock().lost.is_some() {
                self.cancel();
            } else if let Err(error) = self.look(&mut holder, works, &tell) {
                self.lock().lost = Some(lost(error));
                self.cancel();
            }
        }
    }

    fn look(&self, holder: &mut Session, works: bool, tell: &impl Fn(Watched<'_>)) -> Result<()> {
        let worker = self.lock().worker.as_ref().map(|(pid, _)| *pid).filter(|_| works);
        let Some(pid) = worker else { return holder.execute("SELECT 1") };
        for blocker in Blocker::of(holder, pid)? {
            let known = self.lock().blockers.iter().any(|known| known.pid == blocker.pid);
            if !known {
                let version = self.lock().version.clone();
                tell(Watched::Blocked(&blocker, &version));
                self.lock().blockers.push(blocker);
            }
        }
        Ok(())
    }

    fn cancel(&self) {
        let cancel = self.lock().worker.as_ref().map(|(_, cancel)| Arc::clone(cancel));
        if let Some(cancel) = cancel {
            cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lost(error: Error) -> Error {
    if error.code() == "interrupted" {
        return error;
    }
    error
        .context("the session that holds the lock was lost, so that another pgshift may begin")
        .class_is(Class::Interrupted)
        .code_is("lock_lost")
        .hint("run it again: what was not committed was taken back")
}
