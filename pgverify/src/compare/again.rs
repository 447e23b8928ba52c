//! `--recheck`: what differed between two live databases is looked at again after a while, and only what lasts is told.
//!
//! Two live databases have no common moment: what is written between the two differs for no fault. During the first look
//! the rows of tables with a key go to `diff::recheck`, which looks at them again by their keys; those of others to nobody:
//! such a table is compared anew as a whole. A table that differs is told of when it has settled, any other at once.

use super::live::Live;
use super::pairs::Pair;
use super::rows::{Found, Rows, tell};
use super::tables::{Tables, is_of_the_table};
use crate::diff::recheck::Recheck;
use crate::diff::{Counts, RowDifference, Shape, Sink};
use common::cli::signals::stop_requested;
use common::error::Result;
use common::pg::session::Session;
use common::records::Warning;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Pairs that differed at the first look.
pub(super) struct Waiting<'a>(Mutex<Vec<(&'a Pair<'a>, Found)>>);

impl<'a> Waiting<'a> {
    pub(super) fn add(&self, pair: &'a Pair<'a>, found: Found) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((pair, found));
    }
}

/// Compares the rows of `pairs` twice.
pub(super) fn compare<'a>(tables: &Tables<'_>, pairs: &'a [Pair<'a>], pause: Duration) -> Result<()> {
    let teller = tables.teller;
    let recheck = Recheck::new(teller);
    let waiting = Waiting(Mutex::default());
    Rows { tables, sink: &recheck, waiting: Some(&waiting) }.compare(pairs)?;
    let waiting = waiting.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (Some(a), Some(b)) = (tables.a.live(), tables.b.live()) else { return Ok(()) };
    if waiting.is_empty() || teller.enough() {
        return Ok(());
    }
    teller.done();
    Recheck::wait(pause, stop_requested)?;
    let told = recheck.told_at_once();
    if told > 0 {
        let message = format!("too many rows differ: {told} are told without a second look");
        teller.warn(&Warning::new("too_many_to_recheck", message));
    }
    let settled = recheck.settle(&|| fresh(a), &|| fresh(b), stop_requested)?;
    let second = Rows { tables, sink: teller, waiting: None };
    for (pair, first) in waiting {
        if teller.enough() && !settled.iter().any(|settled| settled.shape.table == pair.shape.table) {
            return Ok(());
        }
        if let Some(settled) = settled.iter().find(|settled| settled.shape.table == pair.shape.table) {
            let Counts { missing, extra, changed, .. } = settled.lasting;
            let counts = Counts { missing, extra, changed, ..first.counts };
            tell(tables, pair, &Found { counts, ..first }, Some(settled.in_flight));
            continue;
        }
        match second.read(pair, &mut Some(fresh(a)?), &mut Some(fresh(b)?)) {
            Ok((counts, ..)) => {
                let in_flight = first.differing().saturating_sub(Found { counts, ..first }.differing());
                tell(tables, pair, &Found { counts, ..first }, Some(in_flight));
            }
            Err(error) if is_of_the_table(&error) => tables.skip(pair, &error.to_string()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A session that sees a new moment. The locks of the first one keep the tables from being emptied or changed under it.
fn fresh(live: &Live) -> Result<Session> {
    let mut session = Session::open(&live.target())?;
    session.stop_when(stop_requested)?;
    session.pin()?;
    Live::wait_little(&mut session)?;
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    Ok(session)
}

/// Tells nobody: there will be a second look at the whole table.
pub(super) struct Nobody;

impl Sink for Nobody {
    fn differs(&self, _: &Shape, _: RowDifference) -> Result<ControlFlow<()>> {
        Ok(ControlFlow::Continue(()))
    }
}
