//! Compares the rows of tables, each pair by the engine that suits it.
//!
//! Large tables with a key on two live servers go to `diff::ranges`, one after another, with all workers. What that does
//! not take, snapshots and tables without a key go to `diff::stream`, a table a worker.

use super::again::{Nobody, Waiting};
use super::pairs::{Pair, What};
use super::sheet::Holding;
use super::side::Side;
use super::source::{Advanced, LiveRows, StoredRows, encoding, statement};
use super::sums::{Known, alike};
use super::tables::{Piece, Tables, Which, is_of_the_table, record};
use crate::diff::ranges::{self, Ranges};
use crate::diff::stream::{Decode, Rows as Source, Stream};
use crate::diff::{Counts, Sink};
use crate::records::{Table, Verdict};
use common::cli::signals;
use common::error::Result;
use common::format::copy_text::Charset;
use common::format::fingerprint::Fingerprint;
use common::pg::session::Session;
use common::proof::read::Totals;
use common::workers::{Crew, Outcome};

/// Bytes of rows that all workers together hold.
const BUDGET: usize = 64 << 20;

/// Tables of fewer bytes are read faster than asked about.
const SMALL: u64 = 8 << 20;

/// A comparison of rows.
pub(super) struct Rows<'a, 'p> {
    /// The tables, and whom to tell of them.
    pub(super) tables: &'a Tables<'a>,
    /// Whom to tell of rows.
    pub(super) sink: &'a dyn Sink,
    /// Where pairs go that will be looked at again, instead of being told.
    pub(super) waiting: Option<&'a Waiting<'p>>,
}

/// What was found of the rows of a pair.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) counts: Counts,
    /// Whether its columns are alike.
    pub(super) alike: bool,
}

impl Found {
    /// How many rows differ.
    pub(super) fn differing(&self) -> u64 {
        self.counts.missing + self.counts.extra + self.counts.changed
    }
}

impl<'p> Rows<'_, 'p> {
    /// Compares the rows of `pairs`.
    pub(super) fn compare(&self, pairs: &'p [Pair<'p>]) -> Result<()> {
        let mut order: Vec<&'p Pair<'p>> = pairs.iter().collect();
        order.sort_by_key(|pair| std::cmp::Reverse(pair.bytes()));
        let mut rest = Vec::new();
        for pair in order {
            if self.tables.teller.enough() {
                return Ok(());
            }
            match self.by_ranges(pair) {
                Ok(true) => {}
                Ok(false) => rest.push(pair),
                Err(error) if is_of_the_table(&error) => self.tables.skip(pair, &error.to_string()),
                Err(error) => return Err(error),
            }
        }
        self.by_streams(rest)
    }

    /// Whether the engine for key ranges took it.
    fn by_ranges(&self, pair: &'p Pair<'p>) -> Result<bool> {
        let Tables { a, b, jobs, teller, a_load, b_load, .. } = *self.tables;
        let ([here], [there]) = (pair.a.as_slice(), pair.b.as_slice()) else { return Ok(false) };
        let suits = pair.what == What::Table
            && !pair.shape.key.is_empty()
            && here.bytes.max(there.bytes) >= SMALL
            && here.table.condition.is_none()
            && there.table.condition.is_none();
        let (Some(ours), Some(theirs), Some(a_load), Some(b_load)) = (a.live(), b.live(), a_load, b_load)
        else {
            return Ok(false);
        };
        if !suits {
            return Ok(false);
        }
        let (open_ours, open_theirs) = (|| ours.join(), || theirs.join());
        let ranges = Ranges {
            shape: &pair.shape,
            a: ranges::Live { open: &open_ours, throttle: a_load },
            b: ranges::Live { open: &open_theirs, throttle: b_load },
            jobs,
            stop: signals::stop_requested,
            sink: self.sink,
            advanced: &|bytes| teller.advanced(bytes),
        };
        let Some(counts) = ranges.compare()? else { return Ok(false) };
        let known = Known::of(pair, a, b);
        let alike = alike(self.tables, pair, &known, &Totals::default(), &Totals::default());
        self.conclude(pair, Found { counts, alike });
        Ok(true)
    }

    fn by_streams(&self, pairs: Vec<&'p Pair<'p>>) -> Result<()> {
        let crew = Crew::new(self.tables.jobs, signals::stop_requested);
        let done = crew.work(
            pairs,
            || Ok((None, None)),
            |(ours, theirs): &mut (Option<Session>, Option<Session>), pair| {
                match self.stream(pair, ours, theirs) {
                    Err(error) if is_of_the_table(&error) => {
                        (*ours, *theirs) = (None, None);
                        self.tables.skip(pair, &error.to_string());
                    }
                    Err(_) if self.tables.teller.enough() => {}
                    other => other?,
                }
                if self.tables.teller.enough() {
                    crew.end();
                }
                Ok(Outcome::Done)
            },
        );
        match done {
            Err(_) if self.tables.teller.enough() => Ok(()),
            done => done,
        }
    }

    fn stream(
        &self,
        pair: &'p Pair<'p>,
        ours: &mut Option<Session>,
        theirs: &mut Option<Session>,
    ) -> Result<()> {
        let (mut counts, a, b) = self.read(pair, ours, theirs)?;
        let known = Known::of(pair, self.tables.a, self.tables.b);
        let whole = |copied| Totals { copied, with_generated: None };
        let (mut a_totals, mut b_totals) = (whole(a), whole(b));
        if known.with_generated && a == b {
            // What the snapshot does not hold is proved by its sum.
            a_totals.with_generated = self.generated(Which::A, pair, &known, ours)?;
            b_totals.with_generated = self.generated(Which::B, pair, &known, theirs)?;
            counts.read_bytes += b.bytes;
        }
        let alike = alike(self.tables, pair, &known, &a_totals, &b_totals);
        self.conclude(pair, Found { counts, alike });
        Ok(())
    }

    /// Reads both sides as a whole; how their rows differ, and what they add up to.
    pub(super) fn read(
        &self,
        pair: &Pair<'_>,
        ours: &mut Option<Session>,
        theirs: &mut Option<Session>,
    ) -> Result<(Counts, Fingerprint, Fingerprint)> {
        let Tables { a, b, jobs, .. } = *self.tables;
        for (which, side, session) in [(Which::A, a, &mut *ours), (Which::B, b, &mut *theirs)] {
            if let (Some(live), None) = (side.live(), &session) {
                *session = Some(self.tables.join(which, live)?);
            }
        }
        let [a_encoding, b_encoding] = [encoding(a, b), encoding(b, a)];
        let a_advanced = |bytes| self.tables.advanced(Which::A, bytes);
        let b_advanced = |bytes| self.tables.advanced(Which::B, bytes);
        let names: Vec<&str> = pair.shape.columns.iter().map(|column| column.name.as_str()).collect();
        let mut a_rows = source(a, &pair.a, &names, &a_encoding, ours, &a_advanced)?;
        let mut b_rows = source(b, &pair.b, &names, &b_encoding, theirs, &b_advanced)?;
        let stream = Stream {
            shape: &pair.shape,
            a_decode: decode(&a_encoding),
            b_decode: decode(&b_encoding),
            rows: pair.a.iter().map(|part| part.table.fingerprint.rows.max(part.bytes / 64)).sum(),
            a_known: Known::of(pair, a, b).a.map(|totals| totals.copied),
            budget: BUDGET / jobs.clamp(1, 16),
            sink: if self.waiting.is_some() && pair.shape.key.is_empty() { &Nobody } else { self.sink },
        };
        let sums = stream.compare(a_rows.as_mut(), b_rows.as_mut())?;
        Ok((sums.counts, sums.a, sums.b))
    }

    /// The sum of one side with the columns that a snapshot does not hold.
    fn generated(
        &self,
        which: Which,
        pair: &Pair<'_>,
        known: &Known,
        session: &mut Option<Session>,
    ) -> Result<Option<Fingerprint>> {
        let (ready, parts) = if which == Which::A { (known.a, &pair.a) } else { (known.b, &pair.b) };
        if let Some(totals) = ready {
            return Ok(totals.with_generated);
        }
        let mut totals = Totals::default();
        for part in 0..parts.len() {
            totals.merge(&self.tables.read(
                which,
                pair,
                known,
                &Piece { pair: 0, part, pages: None },
                session,
            )?);
        }
        Ok(totals.with_generated)
    }

    fn conclude(&self, pair: &'p Pair<'p>, found: Found) {
        match self.waiting {
            Some(waiting) if !found.counts.equal() => waiting.add(pair, found),
            _ => tell(self.tables, pair, &found, None),
        }
    }
}

/// Tells of a table whose rows were told already; `in_flight` of them did not differ any longer at a second look.
pub(super) fn tell(tables: &Tables<'_>, pair: &Pair<'_>, found: &Found, in_flight: Option<u64>) {
    let Found { counts, alike } = found;
    let Counts { a_rows, b_rows, a_bytes, b_bytes, read_bytes, missing, extra, changed } = *counts;
    let teller = tables.teller;
    if !counts.equal() {
        let there = format!("{b_rows} rows: {missing} missing, {extra} extra, {changed} changed");
        teller.differs(&pair.describe(), "rows", &format!("{a_rows} rows"), &there);
    }
    let equal = counts.equal() && *alike;
    let mut tally = teller.tally();
    tally.a_bytes += a_bytes;
    tally.b_bytes += b_bytes;
    drop(tally);
    teller.table(&Table {
        key: key(pair),
        a_rows: Some(a_rows),
        b_rows: Some(b_rows),
        missing: Some(missing),
        extra: Some(extra),
        changed: Some(changed),
        in_flight,
        read_bytes,
        ..record(pair, if equal { Verdict::Equal } else { Verdict::Differs })
    });
}

fn source<'a>(
    side: &'a Side,
    parts: &[&'a Holding],
    names: &[&str],
    encoding: &str,
    session: &'a mut Option<Session>,
    advanced: &'a Advanced<'a>,
) -> Result<Box<dyn Source + 'a>> {
    Ok(match side {
        Side::Stored(stored) => Box::new(StoredRows::new(stored, parts, names, advanced)?),
        Side::Live(live) => {
            let statements = parts.iter().map(|part| statement(part, names, None, encoding)).collect();
            Box::new(LiveRows { live, session, statements, advanced })
        }
    })
}

/// How the encoding's bytes become text; of one that nobody knows here, as if they were UTF-8.
fn decode(encoding: &str) -> Decode {
    Decode::of(encoding).unwrap_or(Decode::Charset(Charset::Utf8))
}

fn key(pair: &Pair<'_>) -> Option<String> {
    let names = pair.shape.key.iter().filter_map(|&place| pair.shape.columns.get(place));
    let names: Vec<_> = names.map(|column| column.name.clone()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
