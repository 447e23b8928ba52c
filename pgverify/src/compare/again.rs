//! `--recheck`: what differed between two live databases is looked at again, and only what lasts is told.
//!
//! During the first look the rows of tables with a key go to `diff::recheck`, those of others to nobody: such a table
//! is compared anew as a whole. A table that differs is told of when it has settled, any other at once.

use super::live::Live;
use super::pairs::Pair;
use super::tables::{BUDGET, Tables, is_of_the_table};
use super::tell::Teller;
use crate::diff::recheck::{Recheck, Settled};
use crate::diff::{Counts, RowDifference, Shape, Sink};
use common::cli::signals::stop_requested;
use common::error::Result;
use common::pg::session::Session;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A second look that will be taken.
pub(super) struct Again<'a> {
    pause: Duration,
    recheck: Recheck<'a>,
    unsettled: Mutex<Vec<(&'a Pair<'a>, Counts)>>,
}

impl<'a> Again<'a> {
    pub(super) fn new(pause: Duration, teller: &'a Teller<'a>) -> Self {
        Self { pause, recheck: Recheck::new(teller), unsettled: Mutex::default() }
    }

    /// Who hears of the rows of `shape` at the first look.
    pub(super) fn sink(&self, shape: &Shape) -> &dyn Sink {
        if shape.key.is_empty() { &Nobody } else { &self.recheck }
    }

    /// `pair` differed at the first look.
    pub(super) fn differs(&self, pair: &'a Pair<'a>, counts: Counts) {
        self.unsettled.lock().unwrap_or_else(PoisonError::into_inner).push((pair, counts));
    }
}

impl Tables<'_> {
    /// Takes the second look, after the pause.
    pub(super) fn look_again(&self, again: &Again<'_>) -> Result<()> {
        let unsettled = std::mem::take(&mut *again.unsettled.lock().unwrap_or_else(PoisonError::into_inner));
        let (Some(a), Some(b)) = (self.a.live(), self.b.live()) else { return Ok(()) };
        if unsettled.is_empty() {
            return Ok(());
        }
        Recheck::wait(again.pause, stop_requested)?;
        let told = again.recheck.told_at_once();
        if told > 0 {
            self.teller.note(&format!("too many rows differ: {told} are told without a second look"));
        }
        let settled = again.recheck.settle(&|| fresh(a), &|| fresh(b), stop_requested)?;
        for (pair, counts) in unsettled {
            if self.teller.enough() {
                return Ok(());
            }
            let of_it = settled.iter().find(|settled| settled.shape.table == pair.shape.table);
            if let Some(Settled { lasting, in_flight, .. }) = of_it {
                let Counts { missing, extra, changed, .. } = *lasting;
                self.tell_counts(pair, &Counts { missing, extra, changed, ..counts }, Some(*in_flight));
                continue;
            }
            let (mut ours, mut theirs) = (Some(fresh(a)?), Some(fresh(b)?));
            match self.stream(pair, &mut ours, &mut theirs, BUDGET, None) {
                Err(error) if is_of_the_table(&error) => self.skip(pair, &error.to_string()),
                other => other?,
            }
        }
        Ok(())
    }
}

/// A session that sees a new moment. The locks of the first one keep the tables from being emptied or changed under it.
fn fresh(live: &Live) -> Result<Session> {
    let mut session = Session::open(&live.target())?;
    session.stop_when(stop_requested)?;
    session.pin()?;
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    Ok(session)
}

/// Tells nobody: there will be a second look at the whole table.
struct Nobody;

impl Sink for Nobody {
    fn differs(&self, _: &Shape, _: RowDifference) -> Result<ControlFlow<()>> {
        Ok(ControlFlow::Continue(()))
    }
}
