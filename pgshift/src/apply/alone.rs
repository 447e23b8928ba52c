//! A statement outside of any transaction. The history says before that it begins, and after that it is done.

use super::indexes::Building;
use super::worker::Worker;
use super::{Apply, Task};
use crate::records::StatementRecord;
use crate::script::{Need, Statement, Words};
use common::error::{Error, Result};
use std::time::Instant;

impl Apply<'_> {
    /// Runs one statement; with `complete` nothing is left of the migration.
    pub(super) fn alone(
        &self,
        worker: &mut Worker<'_>,
        task: &mut Task<'_>,
        statement: &Statement,
        complete: bool,
    ) -> Result<()> {
        let text = task.script.text(statement);
        let begun = Instant::now();
        worker.write_down(&self.record(task, task.done, Some(statement.number), false))?;
        task.is_recorded = true;
        // CREATE INDEX CONCURRENTLY and its like wait for every older transaction of the database: no time is too long for that.
        let unhurried = Words::of(text).has("concurrently");
        let building = Building::of(text);
        let ran = self.patiently(worker, task.script, |worker| {
            let attempt = |worker: &mut Worker<'_>| {
                building.clear(&mut worker.session, self.session)?;
                send(worker, task.written.version, (statement.number, text))
            };
            let done = if unhurried { worker.without_lock_timeout(attempt) } else { attempt(worker) };
            done.map_err(|error| (Some(statement), error))
        });
        if let Err(error) = ran {
            // The server said that it was not done; unless it may have done some of it.
            if answered(&error) && !may_have_begun(statement, text) {
                building.clear(&mut worker.session, self.session)?;
                worker.write_down(&self.record(task, task.done, None, false))?;
            }
            return Err(error);
        }
        building
            .check(&mut worker.session)
            .map_err(|error| error.context(task.script.place(statement).to_string()))?;
        let done = usize::try_from(statement.number).unwrap_or(usize::MAX);
        worker.write_down(&self.record(task, done, None, complete))?;
        task.done = done;
        worker.tell_trace(self.session, task.entry.migration, task.script);
        self.session.emit(&StatementRecord::done(
            task.entry.migration,
            task.script,
            statement,
            begun.elapsed().as_secs_f64(),
        ));
        Ok(())
    }
}

fn send(worker: &mut Worker<'_>, version: &str, statement: (u32, &[u8])) -> Result<()> {
    worker.watch.begin(version)?;
    let ran = worker.run_alone(statement);
    // What was cancelled because the lock was lost has no better reason.
    worker.watch.end().and(ran)
}

/// Whether the server refused it, instead of being lost in the midst of it.
fn answered(error: &Error) -> bool {
    error.server_error().is_some() && error.code() != "connection_lost"
}

/// Whether some of it may be done though it failed.
fn may_have_begun(statement: &Statement, text: &[u8]) -> bool {
    statement.class.need == Need::Either || Words::first(text, 1).is(0, "do")
}
