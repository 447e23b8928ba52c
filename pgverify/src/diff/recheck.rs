//! `--recheck`: rows that differed are looked at again after a while, in new moments of both sides.
//!
//! Two live databases have no common moment, so rows that were written in between differ for no fault. Those that are
//! equal when they are looked at again were in flight; all others are told, as they are then. What is kept of a row
//! meanwhile is its key alone. Rows beyond [`MOST`] are told at once: memory stays flat, and nothing is called equal that
//! was not seen to be. Only for tables with a key; others have to be compared anew as a whole.

use super::ranges::keyed::{Keyed, Values, key_of};
use super::{Counts, Open, RowDifference, Shape, Sink};
use common::error::Result;
use common::pg::wire::stopped;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many rows are looked at again at most.
const MOST: usize = 100_000;
/// How many in one statement.
const BATCH: usize = 200;
/// How long a sleep lasts before the next look at whether to stop.
const NAP: Duration = Duration::from_millis(100);

/// Keeps the keys of rows that differ until they are looked at again.
pub(crate) struct Recheck<'a> {
    sink: &'a dyn Sink,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    tables: Vec<Table>,
    rows: usize,
    told: u64,
}

struct Table {
    shape: Shape,
    keys: Vec<Values>,
    told: Counts,
}

/// What came of the rows of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    /// The table.
    pub(crate) shape: Shape,
    /// Rows that differed and do no longer.
    pub(crate) in_flight: u64,
    /// Those that still do, as they do now, and those that were told at once.
    pub(crate) lasting: Counts,
}

impl<'a> Recheck<'a> {
    /// `sink` will hear of the rows that differ for good.
    pub(crate) fn new(sink: &'a dyn Sink) -> Self {
        Self { sink, kept: Mutex::default() }
    }

    /// How many rows were told without a second look, because there were too many.
    pub(crate) fn told_at_once(&self) -> u64 {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).told
    }

    /// Waits for `pause`; fails when it is to stop meanwhile.
    pub(crate) fn wait(pause: Duration, stop: fn() -> bool) -> Result<()> {
        let end = Instant::now() + pause;
        loop {
            if stop() {
                return Err(stopped());
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(NAP));
        }
    }

    /// Looks again, through sessions that see moments that were fixed after the wait. Each table's rows are told to the
    /// sink; `Break` of it ends everything.
    pub(crate) fn settle(&self, a: &Open<'_>, b: &Open<'_>, stop: fn() -> bool) -> Result<Vec<Settled>> {
        let tables = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.rows = 0;
            std::mem::take(&mut kept.tables)
        };
        let (mut here, mut there) = (a()?, b()?);
        let mut settled = Vec::new();
        for Table { shape, mut keys, told } in tables {
            keys.sort();
            keys.dedup();
            let keyed = Keyed::of(&shape, &mut here, &mut there)?;
            let mut lasting = told;
            let mut in_flight = 0;
            for batch in keys.chunks(BATCH) {
                if stop() {
                    return Err(stopped());
                }
                let mut flow = ControlFlow::Continue(());
                let mut differing = 0;
                keyed.differences(&shape, (&mut here, &mut there), batch, stop, |row| {
                    differing += 1;
                    lasting.count(&row);
                    flow = self.sink.differs(&shape, row)?;
                    Ok(flow.is_continue())
                })?;
                if flow.is_break() {
                    settled.push(Settled { shape, in_flight, lasting });
                    return Ok(settled);
                }
                in_flight += (batch.len() as u64).saturating_sub(differing);
            }
            settled.push(Settled { shape, in_flight, lasting });
        }
        Ok(settled)
    }
}

impl Sink for Recheck<'_> {
    fn differs(&self, shape: &Shape, row: RowDifference) -> Result<ControlFlow<()>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let full = kept.rows >= MOST;
        let place = kept.tables.iter().rposition(|known| known.shape.table == shape.table);
        if place.is_none() {
            kept.tables.push(Table { shape: shape.clone(), keys: Vec::new(), told: Counts::default() });
        }
        let last = kept.tables.len().saturating_sub(1);
        let Some(table) = kept.tables.get_mut(place.unwrap_or(last)) else {
            return Ok(ControlFlow::Continue(()));
        };
        if full {
            table.told.count(&row);
            kept.told += 1;
            drop(kept);
            return self.sink.differs(shape, row);
        }
        table.keys.extend(row.a.as_ref().or(row.b.as_ref()).map(|fields| key_of(shape, fields)));
        kept.rows += 1;
        Ok(ControlFlow::Continue(()))
    }
}
