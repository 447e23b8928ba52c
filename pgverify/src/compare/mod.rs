//! Two sides, each a snapshot or a live database, and what of them differs.
//!
//! What holds on every path: what could not be compared is told and keeps "equal" from being said; what one side has
//! alone differs; nothing is written to either side. `diff` knows rows; this knows where they come from.

mod again;
mod asked;
pub(crate) mod live;
pub(crate) mod names;
mod objects;
mod others;
mod pairs;
mod sheet;
pub(crate) mod side;
mod source;
pub(crate) mod stored;
mod sums;
mod tables;
pub(crate) mod tell;

use crate::diff::throttle::{Limits, Throttle};
use common::cli::signals::stop_requested;
use common::error::{Error, Result};
use common::pg::session::Session;
use pairs::{Pair, Pairs};
use side::Side;
use std::time::Duration;
use tables::Tables;
use tell::Teller;

/// What to compare, and how.
pub(crate) struct Comparison<'a> {
    /// What is expected.
    pub(crate) a: &'a Side,
    /// What is looked at.
    pub(crate) b: &'a Side,
    /// Connections to each side.
    pub(crate) jobs: usize,
    /// Whether each row that differs is told.
    pub(crate) rows: bool,
    /// What limits the load on live sides.
    pub(crate) limits: Limits,
    /// After how long rows that differ are looked at again.
    pub(crate) recheck: Option<Duration>,
    /// Whether rows, sequences and large objects count.
    pub(crate) data: bool,
    /// Whom to tell.
    pub(crate) teller: &'a Teller<'a>,
}

impl Comparison<'_> {
    /// Compares everything.
    pub(crate) fn run(&self) -> Result<()> {
        if self.data {
            self.data()?;
        }
        Ok(())
    }

    fn data(&self) -> Result<()> {
        let (a, b, teller) = (self.a, self.b, self.teller);
        let pairs = Pairs::of(a, b);
        others::alone(teller, a, b, &pairs);
        let holdings = others::as_holdings(a, b);
        let matviews = others::matviews(teller, a, b, &holdings)?;
        let told = |what: &str| teller.note(what);
        let (ours, theirs) = (|| join(a), || join(b));
        let throttles = [
            &Throttle::new(self.limits, &ours, stop_requested, &told),
            &Throttle::new(self.limits, &theirs, stop_requested, &told),
        ];
        let tables = Tables { a, b, jobs: self.jobs, throttles, recheck: self.recheck, teller };
        let (able, unable): (Vec<Pair<'_>>, Vec<Pair<'_>>) =
            pairs.both.into_iter().chain(matviews).partition(|pair| tables.obstacle(pair).is_none());
        for pair in &unable {
            tables.skip(pair, &tables.obstacle(pair).unwrap_or_default());
        }
        if !teller.enough() {
            teller.phase("comparing", able.iter().map(Pair::bytes).sum());
            if self.rows { tables.rows(&able)? } else { tables.sums(&able)? }
        }
        if !teller.enough() {
            let advanced = |bytes| {
                teller.advanced(bytes);
                Ok(())
            };
            objects::compare(teller, a, b, &advanced)?;
        }
        teller.done();
        teller.tally().pauses = throttles.iter().map(|throttle| throttle.pauses()).sum();
        for live in [a, b].into_iter().filter_map(Side::live) {
            live.still_holds()?;
        }
        // Last: sequences know no snapshot, so they are never behind the rows.
        if !teller.enough() {
            others::sequences(teller, a, b)?;
        }
        Ok(())
    }
}

/// A session on a side that is live.
fn join(side: &Side) -> Result<Session> {
    side.live().map_or_else(|| Err(Error::failed("internal", "a snapshot has no server")), live::Live::join)
}
