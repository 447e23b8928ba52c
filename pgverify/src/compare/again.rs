//! `--recheck`: what differed is looked at again after a while, in new moments of both sides.
//!
//! Two live databases have no common moment: what is written between the two differs for no fault. Keyed tables' rows
//! are looked at again by their keys; tables without a key are compared again as a whole.

use super::pairs::{Pair, Pairs};
use super::rows::Rows;
use super::side::Side;
use super::tables::Tables;
use super::tell::Teller;
use super::{Comparison, others};
use crate::diff::recheck::Recheck;
use crate::diff::{Counts, RowDifference, Shape, Sink};
use crate::records::{Table, Verdict};
use common::cli::signals;
use common::error::{Error, Result};
use common::name::QualifiedName;
use common::pg::session::Session;
use common::records::Warning;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How to look again.
pub(crate) struct Again<'a> {
    /// How long to wait.
    pub(crate) pause: Duration,
    /// Opens both sides anew.
    pub(crate) open: &'a dyn Fn() -> Result<(Side, Side)>,
}

/// A pair whose rows differ, and that is not told yet.
pub(crate) struct Deferred {
    /// How messages name it.
    pub(crate) what: String,
    pub(crate) name: QualifiedName,
    pub(crate) keyed: bool,
    /// Whether its columns are alike.
    pub(crate) alike: bool,
    /// How many rows differ.
    pub(crate) rows: u64,
    pub(crate) record: Table,
}

impl Deferred {
    /// Tells of the table, with the rows that differ.
    pub(crate) fn tell(mut self, teller: &Teller<'_>, counts: &Counts, in_flight: Option<u64>) {
        let Counts { missing, extra, changed, .. } = *counts;
        let equal = counts.equal() && self.alike;
        self.record.verdict = if equal { Verdict::Equal } else { Verdict::Differs };
        self.record.missing = Some(missing);
        self.record.extra = Some(extra);
        self.record.changed = Some(changed);
        self.record.in_flight = in_flight;
        if !counts.equal() {
            let rows = |rows: Option<u64>| format!("{} rows", rows.unwrap_or_default());
            let found =
                format!("{}: {missing} missing, {extra} extra, {changed} changed", rows(self.record.b_rows));
            teller.differs(&self.what, "rows", &rows(self.record.a_rows), &found);
        }
        teller.table(&self.record);
    }
}

/// Counts the rows of each table on their way to the teller.
pub(crate) struct Told<'a> {
    teller: &'a Teller<'a>,
    counts: Mutex<BTreeMap<QualifiedName, Counts>>,
}

impl<'a> Told<'a> {
    pub(crate) fn new(teller: &'a Teller<'a>) -> Self {
        Self { teller, counts: Mutex::default() }
    }
}

impl Sink for Told<'_> {
    fn differs(&self, shape: &Shape, row: RowDifference) -> Result<ControlFlow<()>> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.entry(shape.table.clone()).or_default().count(&row);
        drop(counts);
        Sink::differs(self.teller, shape, row)
    }
}

impl Comparison<'_> {
    /// Compares rows twice, and tells what differs both times.
    pub(super) fn rows_twice(
        &self,
        tables: &Tables<'_>,
        pairs: &[Pair<'_>],
        again: &Again<'_>,
    ) -> Result<()> {
        let teller = self.teller;
        let told = Told::new(teller);
        let recheck = Recheck::new(&told);
        let waiting = Mutex::default();
        let first = Rows { tables, sink: &recheck, deferred: Some(&waiting), before: BTreeMap::new() };
        first.compare(pairs)?;
        let waiting: Vec<Deferred> = waiting.into_inner().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_empty() || teller.enough() {
            return Ok(());
        }
        Recheck::wait(again.pause, signals::stop_requested)?;
        let (a, b) = (again.open)()?;
        let settled = if recheck.is_needed() {
            recheck.settle(&|| join(&a), &|| join(&b), signals::stop_requested)?
        } else {
            Vec::new()
        };
        if recheck.told_at_once() > 0 {
            let message = format!(
                "{} rows differ, too many to look at again: these are told as they were at first",
                recheck.told_at_once()
            );
            teller.warn(&Warning::new("too_many_to_recheck", message));
        }
        let counts = told.counts.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (keyed, others): (Vec<Deferred>, Vec<Deferred>) =
            waiting.into_iter().partition(|deferred| deferred.keyed);
        for deferred in keyed {
            let lasting = counts.get(&deferred.name).copied().unwrap_or_default();
            let in_flight = settled.iter().filter(|settled| settled.shape.table == deferred.name);
            let in_flight = in_flight.map(|settled| settled.in_flight).sum();
            deferred.tell(teller, &lasting, Some(in_flight));
        }
        self.once_more(tables, (&a, &b), others)
    }

    /// Compares tables without a key again, as a whole.
    fn once_more(&self, tables: &Tables<'_>, (a, b): (&Side, &Side), waiting: Vec<Deferred>) -> Result<()> {
        if waiting.is_empty() {
            return Ok(());
        }
        let before: BTreeMap<QualifiedName, u64> =
            waiting.into_iter().map(|deferred| (deferred.name, deferred.rows)).collect();
        let holdings = others::as_holdings(a, b);
        let views = holdings.iter().map(|(here, there)| others::view(here, there));
        let pairs: Vec<Pair<'_>> = Pairs::of(a, b)
            .both
            .into_iter()
            .chain(views)
            .filter(|pair| before.contains_key(&pair.shape.table))
            .collect();
        let again = Tables { a, b, ..*tables };
        Rows { tables: &again, sink: self.teller, deferred: None, before }.compare(&pairs)
    }
}

fn join(side: &Side) -> Result<Session> {
    match side.live() {
        Some(live) => live.join(),
        None => Err(Error::failed("internal", "a snapshot has no sessions")),
    }
}
