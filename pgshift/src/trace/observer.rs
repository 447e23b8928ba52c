//! Watches the working session from another one: the only way to see what is locked while a statement runs that has
//! transactions of its own. What is held for less than the time between two looks may be missed.

use crate::grammar::Mode;
use common::cli::signals;
use common::error::{Error, Result};
use common::pg::session::Session;
use common::pg::target::Target;
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long between two looks.
const TICK: Duration = Duration::from_millis(20);

/// What was seen while something ran.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Each lock, and for how many seconds it was held.
    pub(super) locks: BTreeMap<(u32, Mode), f64>,
    /// Seconds that were spent waiting for locks of others.
    pub(super) waited: f64,
}

/// The observer's thread.
pub(super) struct Observer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Since when there is something to watch.
    since: Option<Instant>,
    looked: Option<Instant>,
    seen: Seen,
    failure: Option<Error>,
    over: bool,
}

impl Observer {
    /// Of the server process `pid`.
    pub(super) fn of(target: &Target, pid: i32) -> Result<Self> {
        let target = target.clone().with_application_name("pgshift observer");
        let mut session = Session::open(&target)?;
        session.stop_when(signals::stop_requested)?;
        session.pin()?;
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = std::thread::spawn(move || theirs.run(&mut session, pid));
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Something runs from now on.
    pub(super) fn begin(&self) {
        let mut state = self.shared.lock();
        (state.seen, state.looked) = (Seen::default(), None);
        state.since = Some(Instant::now());
        drop(state);
        self.shared.changed.notify_all();
    }

    /// It ended; what was seen. Fails when nobody looked to the end.
    pub(super) fn end(&self) -> Result<Seen> {
        let mut state = self.shared.lock();
        state.since = None;
        match &state.failure {
            Some(failure) => Err(failure.clone()),
            None => Ok(std::mem::take(&mut state.seen)),
        }
    }

    /// There is nothing left to watch. Fails when nobody looked to the end.
    pub(super) fn finish(mut self) -> Result<()> {
        self.stop();
        self.shared.lock().failure.clone().map_or(Ok(()), Err)
    }

    fn stop(&mut self) {
        self.shared.lock().over = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic of it was told by itself.
            let _ = thread.join();
        }
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, session: &mut Session, pid: i32) {
        let query = format!(
            "SELECT granted, relation, mode, locktype FROM pg_catalog.pg_locks WHERE pid = {pid} \
             AND (NOT granted OR (locktype = 'relation' AND database <> 0 AND relation >= 16384))"
        );
        let mut state = self.lock();
        while !state.over {
            let Some(since) = state.since else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(state);
            let looked = look(session, &query);
            state = self.lock();
            match looked {
                // Otherwise it is about what ended meanwhile.
                Ok(looked) if state.since == Some(since) => state.add(since, looked),
                Ok(_) => {}
                Err(error) => {
                    state.failure = Some(lost(error));
                    return;
                }
            }
            if !state.over && state.since.is_some() {
                state = self.changed.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner).0;
            }
        }
        drop(state);
        // Who was lost since the last look has missed something, perhaps.
        if let Err(error) = session.execute("SELECT 1") {
            self.lock().failure = Some(lost(error));
        }
    }
}

fn lost(error: Error) -> Error {
    error.context("the session that observes the locks was lost")
}

/// What one look shows: the locks that are held, and whether one is waited for.
struct Looked {
    held: Vec<(u32, Mode)>,
    waits: bool,
}

fn look(session: &mut Session, query: &str) -> Result<Looked> {
    let mut looked = Looked { held: Vec::new(), waits: false };
    for row in session.query(query)? {
        if !row.is_true(0) {
            looked.waits = true;
        } else if let Some(mode) = Mode::of_server(row.text(2)).filter(|mode| *mode > Mode::AccessShare) {
            looked.held.push((row.number(1)?, mode));
        }
    }
    Ok(looked)
}

impl State {
    /// What is there at a look counts from the look before on.
    fn add(&mut self, since: Instant, looked: Looked) {
        let passed = self.looked.unwrap_or(since).elapsed().as_secs_f64();
        self.looked = Some(Instant::now());
        if looked.waits {
            self.seen.waited += passed;
        }
        for lock in looked.held {
            *self.seen.locks.entry(lock).or_default() += passed;
        }
    }
}
