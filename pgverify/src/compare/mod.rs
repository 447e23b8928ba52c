//! Two sides, each a snapshot or a live database, and what of them differs.
//!
//! What holds on every path: what could not be compared is told and keeps "equal" from being said; what one side has
//! alone differs; nothing is written to either side, but for what `schema` asks of side B. `diff` knows rows; this knows where they come from.

mod again;
pub(crate) mod live;
pub(crate) mod names;
mod objects;
mod others;
mod pairs;
mod rows;
mod schema;
mod sheet;
pub(crate) mod side;
mod source;
pub(crate) mod stored;
mod sums;
mod tables;
pub(crate) mod tell;

use crate::sync::Facts;
use common::cli::signals;
use common::error::{Error, Result};
use common::pg::session::Session;
use common::throttle::{Limits, Throttle};
use names::Patterns;
use pairs::{Pair, Pairs, What};
use rows::Rows;
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
    /// What was selected.
    pub(crate) asked: &'a Patterns,
    /// Connections to each side.
    pub(crate) jobs: usize,
    /// Whether each row that differs is told.
    pub(crate) rows: bool,
    /// Whether rows, sequences and large objects count.
    pub(crate) data: bool,
    /// Whether the schema counts.
    pub(crate) schema: bool,
    /// After how long rows that differ are looked at again.
    pub(crate) recheck: Option<Duration>,
    /// What limits the load on live sides.
    pub(crate) limits: Limits,
    /// Whom to tell.
    pub(crate) teller: &'a Teller<'a>,
}

impl Comparison<'_> {
    /// Compares everything.
    pub(crate) fn run(&self) -> Result<()> {
        let (a, b, teller) = (self.a, self.b, self.teller);
        let pairs = Pairs::of(a, b);
        let told = self.schema && schema::compare(teller, a, b, self.asked, &pairs)?;
        if teller.enough() {
            return Ok(());
        }
        if !self.data {
            others::alone(teller, &pairs);
            return Ok(());
        }
        others::skips(teller, a, b);
        others::alone(teller, &pairs);
        if !teller.enough() {
            self.tables(pairs, told)?;
        }
        if !teller.enough() {
            let advanced = |bytes| {
                teller.advanced(bytes);
                Ok(())
            };
            objects::compare(teller, a, b, &advanced)?;
        }
        teller.done();
        for live in [a, b].into_iter().filter_map(Side::live) {
            live.still_holds()?;
        }
        // Last: sequences know no snapshot, so they are never behind the rows.
        if !teller.enough() {
            others::sequences(teller, a, b, told)?;
        }
        Ok(())
    }

    fn tables(&self, pairs: Pairs<'_>, told: bool) -> Result<()> {
        let (a, b, teller) = (self.a, self.b, self.teller);
        let holdings = others::as_holdings(a, b);
        let matviews = others::matviews(teller, a, b, &holdings, told)?;
        let say = |message: &str| teller.note(message);
        let (a_watch, b_watch) = (|| watch(a), || watch(b));
        let load = |side: &Side, open| {
            side.live().map(|_| Throttle::new(self.limits, open, signals::stop_requested, &say))
        };
        let (a_load, b_load) = (load(a, &a_watch), load(b, &b_watch));
        let tables = Tables {
            a,
            b,
            jobs: self.jobs,
            teller,
            columns_told: told,
            a_load: a_load.as_ref(),
            b_load: b_load.as_ref(),
        };
        let (able, unable): (Vec<Pair<'_>>, Vec<Pair<'_>>) =
            pairs.both.into_iter().chain(matviews).partition(|pair| tables.obstacle(pair).is_none());
        for pair in &unable {
            tables.skip(pair, &tables.obstacle(pair).unwrap_or_default());
        }
        if teller.enough() {
            return Ok(());
        }
        if let Some(script) = teller.script() {
            for pair in &able {
                script.know(&pair.shape.table, facts(pair));
            }
        }
        teller.phase("comparing", able.iter().map(Pair::bytes).sum());
        let done = match self.recheck {
            _ if !self.rows => tables.sums(&able),
            Some(pause) => again::compare(&tables, &able, pause),
            None => Rows { tables: &tables, sink: teller, waiting: None }.compare(&able),
        };
        teller.tally().pauses += [&a_load, &b_load].into_iter().flatten().map(Throttle::pauses).sum::<u64>();
        done
    }
}

/// What a script has to know of side B's table.
fn facts(pair: &Pair<'_>) -> Facts {
    let generated = pair.b.iter().flat_map(|part| &part.table.generated);
    Facts {
        generated: generated.map(|column| column.name.clone()).collect(),
        whole: pair.what == What::Whole,
        view: pair.what == What::Matview,
    }
}

/// A session of its own, in no transaction: what others do changes under its eyes.
fn watch(side: &Side) -> Result<Session> {
    let Some(live) = side.live() else {
        return Err(Error::failed("internal", "a snapshot has no sessions"));
    };
    let mut session = Session::open(&live.target())?;
    session.stop_when(signals::stop_requested)?;
    session.pin()?;
    Ok(session)
}
