//! Runs migrations: each in one transaction where that can be, statement by statement otherwise.
//!
//! Nothing is applied twice, nothing recorded that did not happen, and nothing that happened is unrecorded: the history is
//! written in the migration's own transaction, or before and after each statement that cannot have one.

mod alone;
mod batches;
mod doubt;
mod indexes;
mod patience;
mod steps;
mod traced;
mod transaction;
mod trouble;
mod worker;

pub(crate) use doubt::{Resume, look as look_whether_done};
pub(crate) use indexes::Building;
pub(crate) use patience::{Patience, rest};
pub(crate) use steps::{Step, of as steps};
pub(crate) use worker::Worker;

use crate::backfill::Directive;
use crate::history::{Author, Direction, History, Progress, Standing, Written};
use crate::records::ShiftResult;
use crate::script::{self, Parsed, Statement};
use crate::state::Entry;
use common::cli::{Session, signals};
use common::error::{Error, Result};
use common::pg::wire::stopped;
use std::time::Duration;
use transaction::Transaction;

/// All that applying takes.
pub(crate) struct Apply<'a> {
    /// The run.
    pub(crate) session: &'a Session<ShiftResult>,
    /// Where it is written down.
    pub(crate) history: &'a History,
    /// Who does it.
    pub(crate) author: Author,
    /// How it waits for locks.
    pub(crate) patience: Patience,
    /// How far replicas may be behind a backfill.
    pub(crate) max_lag: Duration,
    /// How long it waits for them at a time.
    pub(crate) max_replica_wait: Option<Duration>,
    /// What somebody says of a statement in doubt.
    pub(crate) resume: Option<Resume>,
}

/// One script of one migration under way.
struct Task<'a> {
    entry: &'a Entry<'a>,
    script: &'a Parsed<'a>,
    direction: Direction,
    /// The fingerprint that the history keeps: the up script's.
    written: Written<'a>,
    /// Statements that are done.
    done: usize,
    /// Whether a row of this attempt is there.
    is_recorded: bool,
}

impl Apply<'_> {
    /// Applies a migration, or the rest of it.
    pub(crate) fn apply(&self, worker: &mut Worker<'_>, entry: &Entry<'_>) -> Result<()> {
        self.run(worker, entry, &entry.parsed, Direction::Up)
    }

    /// Takes a migration back by its down script, or by the rest of it.
    pub(crate) fn revert(&self, worker: &mut Worker<'_>, entry: &Entry<'_>, down: &Parsed<'_>) -> Result<()> {
        self.run(worker, entry, down, Direction::Down)
    }

    fn run(
        &self,
        worker: &mut Worker<'_>,
        entry: &Entry<'_>,
        script: &Parsed<'_>,
        direction: Direction,
    ) -> Result<()> {
        if signals::stop_requested() {
            return Err(stopped());
        }
        for warning in &script.warnings {
            self.session.warn(warning);
        }
        worker.reset()?;
        let half = match direction {
            Direction::Up => Standing::Partial,
            Direction::Down => Standing::Reverting,
        };
        let row = entry.row.filter(|row| row.standing == half);
        let mut task = Task {
            entry,
            script,
            direction,
            written: Written {
                kind: entry.migration.kind,
                version: &entry.migration.version,
                name: &entry.migration.name,
                checksum: &entry.checksum,
                statements: script.statements.len(),
            },
            done: row.map_or(0, |row| usize::try_from(row.done).unwrap_or_default()),
            is_recorded: row.is_some() || direction == Direction::Down,
        };
        if let Some(directive) = Directive::of(script)? {
            return self.batches(worker, &mut task, &directive, row.is_some());
        }
        let steps = steps::of(script)?;
        if let Some(row) = row {
            settings(worker, &task)?;
            if let Some(number) = row.under_way {
                self.settle(worker, &mut task, number)?;
            }
        }
        let steps: Vec<&Step<'_>> = steps.iter().filter(|step| step.last() > task.done).collect();
        if steps.is_empty() {
            return self.conclude(worker, &task);
        }
        let count = steps.len();
        for (index, step) in steps.into_iter().enumerate() {
            if signals::stop_requested() {
                return Err(stopped());
            }
            let complete = index + 1 == count;
            match *step {
                Step::Together { begin, statements, last } => {
                    self.together(worker, &mut task, (begin, statements, last), complete)?;
                }
                Step::Alone(statement) => {
                    let ran = self.alone(worker, &mut task, statement, complete);
                    ran.map_err(|error| goes_on(error, &task))?;
                }
            }
        }
        Ok(())
    }

    fn together(
        &self,
        worker: &mut Worker<'_>,
        task: &mut Task<'_>,
        (begin, statements, last): (Option<&Statement>, &[Statement], usize),
        complete: bool,
    ) -> Result<()> {
        let history = self.record(task, last, None, complete);
        let own = task.script.statements.iter().any(|statement| {
            statement.class.own_timeout
                && statements.first().is_some_and(|first| statement.number < first.number)
        });
        let transaction = Transaction {
            version: task.written.version,
            script: task.script,
            begin,
            statements,
            history: &history,
            lock_timeout: self.patience.lock_timeout.filter(|_| !own),
        };
        self.patiently(worker, task.script, |worker| {
            transaction
                .run(worker)
                .map_err(|(index, error)| (index.and_then(|index| statements.get(index)), error))
        })?;
        task.done = last;
        task.is_recorded = true;
        worker.tell_trace(self.session, task.entry.migration, task.script);
        Ok(())
    }

    /// All statements were done before, and only that was not written down.
    fn conclude(&self, worker: &mut Worker<'_>, task: &Task<'_>) -> Result<()> {
        worker.write_down(&self.record(task, task.done, None, true))
    }

    /// What to write when so many statements are done.
    fn record(&self, task: &Task<'_>, done: usize, under_way: Option<u32>, complete: bool) -> Vec<String> {
        let done_checksum = script::of_first(task.script, done);
        let progress =
            Progress { direction: task.direction, done, done_checksum: &done_checksum, under_way, complete };
        let Written { kind, version, .. } = task.written;
        let beside = self.history.goes_with(kind, version, task.direction).filter(|_| complete);
        if task.is_recorded {
            return [self.history.advance(&task.written, &progress)].into_iter().chain(beside).collect();
        }
        let insert = self.history.insert(&task.written, &progress, &self.author);
        let forget = task.entry.row.map(|_| self.history.forget(kind, version));
        forget.into_iter().chain([insert]).chain(beside).collect()
    }
}

/// A statement failed that is no part of a transaction: what is before it stays.
fn goes_on(error: Error, task: &Task<'_>) -> Error {
    if error.advice().is_some() || error.server_error().is_none() {
        return error;
    }
    let command = match task.direction {
        Direction::Up => "apply",
        Direction::Down => "revert",
    };
    let (done, all) = (task.done, task.script.statements.len());
    error.hint(format!(
        "statements done: {done} of {all}; when what it says is mended, {command} goes on with this one"
    ))
}

/// What earlier statements set for the session holds for those that follow.
fn settings(worker: &mut Worker<'_>, task: &Task<'_>) -> Result<()> {
    let before = task.script.statements.iter().take(task.done);
    for statement in before.filter(|statement| statement.class.setting) {
        let text = task.script.text(statement);
        let set = worker.session.run_all(&[text]);
        set.map_err(|broken| trouble::explain(task.script, Some(statement), broken.error))?;
    }
    Ok(())
}

/// The error of a statement in doubt that nobody decided.
fn in_doubt(what: String) -> Error {
    Error::new(common::error::Class::Dirty, "in_doubt", what)
        .hint("look whether it did its work, and say --resume done or --resume again")
}
