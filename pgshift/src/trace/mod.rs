//! Rehearsal: what each statement locks, for how long, what it rewrites and reads, and what all of it comes to.
//!
//! Decides nothing and changes nothing: it runs what it is given, and looks before and after. Inside of a transaction the
//! working session looks at itself, which is exact; outside of one an observer looks at it now and then. Only relations
//! count that were there before the run: nobody waits for others.

mod eyes;
mod look;
mod margin;
mod measured;
mod observer;
mod relations;
mod span;
mod tell;
mod totals;

pub(crate) use eyes::Eyes;
pub(crate) use margin::Margin;
pub(crate) use measured::Measured;

use crate::script::Words;
use common::error::{Error, Result};
use common::pg::catalog;
use common::pg::session::Session;
use look::Look;
use observer::{Observer, Seen};
use relations::Relations;
use span::{Hold, Span, Step};
use std::collections::HashSet;
use std::time::Instant;
use totals::Totals;

/// A rehearsal under way.
pub(crate) struct Trace {
    observer: Observer,
    margin: Margin,
    /// The relations that were there before the run.
    known: HashSet<u32>,
    wal_is_less: bool,
    /// Where it is measured: cluster, if that can be told, and database.
    place: (Option<String>, String),
    span: Span,
    /// What the last look in this transaction showed.
    before: Option<Look>,
    totals: Totals,
    /// Why something was not seen, though it was done.
    failure: Option<Error>,
}

impl Trace {
    /// Begins with a session that is about to work: the one of the server process `pid`, wherever its client is.
    pub(crate) fn open(session: &mut Session, pid: i32, margin: Margin) -> Result<Self> {
        let row = session.query_one(
            "SELECT pg_catalog.current_setting('wal_level') = 'minimal' \
             OR pg_catalog.current_setting('full_page_writes') = 'off'",
        )?;
        let relations = Relations::read(session)?;
        Ok(Self {
            observer: Observer::of(session.target(), pid)?,
            margin,
            known: relations.0.into_keys().collect(),
            wal_is_less: row.is_true(0),
            place: (
                catalog::system(session).ok().map(|(system, _)| system),
                session.target().database().to_owned(),
            ),
            span: Span::default(),
            before: None,
            totals: Totals::default(),
            failure: None,
        })
    }

    /// A transaction is about to begin. What was seen of one that failed is forgotten.
    pub(crate) fn begin(&mut self, session: &mut impl Eyes) -> Result<()> {
        let mut relations = Relations::read(session)?;
        relations.0.retain(|oid, _| self.known.contains(oid));
        self.span = Span { relations, ..Span::default() };
        self.before = None;
        Ok(())
    }

    /// Runs a statement in the transaction.
    pub(crate) fn statement<E: Eyes, T>(
        &mut self,
        session: &mut E,
        (number, text): (u32, &[u8]),
        run: impl FnOnce(&mut E) -> Result<T>,
    ) -> Result<T> {
        let words = Words::first(text, 1);
        // SET TRANSACTION has to come before any query, and a look is one.
        if self.before.is_none() && words.is(0, "set") {
            return self.timed(session, Some(number), run);
        }
        let before = match self.before.take() {
            Some(before) => before,
            None => Look::take(session)?,
        };
        self.observer.begin();
        let ran = self.timed(session, Some(number), run);
        let seen = self.seen();
        let ran = ran?;
        let after = Look::take(session)?;
        let relations = &self.span.relations;
        // It is emptied, not written anew.
        let rewritten =
            if words.is(0, "truncate") { Vec::new() } else { after.rewritten_since(&before, relations) };
        let scanned = after.scanned_since(&before, relations);
        if let Some(step) = self.span.steps.last_mut() {
            step.waited = seen.waited;
            step.wal = after.wal.saturating_sub(before.wal);
            (step.rewritten, step.scanned) = (rewritten, scanned);
        }
        self.holds(&before, &after);
        self.before = Some(after);
        Ok(ran)
    }

    /// Runs what is no statement of the script.
    pub(crate) fn other<T>(
        &mut self,
        session: &mut Session,
        run: impl FnOnce(&mut Session) -> Result<T>,
    ) -> Result<T> {
        self.timed(session, None, run)
    }

    /// Runs a statement outside of any transaction.
    pub(crate) fn alone<E: Eyes>(
        &mut self,
        session: &mut E,
        number: u32,
        run: impl FnOnce(&mut E) -> Result<()>,
    ) -> Result<()> {
        self.begin(session)?;
        self.span.sampled = true;
        let before = Look::take(session)?;
        self.observer.begin();
        let ran = self.timed(session, Some(number), run);
        let seen = self.seen();
        ran?;
        // It is done, whatever happens to the looking.
        if let Err(error) = self.after_alone(session, before.wal, &seen) {
            self.failure.get_or_insert(error);
        }
        Ok(())
    }

    fn after_alone(&mut self, session: &mut impl Eyes, wal: u64, seen: &Seen) -> Result<()> {
        let (look, after) = (Look::take(session)?, Relations::read(session)?);
        let relations = &self.span.relations;
        let rewritten = relations.rewritten(|oid| relations.file(oid), |oid| after.file(oid));
        if let Some(step) = self.span.steps.last_mut() {
            step.waited = seen.waited;
            step.wal = look.wal.saturating_sub(wal);
            step.rewritten = rewritten;
        }
        let held = seen.locks.iter().filter(|((relation, _), _)| relations.0.contains_key(relation));
        self.span.holds = held
            .map(|(&(relation, mode), &seconds)| Hold {
                relation,
                mode,
                dropped: after.file(relation).is_none(),
                from: 0,
                until: None,
                seen: Some(seconds),
            })
            .collect();
        Ok(())
    }

    /// So much time passed with what is no statement of its own: what is locked stays locked meanwhile.
    pub(crate) fn passed(&mut self, seconds: f64) {
        if self.span.steps.is_empty() {
            self.totals.passed(seconds);
        } else {
            self.span.steps.push(Step { seconds, ..Step::default() });
        }
    }

    fn timed<E, T>(
        &mut self,
        session: &mut E,
        statement: Option<u32>,
        run: impl FnOnce(&mut E) -> Result<T>,
    ) -> Result<T> {
        let begun = Instant::now();
        let ran = run(session);
        let seconds = begun.elapsed().as_secs_f64();
        self.span.steps.push(Step { statement, seconds, ..Step::default() });
        ran
    }

    fn seen(&mut self) -> Seen {
        self.observer.end().unwrap_or_else(|error| {
            self.failure.get_or_insert(error);
            Seen::default()
        })
    }

    /// Locks that are new, and those that a savepoint gave back.
    fn holds(&mut self, before: &Look, after: &Look) {
        let step = self.span.steps.len().saturating_sub(1);
        for hold in self.span.holds.iter_mut().filter(|hold| hold.until.is_none()) {
            if !after.locks.contains(&(hold.relation, hold.mode)) {
                hold.until = Some(step);
            }
        }
        let new = after.locks.difference(&before.locks);
        for &(relation, mode) in new.filter(|(relation, _)| self.span.relations.0.contains_key(relation)) {
            let dropped = after.is_gone(relation);
            self.span.holds.push(Hold { relation, mode, dropped, from: step, until: None, seen: None });
        }
    }
}
