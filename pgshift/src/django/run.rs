//! A run of migrations: the helper works, this side says what goes with each step, looks on, and writes down.

mod asked;
mod half;
mod told;

pub(crate) use half::Half;

use super::facts::Entry;
use super::helper::{Helper, unexpected};
use super::journal::Journal;
use super::leave::{self, Leaves};
use super::messages::{Begun, Ended, Key, Leave, Migrate, Order, Said, Statement};
use super::trouble::{self, Trouble};
use crate::apply::{Building, Resume, look_whether_done};
use crate::history::{Author, Direction};
use crate::lock::{self, Cancel, FAMILY, Lock, Watch};
use crate::records::{OperationRecord, ShiftResult, StatementRecord};
use crate::trace::Trace;
use asked::Asked;
use common::cli::Session;
use common::error::{Class, Error, Result};
use common::pg::pooler;
use common::pg::session::Session as Connection;
use common::records::Warning;
use std::sync::Arc;
use std::time::{Duration, Instant};
use told::{in_doubt, place, record_of, repeated, tell};

/// The run.
pub(crate) struct Run<'a> {
    pub(crate) session: &'a Session<ShiftResult>,
    pub(crate) helper: Helper,
    /// Looks at what indexes there are and clears what failed attempts left.
    pub(crate) side: Connection,
    pub(crate) watch: &'a Watch,
    pub(crate) journal: &'a Journal,
    pub(crate) author: Author,
    pub(crate) limit: Option<Duration>,
    pub(crate) wait: Duration,
    pub(crate) resume: Option<Resume>,
    pub(crate) trace: Option<Trace>,
    /// The server process that works.
    pub(crate) pid: Option<i32>,
    /// Whether it is in the middle of something.
    pub(crate) busy: bool,
}

impl Drop for Run<'_> {
    /// What was left in the middle goes on in the server when only its client goes.
    fn drop(&mut self) {
        if let (true, Some(pid)) = (self.busy, self.pid) {
            self.helper.end();
            self.cancel(pid)();
        }
    }
}

/// How far a migration is, in this run.
struct Progress<'e> {
    entry: &'e Entry,
    key: Key,
    version: String,
    /// Operations that are done.
    done: u32,
    deferred: Vec<String>,
    /// Statements of the operation under way that are done, and how many of them were met again.
    statements: Vec<String>,
    met: usize,
    /// What a run before began, and of which no end is known.
    doubt: Option<String>,
    operation: Option<Begun>,
    leaves: Leaves,
    /// All statements that were traced.
    traced: Vec<StatementRecord>,
    begun: bool,
    /// Why it was told to stop.
    stopped: Option<Error>,
}

impl Run<'_> {
    /// Connects the helper, and waits until what a killed run left at work is gone.
    pub(crate) fn open(&mut self) -> Result<()> {
        self.helper.order(&Order::Open { lock: [FAMILY, Lock::Work as i32] })?;
        loop {
            match self.helper.hear()? {
                Said::Connected { pid, announced, held } => self.connected(pid, announced, held)?,
                Said::Opened => return Ok(()),
                Said::Failed(failed) => return Err(trouble::plain(&failed.failure)),
                other => return Err(unexpected(&other)),
            }
        }
    }

    /// The helper has a session: it has to hold the lock, in our database, without a pooler that gives it away.
    fn connected(&mut self, pid: i32, announced: i32, held: bool) -> Result<()> {
        if pid != announced {
            let why = "the lock that keeps two runs apart needs a session of its own from beginning to end";
            pooler::refuse_transaction_pooling(
                &self.side.target().clone(),
                why,
                common::cli::signals::stop_requested,
            )?;
        }
        if !held {
            return self.wait_for_work();
        }
        let holder = lock::works(&mut self.side)?;
        if holder.is_none_or(|holder| holder.pid != pid) {
            let what = format!("the project does not work in {}", self.side.target().describe());
            return Err(Error::usage(what)
                .code_is("another_database")
                .cause("the lock that its session took is not there")
                .hint(
                    "let -d name the database of the project's settings, without a pooler of transactions",
                ));
        }
        self.pid = Some(pid);
        self.watch.over(pid, self.cancel(pid));
        self.helper.order(&Order::Go(Leave::default()))
    }

    fn wait_for_work(&mut self) -> Result<()> {
        let begun = Instant::now();
        if let Some(holder) = lock::works(&mut self.side)? {
            let message = format!("waiting for what a killed pgshift left at work: {holder}");
            self.session.warn(&Warning::new("left_at_work", message));
        }
        while let Some(holder) = lock::works(&mut self.side)? {
            if begun.elapsed() >= self.wait {
                let error =
                    Error::new(Class::Interrupted, "locked", "what a killed pgshift left is still at work");
                let hint = format!(
                    "wait for it with --wait, or end it: SELECT pg_terminate_backend({})",
                    holder.pid
                );
                return Err(error.cause(holder.to_string()).hint(hint));
            }
            lock::pause()?;
        }
        self.helper.order(&Order::Again)
    }

    /// Cancels what the helper's session runs: from a session of our own, since the helper may be gone.
    pub(crate) fn cancel(&self, pid: i32) -> Cancel {
        // Whoever was told to stop wants this most of all.
        let target = self.side.target().stop_when(|| false);
        Arc::new(move || {
            // It is tried again at the next look.
            let _ = Connection::open(&target).and_then(|mut session| {
                session.execute(&format!("SELECT pg_catalog.pg_cancel_backend({pid})"))
            });
        })
    }

    /// Asks for something that is no migration: signals and whatever listens to them.
    pub(crate) fn ask(&mut self, order: &Order<'_>) -> Result<Said> {
        self.helper.order(order)?;
        loop {
            match self.helper.hear()? {
                Said::Connected { pid, announced, held } => self.connected(pid, announced, held)?,
                Said::Failed(failed) => return Err(trouble::plain(&failed.failure)),
                said => return Ok(said),
            }
        }
    }

    /// Runs one migration, or the rest of it; tells how many seconds and statements that took.
    pub(crate) fn migrate(
        &mut self,
        entry: &Entry,
        half: &mut Half,
        direction: Direction,
    ) -> std::result::Result<(f64, u64), Trouble> {
        let migration = &entry.migration;
        let (key, version) = (migration.key(), migration.version());
        let mut progress = Progress {
            entry,
            key,
            version,
            done: half.done,
            deferred: half.deferred.clone(),
            statements: half.statements.clone(),
            met: 0,
            doubt: half.doubt.take(),
            operation: None,
            leaves: Leaves::new(self.limit),
            traced: Vec::new(),
            begun: false,
            stopped: None,
        };
        let (begun, done) = match direction {
            Direction::Up => ("partial", "applied"),
            Direction::Down => ("reverting", "reverted"),
        };
        let after = if migration.atomic {
            vec![self.journal.put(&progress.key, &migration.checksum, done, &self.author)]
        } else {
            if !half.is_recorded {
                self.side.execute(&self.journal.put(
                    &progress.key,
                    &migration.checksum,
                    begun,
                    &self.author,
                ))?;
                half.is_recorded = true;
            }
            vec![self.journal.mark(&progress.key, done)]
        };
        self.helper.order(&Order::Migrate(Box::new(Migrate {
            migration: &progress.key,
            backwards: direction == Direction::Down,
            operations_done: progress.done,
            deferred: &progress.deferred,
            after,
        })))?;
        self.busy = true;
        let ran = self.follow(&mut progress);
        let left =
            |trouble: &Trouble| matches!(trouble.error.code(), "interrupted" | "helper_gone" | "helper");
        self.busy = ran.as_ref().is_err_and(left);
        if !migration.atomic {
            (half.done, half.deferred, half.statements) =
                (progress.done, progress.deferred, progress.statements);
        }
        ran
    }

    /// Hears what it does until it is done.
    fn follow(&mut self, progress: &mut Progress<'_>) -> std::result::Result<(f64, u64), Trouble> {
        loop {
            let said = self.helper.hear().map_err(|error| match error.code() {
                "helper_gone" => error.context(place(progress)),
                _ => error,
            })?;
            let answer = match said {
                Said::Done { seconds, statements } => return Ok((seconds, statements)),
                Said::Failed(failed) => {
                    return Err(trouble::in_migration(&progress.entry.migration, &failed));
                }
                Said::Stopped => {
                    let error = progress.stopped.take();
                    return Err(error
                        .unwrap_or_else(|| Error::failed("helper", "the helper stopped"))
                        .into());
                }
                Said::Connected { pid, announced, held } => {
                    self.connected(pid, announced, held)?;
                    continue;
                }
                Said::Operation(begun) => self.begins(progress, begun),
                Said::OperationDone(ended) => Ok(self.ends(progress, &ended)),
                Said::Statement(statement) => self.statement(progress, &statement),
                Said::Commit { since, seconds } => {
                    self.committed(progress, since + seconds);
                    Ok(Leave::default())
                }
                Said::Rollback {} => {
                    progress.begun = false;
                    Ok(Leave::default())
                }
                // Of a statement that failed.
                Said::Ran { .. } => Ok(Leave::default()),
                other => return Err(unexpected(&other).into()),
            };
            match answer {
                Ok(leave) => self.helper.order(&Order::Go(leave))?,
                Err(error) => {
                    progress.stopped = Some(error);
                    self.helper.order(&Order::Stop)?;
                }
            }
        }
    }

    fn begins(&mut self, progress: &mut Progress<'_>, begun: Begun) -> Result<Leave> {
        let mut before = Vec::new();
        progress.met = 0;
        let operations = &progress.entry.migration.operations;
        let operation = operations.get(usize::try_from(begun.operation).unwrap_or(usize::MAX));
        // What does more than SQL, outside of a transaction: nothing tells later how far it came.
        let blind =
            !progress.entry.migration.atomic && !begun.transaction && operation.is_some_and(|one| !one.sql);
        if blind {
            if let Some(what) = progress.doubt.take().filter(|what| *what == begun.text) {
                match self.resume {
                    Some(Resume::Again) => self.tell_doubt(progress, &what, "it is run again"),
                    Some(Resume::Done) => {
                        self.tell_doubt(progress, &what, "it was done");
                        progress.operation = Some(begun);
                        return Ok(Leave { skip: true, ..Leave::default() });
                    }
                    None => return Err(in_doubt(progress, &what)),
                }
            }
            before.push(self.journal.begins(&progress.key, Some(&begun.text)));
        }
        progress.operation = Some(begun);
        Ok(Leave { before, ..Leave::default() })
    }

    fn ends(&mut self, progress: &mut Progress<'_>, ended: &Ended) -> Leave {
        let migration = &progress.entry.migration;
        let operation = migration.operations.get(usize::try_from(ended.operation).unwrap_or(usize::MAX));
        let begun = progress.operation.take();
        self.session.emit(&OperationRecord {
            version: progress.version.clone(),
            operation: ended.operation + 1,
            kind: operation.map_or("deferred", |operation| &operation.kind).to_owned(),
            text: begun.map(|begun| begun.text).unwrap_or_default(),
            file: migration.path.clone(),
            line: operation.map_or(1, |operation| operation.line),
            transaction: ended.transaction,
            seconds: ended.seconds,
            statements: ended.statements,
            memory_bytes: ended.memory,
            repeated: ended.repeated.iter().map(repeated).collect(),
        });
        if migration.atomic {
            return Leave::default();
        }
        progress.done = ended.position + 1;
        progress.deferred.clone_from(&ended.deferred);
        progress.statements.clear();
        let after = vec![self.journal.operations(&progress.key, progress.done, &progress.deferred)];
        Leave { after, ..Leave::default() }
    }

    /// A statement is about to run.
    fn statement(&mut self, progress: &mut Progress<'_>, statement: &Statement) -> Result<Leave> {
        let mut leave = progress.leaves.of(statement);
        if !statement.apart {
            if self.trace.is_none() {
                return Ok(leave);
            }
            self.send(progress, statement, leave)?;
            return Ok(Leave::default());
        }
        let hash = leave::hash(&statement.sql);
        if let Some(done) = progress.statements.get(progress.met) {
            if *done != hash {
                let what = format!("{} makes other statements than when it was begun", place(progress));
                return Err(Error::new(Class::Dirty, "in_doubt", what)
                    .cause(format!("now: {}", trouble::head(&statement.sql)))
                    .hint("finish it by hand, and say so with apply --accept"));
            }
            progress.met += 1;
            return Ok(Leave { skip: true, ..Leave::default() });
        }
        let written = self.journal.statement(&progress.key, &hash);
        let building = Building::of(statement.sql.as_bytes());
        let together = leave::can_be_together(&statement.sql);
        if together {
            leave.together = vec![written.clone()];
        } else {
            let doubted = progress.doubt.take_if(|what| *what == statement.sql);
            if doubted.is_some() && self.settle(progress, statement)? == Resume::Done {
                self.side.execute(&written)?;
                progress.statements.push(hash);
                progress.met += 1;
                return Ok(Leave { skip: true, ..Leave::default() });
            }
            building.clear(&mut self.side, self.session)?;
            leave.before = vec![self.journal.begins(&progress.key, Some(&statement.sql))];
        }
        let sent = self.send(progress, statement, leave);
        let at = || format!("{}: {}", place(progress), trouble::head(&statement.sql));
        if sent.map_err(|error| error.context(at()))? {
            building.check(&mut self.side).map_err(|error| error.context(place(progress)))?;
            progress.statements.push(hash);
            progress.met += 1;
            let after = if together { Vec::new() } else { vec![written] };
            return Ok(Leave { after, ..Leave::default() });
        }
        if !together {
            // The server said that it was not done.
            building.clear(&mut self.side, self.session)?;
            self.side.execute(&self.journal.begins(&progress.key, None))?;
        }
        Ok(Leave::default())
    }

    /// Lets a statement run and waits for its end; whether it worked.
    fn send(&mut self, progress: &mut Progress<'_>, statement: &Statement, leave: Leave) -> Result<bool> {
        let mut eyes = Asked(&mut self.helper);
        let Some(trace) = &mut self.trace else { return eyes.run(leave) };
        trace.passed(statement.since);
        let mut worked = true;
        let number = u32::try_from(progress.traced.len() + 1).unwrap_or(u32::MAX);
        let run = |eyes: &mut Asked<'_>| {
            worked = eyes.run(leave)?;
            if worked { Ok(()) } else { Err(Error::failed("statement", "the statement failed")) }
        };
        let done = if statement.transaction {
            if !progress.begun {
                trace.begin(&mut eyes)?;
                progress.begun = true;
            }
            trace.statement(&mut eyes, (number, statement.sql.as_bytes()), run)
        } else {
            trace.alone(&mut eyes, number, run)
        };
        if !worked {
            return Ok(false);
        }
        done?;
        let record = record_of(progress, statement, number);
        progress.traced.push(record);
        if !statement.transaction {
            tell(trace, self.session, &progress.traced);
        }
        Ok(true)
    }

    /// A transaction has ended, and what was seen of it counts.
    fn committed(&mut self, progress: &mut Progress<'_>, seconds: f64) {
        if let Some(trace) = self.trace.as_mut().filter(|_| progress.begun) {
            trace.passed(seconds);
            tell(trace, self.session, &progress.traced);
        }
        progress.begun = false;
    }

    /// Decides about a statement that was begun and of which no end is known.
    fn settle(&mut self, progress: &Progress<'_>, statement: &Statement) -> Result<Resume> {
        let verdict = match self.resume {
            Some(said) => Some(said),
            None => look_whether_done(&mut self.side, statement.sql.as_bytes())?,
        };
        let what = trouble::head(&statement.sql);
        let verdict = verdict.ok_or_else(|| in_doubt(progress, &what))?;
        self.tell_doubt(
            progress,
            &what,
            if verdict == Resume::Done { "it was done" } else { "it is run again" },
        );
        Ok(verdict)
    }

    fn tell_doubt(&self, progress: &Progress<'_>, what: &str, verdict: &str) {
        let message = format!("{what}: it was begun before and not known to be done: {verdict}");
        self.session.warn(&Warning::new("in_doubt", message).object(&place(progress)));
    }
}
