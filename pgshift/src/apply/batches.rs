//! A backfill: batch after batch, each in a transaction with what the history says of it. A signal ends it after a batch.

use super::patience::rest;
use super::trouble::explain;
use super::worker::{Worker, committed};
use super::{Apply, Patience, Task};
use crate::backfill::{Directive, Filled, Key, Lag, Pace};
use crate::history::{BackfillOf, Checkpoint};
use crate::records::BackfillRecord;
use crate::script::{self, Statement};
use common::cli::{human, signals};
use common::error::{Class, Error, Result, ServerError};
use common::pg::wire::stopped;
use common::records::Warning;
use std::time::{Duration, Instant};

/// How often it is told how far it is.
const TELL: Duration = Duration::from_secs(2);

/// How long between two looks at replicas that are behind.
const LOOK: Duration = Duration::from_millis(200);

/// A backfill under way.
struct Backfill<'a> {
    of: BackfillOf<'a>,
    directive: &'a Directive,
    statement: &'a Statement,
    key: Key,
    at: Checkpoint,
    pace: Pace,
    lag: Lag,
    /// When this run of it began, and with how many rows done.
    begun: (Instant, u64),
    told: Instant,
}

impl Apply<'_> {
    /// Runs a backfill, or the rest of it.
    pub(super) fn batches(
        &self,
        worker: &mut Worker<'_>,
        task: &mut Task<'_>,
        directive: &Directive,
        resumes: bool,
    ) -> Result<()> {
        let Some((statement, settings)) = Directive::parts(task.script) else { return Ok(()) };
        for setting in settings {
            let set = worker.session.run_all(&[task.script.text(setting)]);
            set.map_err(|broken| explain(task.script, Some(setting), broken.error))?;
        }
        let of =
            BackfillOf { kind: task.written.kind, version: task.written.version, direction: task.direction };
        let key = Key::of(&mut worker.session, directive)
            .map_err(|error| error.context(task.script.place(statement).to_string()))?;
        let at = self.checkpoint(worker, task, of, &key, directive, resumes)?;
        let mut backfill = Backfill {
            of,
            directive,
            statement,
            pace: Pace::new(at.batch_rows),
            lag: Lag::default(),
            begun: (Instant::now(), at.rows_done),
            told: Instant::now(),
            key,
            at,
        };
        self.session.emit(&backfill.record("running"));
        let own_timeout = settings.iter().any(|setting| setting.class.own_timeout);
        if let Some(limit) = self.patience.lock_timeout.filter(|_| !own_timeout) {
            worker.session.execute(&format!("SET lock_timeout = {}", limit.as_millis()))?;
            // A batch that was begun is brought to its end; without a limit for locks it might never come there.
            worker.session.stop_when(|| false)?;
        }
        let done = self.all_batches(worker, task, &mut backfill);
        worker.session.stop_when(signals::stop_requested)?;
        if let Err(error) = done {
            self.session.emit(&backfill.record("partial"));
            return Err(error);
        }
        worker.write_down(&self.record(task, task.script.statements.len(), None, true))?;
        task.done = task.script.statements.len();
        self.session.emit(&backfill.record("done"));
        Ok(())
    }

    /// Where to go on; a beginning is written down.
    fn checkpoint(
        &self,
        worker: &mut Worker<'_>,
        task: &mut Task<'_>,
        of: BackfillOf<'_>,
        key: &Key,
        directive: &Directive,
        resumes: bool,
    ) -> Result<Checkpoint> {
        let (checksum, columns) = (script::of_script(task.script), key.names());
        let before = if resumes { self.history.checkpoint(&mut worker.session, of)? } else { None };
        if let Some(before) = before {
            if before.checksum == checksum && before.columns == columns {
                return Ok(before);
            }
            let path = task.script.script.path.display();
            let what =
                format!("{path} is not the backfill any more that did the first {} rows", before.rows_done);
            let anew = self.history.forget_backfill(of);
            return Err(Error::new(Class::Drift, "edited_backfill", what)
                .hint(format!("put the old file back, or begin anew from the first row: {anew}")));
        }
        if !key.has_index {
            let message = "no index leads along the key of the backfill: each batch reads the whole table";
            self.session.warn(&Warning::new("no_key_index", message).object(&key.table));
        }
        let at = Checkpoint {
            checksum,
            columns,
            last: None,
            highest: key.highest(&mut worker.session)?,
            rows_done: 0,
            rows_estimated: key.estimate,
            batches: 0,
            batch_rows: directive.batch,
        };
        let mut statements = self.record(task, 0, None, false);
        statements.extend(self.history.begin_backfill(&mut worker.session, of, &at)?);
        worker.write_down(&statements)?;
        task.is_recorded = true;
        Ok(at)
    }

    fn all_batches(
        &self,
        worker: &mut Worker<'_>,
        task: &Task<'_>,
        backfill: &mut Backfill<'_>,
    ) -> Result<()> {
        let Some(highest) = backfill.at.highest.clone() else { return Ok(()) };
        let mut tried = 0;
        loop {
            if signals::stop_requested() {
                return Err(stopped());
            }
            let begun = Instant::now();
            let before = backfill.at.rows_done;
            worker.watch.begin(task.written.version)?;
            let ran = self.next(worker, task, backfill, &highest);
            // What was cancelled because the lock was lost has no better reason.
            let blockers = worker.watch.end()?;
            match ran {
                Ok(false) => return Ok(()),
                Ok(true) => tried = 0,
                Err(error) => {
                    self.try_again(task, backfill, error, tried)?;
                    tried += 1;
                    continue;
                }
            }
            if blockers.is_empty() {
                backfill.pace.took(backfill.at.rows_done - before, begun.elapsed());
            } else {
                backfill.pace.halve();
            }
            if backfill.told.elapsed() >= TELL {
                backfill.told = Instant::now();
                self.session.emit(&backfill.record("running"));
            }
            self.let_replicas_follow(worker, backfill)?;
            rest(backfill.directive.pause)?;
        }
    }

    /// The next batch and its checkpoint, in one transaction; says whether there was one.
    fn next(
        &self,
        worker: &mut Worker<'_>,
        task: &Task<'_>,
        backfill: &mut Backfill<'_>,
        highest: &[String],
    ) -> Result<bool> {
        let after = backfill.at.last.as_deref();
        let batch = backfill.key.next(&mut worker.session, after, highest, backfill.pace.rows())?;
        let Some(batch) = batch else { return Ok(false) };
        let original = task.script.text(backfill.statement);
        let filled = Filled::new(original, |alias| backfill.key.condition(alias, after, &batch.last));
        let at = Checkpoint {
            last: Some(batch.last.clone()),
            rows_done: backfill.at.rows_done + batch.rows,
            batches: backfill.at.batches + 1,
            batch_rows: backfill.pace.rows(),
            ..backfill.at.clone()
        };
        let ourselves = worker.as_ourselves();
        let written = self.history.advance_backfill(backfill.of, &at);
        let mut all: Vec<&[u8]> = vec![b"BEGIN", &filled.text];
        all.extend(ourselves.iter().map(String::as_bytes));
        all.extend([written.as_bytes(), b"COMMIT"]);
        let tag = worker.session.run_all(&all).map_err(|broken| {
            let error = broken.error;
            if error.server_error().is_some() && error.code() != "connection_lost" {
                // The session is good for another try only when this works; then that one says what is wrong.
                let _ = worker.session.execute("ROLLBACK");
            }
            if broken.done == 1 { in_original(error, &filled, original) } else { error }
        })?;
        committed(&tag)?;
        backfill.at = at;
        Ok(true)
    }

    /// Makes the batch smaller when a lock was in the way; any other error ends it.
    fn try_again(
        &self,
        task: &Task<'_>,
        backfill: &mut Backfill<'_>,
        error: Error,
        tried: u32,
    ) -> Result<()> {
        let passes = matches!(error.sqlstate(), Some("55P03" | "40P01" | "40001"));
        let statement = Some(backfill.statement);
        if !passes {
            return Err(explain(task.script, statement, error));
        }
        if tried >= self.patience.retries {
            let error = explain(task.script, statement, error).class_is(Class::Interrupted);
            return Err(error
                .cause(format!("tried {} times, the last time with {} rows", tried + 1, backfill.pace.rows()))
                .hint("run it again at a quieter hour: it goes on behind the last batch"));
        }
        backfill.pace.halve();
        let pause = Patience::pause(tried);
        self.tell(task.script, statement, &error, pause);
        rest(pause)
    }

    /// Waits until no replica is too far behind.
    fn let_replicas_follow(&self, worker: &mut Worker<'_>, backfill: &mut Backfill<'_>) -> Result<()> {
        let unseen = backfill.lag.unseen;
        backfill.lag.mark(&mut worker.session)?;
        if backfill.lag.unseen && !unseen {
            let warning = Warning::new(
                "replicas_unseen",
                "there are replicas, and this role may not see how far they are",
            );
            self.session.warn(&warning.hint("GRANT pg_monitor TO …"));
        }
        let mut since: Option<Instant> = None;
        loop {
            let lag = backfill.lag.now(&mut worker.session)?;
            if lag <= self.max_lag {
                return Ok(());
            }
            if let Some(limit) = self.max_replica_wait
                && since.is_some_and(|since| since.elapsed() >= limit)
            {
                return Err(replica_stands(&backfill.at, lag, limit));
            }
            if since.is_none() {
                since = Some(Instant::now());
                let message =
                    format!("a replica is {:.1} s behind: the backfill waits for it", lag.as_secs_f64());
                self.session.warn(&Warning::new("replica_lag", message).object(&backfill.key.table));
            }
            rest(LOOK)?;
        }
    }
}

impl Backfill<'_> {
    fn record(&self, state: &str) -> BackfillRecord {
        let (begun, before) = self.begun;
        let seconds = begun.elapsed().as_secs_f64();
        let here = self.at.rows_done.saturating_sub(before);
        let rate = (here > 0 && seconds > 0.0).then(|| float(here) / seconds);
        let left = self.at.rows_estimated.map(|all| all.saturating_sub(self.at.rows_done));
        BackfillRecord {
            rows_per_second: rate,
            eta_seconds: rate.zip(left).filter(|_| state == "running").map(|(rate, left)| float(left) / rate),
            batch_rows: self.pace.rows(),
            ..BackfillRecord::at(self.of.version, &self.key.table, &self.at, state)
        }
    }
}

fn replica_stands(at: &Checkpoint, lag: Duration, limit: Duration) -> Error {
    let seconds = |time: Duration| human::seconds(time.as_secs_f64());
    let message =
        format!("a replica is {} behind, and the backfill has waited {}", seconds(lag), seconds(limit));
    Error::new(Class::Interrupted, "replica_behind", message)
        .cause(format!("{} are done and stay so", human::plural(at.rows_done, "row")))
        .hint("see to the replica (pg_stat_replication) and run it again: it goes on behind the last batch")
}

/// Good enough for a rate.
fn float(rows: u64) -> f64 {
    u32::try_from(rows).map_or(f64::from(u32::MAX), f64::from)
}

/// The server's error with its position in the file's statement instead of the batch's.
fn in_original(error: Error, filled: &Filled, original: &[u8]) -> Error {
    let Some(server) = error.server_error() else { return error };
    let Some(position) = server.position else { return error };
    let position = Some(filled.position_in(original, position));
    Error::server(ServerError { position, ..server.clone() })
}
