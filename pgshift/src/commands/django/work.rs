//! What the commands share that change the database of a Django project.

use crate::apply::{Patience, rest};
use crate::cli::Waiting;
use crate::commands::work;
use crate::django::{Entry, Half, Helper, Journal, Run, Trouble};
use crate::history::{Author, Direction};
use crate::lock::{self, Lock, Watch};
use crate::records::{MigrationRecord, ShiftResult};
use common::cli::Session;
use common::error::{Class, Result};
use common::name::literal;
use common::pg::session::Session as Connection;
use common::pg::target::Target;
use common::records::Warning;
use std::sync::mpsc::sync_channel;

/// Takes both locks: the one of the run here, the one of the session that works in the helper.
pub(super) fn open<'a>(
    session: &'a Session<ShiftResult>,
    waiting: &Waiting,
    helper: Helper,
    target: &Target,
    (journal, watch): (&'a Journal, &'a Watch),
) -> Result<(Connection, Run<'a>)> {
    let mut holder = lock::open(target, Lock::Run, waiting.wait, |holder| {
        session.warn(&Warning::new("locked", format!("waiting for another pgshift: {holder}")));
    })?;
    holder.pin_for_writing()?;
    // Another host of several may not be the same server.
    let mut side = Connection::open(&holder.target().clone())?;
    // What statements of the project name without a schema is found where the project finds it.
    let path = side.query_one("SELECT pg_catalog.current_setting('search_path')")?.text(0).to_owned();
    side.pin_for_writing()?;
    side.query_one(&format!("SELECT pg_catalog.set_config('search_path', {}, false)", literal(&path)))?;
    let mut run = Run {
        session,
        helper,
        side,
        watch,
        journal,
        author: nobody(),
        limit: Some(waiting.lock_timeout).filter(|limit| !limit.is_zero()),
        wait: waiting.wait,
        resume: waiting.resume,
        trace: None,
        pid: None,
        busy: false,
    };
    run.open()?;
    Ok((holder, run))
}

/// Who only takes back, or says what is so.
pub(super) fn nobody() -> Author {
    Author { host: String::new(), run: String::new(), gate: String::new(), snapshot: None, store: None }
}

/// One migration, tried until it works, or fails for another reason than a lock, or too often.
pub(super) fn one(run: &mut Run<'_>, waiting: &Waiting, entry: &Entry, direction: Direction) -> Result<()> {
    let session = run.session;
    let version = entry.migration.version();
    let mut half = Half::of(entry, direction);
    for tried in 0.. {
        run.watch.begin(&version)?;
        let ran = run.migrate(entry, &mut half, direction);
        let watched = run.watch.end();
        let trouble = match (ran, watched) {
            (Ok((seconds, statements)), _) => {
                done(session, entry, direction, seconds, statements);
                return Ok(());
            }
            // What was cancelled because the lock was lost has no better reason.
            (Err(_), Err(lost)) => return Err(lost),
            (Err(trouble), Ok(_)) => trouble,
        };
        let Trouble { error, passes } = trouble;
        if !passes {
            return Err(error);
        }
        if tried >= waiting.lock_retries {
            return Err(error
                .class_is(Class::Interrupted)
                .cause(format!("tried {} times", tried + 1))
                .hint("try again at a quieter hour, with more --lock-retries, or end who is in the way"));
        }
        let pause = Patience::pause(tried);
        let code = if error.sqlstate() == Some("40P01") { "deadlock" } else { "lock_timeout" };
        let message = format!("{error}; it is tried again in {:.1} s", pause.as_secs_f64());
        session.warn(&Warning::new(code, message).object(&version));
        rest(pause)?;
    }
    Ok(())
}

fn done(session: &Session<ShiftResult>, entry: &Entry, direction: Direction, seconds: f64, statements: u64) {
    let state = if direction == Direction::Up { "applied" } else { "reverted" };
    session.emit(&MigrationRecord {
        state: state.to_owned(),
        seconds: Some(seconds),
        statements,
        operations_done: None,
        applied_at: None,
        ..entry.record()
    });
    let mut result = session.result();
    match direction {
        Direction::Up => {
            result.applied = result.applied.map(|count| count + 1);
            result.pending = result.pending.map(|count| count.saturating_sub(1));
        }
        Direction::Down => result.reverted = result.reverted.map(|count| count + 1),
    }
}

/// Runs `work` while the session that holds the lock looks on.
pub(super) fn watched(
    session: &Session<ShiftResult>,
    holder: Connection,
    waiting: &Waiting,
    watch: &Watch,
    work: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let (_sender, notices) = sync_channel(1);
    std::thread::scope(|scope| {
        let watching = scope.spawn(move || {
            watch.run(holder, &notices, |seen| work::tell(session, waiting, &seen));
        });
        // It has to end whatever happens here, or the scope would not.
        let finish = work::Finish(watch);
        let done = work();
        drop(finish);
        // A panic of it was told by itself.
        let _ = watching.join();
        done
    })
}
