//! Compares the tables of both sides: their sums, or with `--rows` each of their rows.

use super::again::Again;
use super::pairs::{Pair, What};
use super::sheet::Holding;
use super::side::Side;
use super::source::{LiveRows, StoredRows, add_up, encoding, statement};
use super::sums::{Known, judge};
use super::tell::Teller;
use crate::diff::stream::{Decode, Rows, Stream};
use crate::diff::throttle::Throttle;
use crate::records::{Table, Verdict};
use common::error::{Class, Error, Result};
use common::format::copy_text::Charset;
use common::pg::session::Session;
use common::proof::read::{Pages, Totals};
use common::workers::{Crew, Outcome};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Pages that one worker reads at a time.
const PAGES: u64 = 8192;

/// Bytes of rows that all workers together hold.
pub(super) const BUDGET: usize = 64 << 20;

/// What is to be compared, and how.
pub(crate) struct Tables<'a> {
    /// Side A.
    pub(crate) a: &'a Side,
    /// Side B.
    pub(crate) b: &'a Side,
    /// Connections to each side.
    pub(crate) jobs: usize,
    /// What limits the load on each live side.
    pub(crate) throttles: [&'a Throttle<'a>; 2],
    /// After how long what differs is looked at again.
    pub(crate) recheck: Option<Duration>,
    /// Whom to tell.
    pub(crate) teller: &'a Teller<'a>,
}

/// Which side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    A,
    B,
}

/// A piece of a table on one side.
struct Piece {
    pair: usize,
    part: usize,
    pages: Option<Pages>,
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
                self.conclude(&pairs[index], &known[index], &state)?;
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
                        self.conclude(pair, known, &state)?;
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

    fn read(
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
                    None => live.join()?,
                };
                self.throttle(which).ours(&open);
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

    fn conclude(&self, pair: &Pair<'_>, known: &Known, state: &State) -> Result<()> {
        if self.teller.enough() {
            return Ok(());
        }
        if let Some(error) = &state.failure {
            self.skip(pair, &error.to_string());
            return Ok(());
        }
        let equal = judge(self.teller, pair, known, &state.a, &state.b);
        let mut record = record(pair, if equal { Verdict::Equal } else { Verdict::Differs });
        record.a_rows = Some(state.a.copied.rows);
        record.b_rows = Some(state.b.copied.rows);
        record.read_bytes = state.read_bytes;
        self.count(&state.a, &state.b);
        self.teller.table(&record);
        Ok(())
    }

    /// Compares the rows of `pairs`.
    pub(crate) fn rows(&self, pairs: &[Pair<'_>]) -> Result<()> {
        let mut order: Vec<&Pair<'_>> = pairs.iter().collect();
        order.sort_by_key(|pair| std::cmp::Reverse(pair.bytes()));
        let again = self.recheck.map(|pause| Again::new(pause, self.teller));
        let again = again.as_ref();
        // One after another, each by all workers: a large table has work for all of them.
        let mut rest = Vec::new();
        for pair in order {
            match self.ask(pair, again) {
                Err(error) if is_of_the_table(&error) => self.skip(pair, &error.to_string()),
                asked => {
                    if !asked? {
                        rest.push(pair);
                    }
                }
            }
            if self.teller.enough() {
                return Ok(());
            }
        }
        let crew = Crew::new(self.jobs, common::cli::signals::stop_requested);
        let budget = BUDGET / self.jobs.clamp(1, 16);
        let done = crew.work(
            rest,
            || Ok((None, None)),
            |(ours, theirs): &mut (Option<Session>, Option<Session>), pair| {
                match self.stream(pair, ours, theirs, budget, again) {
                    Err(error) if is_of_the_table(&error) => {
                        (*ours, *theirs) = (None, None);
                        self.skip(pair, &error.to_string());
                    }
                    other => other?,
                }
                if self.teller.enough() {
                    crew.end();
                }
                Ok(Outcome::Done)
            },
        );
        match done {
            Err(_) if self.teller.enough() => return Ok(()),
            done => done?,
        }
        again.map_or(Ok(()), |again| self.look_again(again))
    }

    /// Compares `pair` by reading all of it. With `again`, what differs is told later.
    pub(super) fn stream<'p>(
        &self,
        pair: &'p Pair<'p>,
        ours: &mut Option<Session>,
        theirs: &mut Option<Session>,
        budget: usize,
        again: Option<&Again<'p>>,
    ) -> Result<()> {
        let known = Known::of(pair, self.a, self.b);
        let shape = &pair.shape;
        let [a_encoding, b_encoding] = [encoding(self.a, self.b), encoding(self.b, self.a)];
        let a_advanced = |bytes| self.advanced(Which::A, bytes);
        let b_advanced = |bytes| self.advanced(Which::B, bytes);
        let names: Vec<&str> = shape.columns.iter().map(|column| column.name.as_str()).collect();
        let mut a = rows_of(self.a, &pair.a, &names, &a_encoding, ours, &a_advanced)?;
        let mut b = rows_of(self.b, &pair.b, &names, &b_encoding, theirs, &b_advanced)?;
        let stream = Stream {
            shape,
            a_decode: decode(&a_encoding),
            b_decode: decode(&b_encoding),
            rows: pair.a.iter().map(|part| part.table.fingerprint.rows.max(part.bytes / 64)).sum(),
            a_known: known.a.map(|totals| totals.copied),
            budget,
            sink: again.map_or(self.teller, |again| again.sink(shape)),
        };
        let sums = stream.compare(a.as_mut(), b.as_mut())?;
        drop((a, b));
        if let Some(again) = again.filter(|_| !sums.counts.equal()) {
            again.differs(pair, sums.counts);
            return Ok(());
        }
        let (mut a_totals, mut b_totals) =
            (Totals { copied: sums.a, ..Totals::default() }, Totals::default());
        b_totals.copied = sums.b;
        let mut read_bytes = sums.counts.read_bytes;
        if known.with_generated && sums.a == sums.b {
            // What the snapshot does not hold is proved by its sum.
            a_totals.with_generated = self.generated(Which::A, pair, &known, ours)?;
            b_totals.with_generated = self.generated(Which::B, pair, &known, theirs)?;
            read_bytes += sums.b.bytes;
        }
        let alike = judge(self.teller, pair, &known, &a_totals, &b_totals);
        let equal = alike && sums.counts.equal();
        let mut record = record(pair, if equal { Verdict::Equal } else { Verdict::Differs });
        record.key = key(pair);
        record.a_rows = Some(sums.a.rows);
        record.b_rows = Some(sums.b.rows);
        record.missing = Some(sums.counts.missing);
        record.extra = Some(sums.counts.extra);
        record.changed = Some(sums.counts.changed);
        record.read_bytes = read_bytes;
        self.count(&a_totals, &b_totals);
        self.teller.table(&record);
        Ok(())
    }

    /// The sum of one side with the columns that a snapshot does not hold.
    fn generated(
        &self,
        which: Which,
        pair: &Pair<'_>,
        known: &Known,
        session: &mut Option<Session>,
    ) -> Result<Option<common::format::fingerprint::Fingerprint>> {
        let (ready, parts) = if which == Which::A { (known.a, &pair.a) } else { (known.b, &pair.b) };
        if let Some(totals) = ready {
            return Ok(totals.with_generated);
        }
        let mut totals = Totals::default();
        for part in 0..parts.len() {
            totals.merge(&self.read(which, pair, known, &Piece { pair: 0, part, pages: None }, session)?);
        }
        Ok(totals.with_generated)
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

    fn count(&self, a: &Totals, b: &Totals) {
        let mut tally = self.teller.tally();
        tally.a_bytes += a.copied.bytes;
        tally.b_bytes += b.copied.bytes;
    }

    fn throttle(&self, which: Which) -> &Throttle<'_> {
        let [a, b] = self.throttles;
        if which == Which::A { a } else { b }
    }

    fn advanced(&self, which: Which, bytes: u64) -> Result<()> {
        if self.teller.enough() {
            return Err(common::pg::wire::stopped());
        }
        self.teller.advanced(bytes);
        let side = if which == Which::A { self.a } else { self.b };
        if side.live().is_some() { self.throttle(which).spent(bytes) } else { Ok(()) }
    }
}

fn rows_of<'a>(
    side: &'a Side,
    parts: &[&'a Holding],
    names: &[&str],
    encoding: &str,
    session: &'a mut Option<Session>,
    advanced: &'a super::source::Advanced<'a>,
) -> Result<Box<dyn Rows + 'a>> {
    Ok(match side {
        Side::Stored(stored) => Box::new(StoredRows::new(stored, parts, names, advanced)?),
        Side::Live(live) => {
            let statements = parts.iter().map(|part| statement(part, names, None, encoding)).collect();
            Box::new(LiveRows { live, session, statements, advanced })
        }
    })
}

/// How the encoding's bytes become text; of one that nobody knows here, as they are.
fn decode(encoding: &str) -> Decode {
    Decode::of(encoding).unwrap_or(Decode::Charset(Charset::Utf8))
}

/// The pieces in which a table is read.
fn pages(holding: &Holding) -> impl Iterator<Item = Option<Pages>> {
    let count = if holding.pages > PAGES { holding.pages.div_ceil(PAGES) } else { 1 };
    (0..count).map(move |number| {
        let end = (number + 1 < count).then_some((number + 1) * PAGES);
        (count > 1).then_some(Pages { first: number * PAGES, end })
    })
}

pub(super) fn key(pair: &Pair<'_>) -> Option<String> {
    let names = pair.shape.key.iter().filter_map(|&place| pair.shape.columns.get(place));
    let names: Vec<_> = names.map(|column| column.name.clone()).collect();
    (!names.is_empty()).then(|| names.join(", "))
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
