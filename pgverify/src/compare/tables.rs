//! Compares the tables of both sides by what their rows add up to.

use super::live::Live;
use super::pairs::{Pair, What};
use super::sheet::Holding;
use super::side::Side;
use super::source::{StoredRows, add_up, encoding, statement};
use super::sums::{Known, alike, say};
use super::tell::Teller;
use crate::diff::stream::Rows as _;
use crate::records::{Table, Verdict};
use common::error::{Class, Error, Result};
use common::pg::session::Session;
use common::proof::read::{Pages, Totals};
use common::throttle::Throttle;
use common::workers::{Crew, Outcome};
use std::sync::{Mutex, PoisonError};

/// Pages that one worker reads at a time.
const PAGES: u64 = 8192;

/// What is to be compared, and how.
pub(crate) struct Tables<'a> {
    /// Side A.
    pub(crate) a: &'a Side,
    /// Side B.
    pub(crate) b: &'a Side,
    /// Connections to each side.
    pub(crate) jobs: usize,
    /// Whom to tell.
    pub(crate) teller: &'a Teller<'a>,
    /// Whether columns that are not alike are told by the comparison of the schemas.
    pub(crate) columns_told: bool,
    /// What limits the load on side A, when it is live.
    pub(crate) a_load: Option<&'a Throttle<'a>>,
    /// What limits the load on side B.
    pub(crate) b_load: Option<&'a Throttle<'a>>,
}

/// Which side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    A,
    B,
}

/// A piece of a table on one side.
pub(super) struct Piece {
    pub(super) pair: usize,
    pub(super) part: usize,
    pub(super) pages: Option<Pages>,
}

/// What is known of a pair so far.
#[derive(Default)]
struct State {
    a: Totals,
    b: Totals,
    pending: usize,
    failure: Option<Error>,
    read_bytes: u64,
}

impl Tables<'_> {
    /// Compares the sums of `pairs`.
    pub(crate) fn sums(&self, pairs: &[Pair<'_>]) -> Result<()> {
        let known: Vec<Known> = pairs.iter().map(|pair| Known::of(pair, self.a, self.b)).collect();
        let mut states = Vec::new();
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for (index, (pair, known)) in pairs.iter().zip(&known).enumerate() {
            let mut state = State::default();
            for (which, totals, pieces) in [(Which::A, known.a, &mut ours), (Which::B, known.b, &mut theirs)]
            {
                let (parts, sum) = match which {
                    Which::A => (&pair.a, &mut state.a),
                    Which::B => (&pair.b, &mut state.b),
                };
                if let Some(totals) = totals {
                    *sum = totals;
                    continue;
                }
                for (part, holding) in parts.iter().enumerate() {
                    let before = pieces.len();
                    pieces.extend(
                        pages(holding).map(|pages| (holding.bytes, Piece { pair: index, part, pages })),
                    );
                    state.pending += pieces.len() - before;
                }
            }
            states.push(Mutex::new(state));
        }
        for (index, state) in states.iter().enumerate() {
            let state = state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.pending == 0 && !self.teller.enough() {
                self.conclude(&pairs[index], &known[index], &state);
            }
        }
        let stop = common::cli::signals::stop_requested;
        let (a_crew, b_crew) = (Crew::new(self.jobs, stop), Crew::new(self.jobs, stop));
        let run = |which: Which, mut pieces: Vec<(u64, Piece)>| {
            pieces.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
            let (crew, other) = if which == Which::A { (&a_crew, &b_crew) } else { (&b_crew, &a_crew) };
            let pieces: Vec<Piece> = pieces.into_iter().map(|(_, piece)| piece).collect();
            let done = crew.work(
                pieces,
                || Ok(None),
                |session: &mut Option<Session>, piece: Piece| {
                    let (pair, known) = (&pairs[piece.pair], &known[piece.pair]);
                    let read = self.read(which, pair, known, &piece, session);
                    let mut state = states[piece.pair].lock().unwrap_or_else(PoisonError::into_inner);
                    state.pending -= 1;
                    match read {
                        Ok(totals) => {
                            state.read_bytes += totals.copied.bytes;
                            if which == Which::A { &mut state.a } else { &mut state.b }.merge(&totals);
                        }
                        Err(error) => {
                            *session = None;
                            if !is_of_the_table(&error) {
                                return Err(error);
                            }
                            state.failure.get_or_insert(error);
                        }
                    }
                    if state.pending == 0 {
                        self.conclude(pair, known, &state);
                    }
                    if self.teller.enough() {
                        a_crew.end();
                        b_crew.end();
                    }
                    Ok(Outcome::Done)
                },
            );
            match done {
                Err(_) if self.teller.enough() => Ok(()),
                Err(error) => {
                    other.end();
                    Err(error)
                }
                Ok(()) => Ok(()),
            }
        };
        at_once(|| run(Which::A, ours), || run(Which::B, theirs))
    }

    pub(super) fn read(
        &self,
        which: Which,
        pair: &Pair<'_>,
        known: &Known,
        piece: &Piece,
        session: &mut Option<Session>,
    ) -> Result<Totals> {
        let (side, other, parts) = match which {
            Which::A => (self.a, self.b, &pair.a),
            Which::B => (self.b, self.a, &pair.b),
        };
        let Some(holding) = parts.get(piece.part) else { return Ok(Totals::default()) };
        let names: Vec<&str> = pair.shape.columns.iter().map(|column| column.name.as_str()).collect();
        let advanced = |bytes| self.advanced(which, bytes);
        match side {
            Side::Stored(stored) => {
                let mut totals = Totals::default();
                StoredRows::new(stored, &[holding], &names, &advanced)?.each(&mut |line| {
                    let hash = common::format::fingerprint::RowHash::of(line);
                    totals.copied.add(hash, line.len() + 1);
                    Ok(())
                })?;
                Ok(totals)
            }
            Side::Live(live) => {
                let mut open = match session.take() {
                    Some(session) => session,
                    None => self.join(which, live)?,
                };
                let proved = if known.with_generated { pair.proved.as_slice() } else { &[] };
                let columns: Vec<&str> =
                    names.iter().copied().chain(proved.iter().map(String::as_str)).collect();
                let sql = statement(holding, &columns, piece.pages, &encoding(side, other));
                let generated = known.with_generated.then_some(names.len());
                let totals = add_up(&mut open, &sql, generated, &advanced)?;
                *session = Some(open);
                Ok(totals)
            }
        }
    }

    fn conclude(&self, pair: &Pair<'_>, known: &Known, state: &State) {
        if self.teller.enough() {
            return;
        }
        if let Some(error) = &state.failure {
            self.skip(pair, &error.to_string());
            return;
        }
        let mut equal = alike(self, pair, known, &state.a, &state.b);
        if state.a.copied != state.b.copied {
            self.teller.differs(&pair.describe(), "rows", &say(&state.a.copied), &say(&state.b.copied));
            equal = false;
        }
        let mut record = record(pair, if equal { Verdict::Equal } else { Verdict::Differs });
        record.a_rows = Some(state.a.copied.rows);
        record.b_rows = Some(state.b.copied.rows);
        record.read_bytes = state.read_bytes;
        self.count(&state.a, &state.b);
        self.teller.table(&record);
    }

    /// Why a pair can't be compared, if it can't.
    pub(crate) fn obstacle(&self, pair: &Pair<'_>) -> Option<String> {
        let parts = || pair.a.iter().chain(&pair.b);
        if let Some(why) = parts().find_map(|part| part.unreadable.as_ref()) {
            return Some(why.clone());
        }
        let (ours, theirs) = (encoding(self.a, self.b), encoding(self.b, self.a));
        let both_stored = self.a.stored().is_some() && self.b.stored().is_some();
        (both_stored && ours != theirs)
            .then(|| format!("the snapshots hold bytes of other encodings: {ours} and {theirs}"))
    }

    /// Tells of a table that could not be compared.
    pub(crate) fn skip(&self, pair: &Pair<'_>, reason: &str) {
        self.teller.skipped(&pair.describe(), reason, true);
        self.teller.table(&record(pair, Verdict::Skipped));
    }

    pub(super) fn count(&self, a: &Totals, b: &Totals) {
        let mut tally = self.teller.tally();
        tally.a_bytes += a.copied.bytes;
        tally.b_bytes += b.copied.bytes;
    }

    /// So many bytes came from a side; returns when more may.
    pub(super) fn advanced(&self, which: Which, bytes: u64) -> Result<()> {
        if self.teller.enough() {
            return Err(common::pg::wire::stopped());
        }
        self.teller.advanced(bytes);
        match if which == Which::A { self.a_load } else { self.b_load } {
            Some(load) => load.spent(bytes),
            None => Ok(()),
        }
    }

    /// A session that sees the moment of a side.
    pub(super) fn join(&self, which: Which, live: &Live) -> Result<Session> {
        let session = live.join()?;
        if let Some(load) = if which == Which::A { self.a_load } else { self.b_load } {
            load.ours(&session);
        }
        Ok(session)
    }
}

/// The pieces in which a table is read.
fn pages(holding: &Holding) -> impl Iterator<Item = Option<Pages>> {
    let count = if holding.pages > PAGES { holding.pages.div_ceil(PAGES) } else { 1 };
    (0..count).map(move |number| {
        let end = (number + 1 < count).then_some((number + 1) * PAGES);
        (count > 1).then_some(Pages { first: number * PAGES, end })
    })
}

/// The record of a pair, without numbers.
pub(super) fn record(pair: &Pair<'_>, verdict: Verdict) -> Table {
    let whole = (pair.what == What::Whole).then_some(true);
    Table { whole, ..Table::new(&pair.shape.table, verdict) }
}

/// Whether an error is about one table, so that the others can still be compared.
pub(super) fn is_of_the_table(error: &Error) -> bool {
    let about = error.sqlstate().is_some_and(|state| {
        // Not the session's end, a cancellation, or a server that is out of something.
        !state.starts_with("57") && !state.starts_with("53") && !state.starts_with("08")
    });
    error.class() == Class::Failed && (about || error.code() == "damaged")
}

fn at_once(a: impl FnOnce() -> Result<()> + Send, b: impl FnOnce() -> Result<()>) -> Result<()> {
    std::thread::scope(|scope| {
        let first = scope.spawn(a);
        let second = b();
        let first = first.join().unwrap_or_else(|_| Err(common::pg::wire::stopped()));
        match (first, second) {
            (Err(error), Err(other)) if error.code() == "interrupted" => Err(other),
            (Err(error), _) | (_, Err(error)) => Err(error),
            _ => Ok(()),
        }
    })
}
