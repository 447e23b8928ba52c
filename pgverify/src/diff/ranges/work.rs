//! What a worker does: walks for a boundary, or compares a range.

use super::lines::{Lines, differences};
use super::pace::{Pace, Way};
use super::statements::{Key, Range, Statements};
use super::{Live, Ranges};
use crate::diff::{Counts, RowDifference};
use common::error::{Error, Result};
use common::pg::session::{Row, Session};
use common::workers::Outcome;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Whose index is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    A,
    B,
}

/// A piece of the work.
#[derive(Debug)]
pub(super) enum Job {
    /// Find the next boundary in `range`, which ends with it or goes on. `begun`: there were boundaries in it before.
    Walk { side: Side, range: Range, begun: bool, rows: Option<u64> },
    /// Compare `range`. `whole`: it cannot be divided any more.
    Range { range: Range, whole: bool },
}

/// A worker's two sessions.
pub(super) struct Worker {
    pub(super) a: Session,
    pub(super) b: Session,
}

/// What the workers share.
pub(super) struct Work<'a> {
    pub(super) table: &'a Ranges<'a>,
    pub(super) order: Vec<usize>,
    pub(super) sides: [Statements; 2],
    pub(super) pace: Pace,
    pub(super) hashes_alike: bool,
    pub(super) counts: Mutex<Counts>,
    pub(super) enough: AtomicBool,
}

/// What a server says of rows without sending them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Digest {
    rows: u64,
    sums: [String; 2],
    bytes: u64,
}

impl Digest {
    /// From the four fields of `row` that begin at `from`.
    fn of(row: &Row, from: usize) -> Result<Self> {
        let rows = row.number(from)?;
        let bytes = if rows == 0 { 0 } else { row.number(from + 3)? };
        Ok(Self { rows, sums: [row.text(from + 1).to_owned(), row.text(from + 2).to_owned()], bytes })
    }

    /// Whether the rows are the same; their bytes follow from that.
    fn equals(&self, other: &Self) -> bool {
        self.rows == other.rows && self.sums == other.sums
    }
}

/// What a server says of each bucket.
type Buckets = BTreeMap<u64, Digest>;

impl Work<'_> {
    /// Does `job`.
    pub(super) fn run(&self, worker: &mut Worker, job: Job) -> Result<Outcome<Job>> {
        if self.enough.load(Ordering::Relaxed) {
            return Ok(Outcome::Done);
        }
        self.table.a.throttle.spent(0)?;
        self.table.b.throttle.spent(0)?;
        match job {
            Job::Walk { side, range, begun, rows } => self.walk(worker, side, range, begun, rows),
            Job::Range { range, whole } => self.range(worker, range, whole),
        }
    }

    /// Cuts the next rows off `range`. What is behind A's last boundary is cut along B's index: there may be more.
    fn walk(
        &self,
        worker: &mut Worker,
        side: Side,
        range: Range,
        begun: bool,
        rows: Option<u64>,
    ) -> Result<Outcome<Job>> {
        let (session, statements) = match side {
            Side::A => (&mut worker.a, &self.sides[0]),
            Side::B => (&mut worker.b, &self.sides[1]),
        };
        let found = session.query(&statements.walk(&range, rows.unwrap_or_else(|| self.pace.rows())))?;
        self.add(|counts| counts.read_bytes += bytes_of(&found));
        let keys = self.table.shape.key.len();
        let boundary: Option<Key> = match found.as_slice() {
            [row] => Some((0..keys).map(|place| row.text(place).to_owned()).collect()),
            _ => None,
        };
        Ok(match boundary {
            Some(key) if range.until.as_ref() != Some(&key) => {
                let cut = Range { after: range.after, until: Some(key.clone()) };
                let rest = Range { after: Some(key), until: range.until };
                Outcome::Then(vec![
                    Job::Range { range: cut, whole: false },
                    Job::Walk { side, range: rest, begun: true, rows },
                ])
            }
            _ if side == Side::A && range.until.is_none() => {
                Outcome::Then(vec![Job::Walk { side: Side::B, range, begun: true, rows }])
            }
            _ => Outcome::Then(vec![Job::Range { range, whole: !begun }]),
        })
    }

    fn range(&self, worker: &mut Worker, range: Range, whole: bool) -> Result<Outcome<Job>> {
        match self.pace.way() {
            Way::Digest if self.hashes_alike => self.by_digest(worker, range, whole),
            Way::Buckets if self.hashes_alike => self.by_buckets(worker, range, whole, self.pace.rows()),
            _ => self.by_rows(worker, range, whole, None),
        }
    }

    fn by_digest(&self, worker: &mut Worker, range: Range, whole: bool) -> Result<Outcome<Job>> {
        let ask = |session: &mut Session, statements: &Statements| {
            let rows = session.query(&statements.digest(&range))?;
            let row = rows.first().ok_or_else(|| Error::failed("protocol", "a sum gave no row"))?;
            Ok((Digest::of(row, 0)?, bytes_of(&rows)))
        };
        let begun = Instant::now();
        let ((a, a_read), (b, b_read)) = self.both(worker, ask)?;
        self.pace.took(a.rows.max(b.rows), a.bytes.max(b.bytes), begun.elapsed());
        self.pace.range(!a.equals(&b));
        self.covered(a.bytes, b.bytes)?;
        self.add(|counts| counts.read_bytes += a_read + b_read);
        if a.equals(&b) {
            self.compared((a.rows, a.bytes), (b.rows, b.bytes));
            return Ok(Outcome::Done);
        }
        let (side, more) = if a.rows > b.rows { (Side::A, a.rows) } else { (Side::B, b.rows) };
        if !whole && more > 4 * self.pace.rows() {
            return Ok(Outcome::Then(vec![Job::Walk { side, range, begun: false, rows: None }]));
        }
        if a.bytes + b.bytes <= 4 * self.pace.limits().bucket {
            return self.by_rows(worker, range, whole, None);
        }
        self.by_buckets(worker, range, whole, a.rows.max(b.rows))
    }

    fn by_buckets(&self, worker: &mut Worker, range: Range, whole: bool, rows: u64) -> Result<Outcome<Job>> {
        let count = self.pace.buckets(rows);
        let ask = |session: &mut Session, statements: &Statements| {
            let rows = session.query(&statements.buckets(&range, count))?;
            let buckets = rows
                .iter()
                .map(|row| Ok((row.number(0)?, Digest::of(row, 1)?)))
                .collect::<Result<Buckets>>()?;
            Ok((buckets, bytes_of(&rows)))
        };
        let begun = Instant::now();
        let ((a, a_read), (b, b_read)) = self.both(worker, ask)?;
        let (a_sum, b_sum) = (sum(&a), sum(&b));
        self.pace.took(a_sum.rows.max(b_sum.rows), a_sum.bytes.max(b_sum.bytes), begun.elapsed());
        self.covered(a_sum.bytes, b_sum.bytes)?;
        self.add(|counts| counts.read_bytes += a_read + b_read);
        let differing: Vec<u64> = a
            .keys()
            .chain(b.keys().filter(|number| !a.contains_key(number)))
            .copied()
            .filter(|number| !equal(a.get(number), b.get(number)))
            .collect();
        self.pace.range(!differing.is_empty());
        if differing.is_empty() {
            self.compared((a_sum.rows, a_sum.bytes), (b_sum.rows, b_sum.bytes));
            return Ok(Outcome::Done);
        }
        self.pace.bucketed(differing.len(), a.len().max(b.len()));
        if differing.len() * 2 > a.len().max(b.len()) {
            return self.by_rows(worker, range, whole, None);
        }
        let seen = [(a_sum.rows, a_sum.bytes), (b_sum.rows, b_sum.bytes)];
        self.by_rows(worker, range, whole, Some(&Chosen { count, buckets: &differing, seen }))
    }

    fn by_rows(
        &self,
        worker: &mut Worker,
        range: Range,
        whole: bool,
        chosen: Option<&Chosen<'_>>,
    ) -> Result<Outcome<Job>> {
        let keep = if whole { usize::MAX } else { self.pace.limits().keep };
        let keys = self.table.shape.key.len();
        let filter = chosen.map(|chosen| (chosen.count, chosen.buckets));
        let ask = |session: &mut Session, statements: &Statements| {
            Lines::read(session, &statements.copy(&range, filter), keys, keep, self.table.stop)
        };
        let begun = Instant::now();
        let (a, b) = self.both(worker, ask)?;
        self.add(|counts| counts.read_bytes += a.read + b.read);
        self.table.a.throttle.spent(a.read)?;
        self.table.b.throttle.spent(b.read)?;
        if a.overflow || b.overflow {
            let (side, rows) = if a.rows > b.rows { (Side::A, a.rows) } else { (Side::B, b.rows) };
            let rows = Some((rows / 8).max(1));
            return Ok(Outcome::Then(vec![Job::Walk { side, range, begun: false, rows }]));
        }
        let mut differing = 0;
        differences(self.table.shape, &self.order, (&a, &b), |row| {
            differing += 1;
            self.tell(row)
        })?;
        if let Some(Chosen { seen: [a, b], .. }) = chosen {
            self.compared(*a, *b);
        } else {
            self.pace.took(a.rows.max(b.rows), a.read.max(b.read), begun.elapsed());
            self.pace.read(differing, a.rows.max(b.rows));
            self.compared((a.rows, a.read), (b.rows, b.read));
            (self.table.advanced)(a.read + b.read);
        }
        Ok(Outcome::Done)
    }

    /// Asks both servers at the same time.
    fn both<T: Send>(
        &self,
        worker: &mut Worker,
        ask: impl Fn(&mut Session, &Statements) -> Result<T> + Sync,
    ) -> Result<(T, T)> {
        let [a, b] = &self.sides;
        std::thread::scope(|scope| {
            let there = scope.spawn(|| ask(&mut worker.b, b).map_err(|error| error.context("on side B")));
            let here = ask(&mut worker.a, a).map_err(|error| error.context("on side A"));
            let there = there.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok((here?, there?))
        })
    }

    fn tell(&self, row: RowDifference) -> Result<bool> {
        self.add(|counts| counts.count(&row));
        let flow = self.table.sink.differs(self.table.shape, row)?;
        let go_on = flow == ControlFlow::Continue(());
        if !go_on {
            self.enough.store(true, Ordering::Relaxed);
        }
        Ok(go_on)
    }

    /// The servers have looked at so many bytes of rows.
    fn covered(&self, a: u64, b: u64) -> Result<()> {
        (self.table.advanced)(a + b);
        let Live { throttle, .. } = self.table.a;
        throttle.spent(a)?;
        self.table.b.throttle.spent(b)
    }

    /// These rows, of so many bytes, are compared.
    fn compared(&self, a: (u64, u64), b: (u64, u64)) {
        self.add(|counts| {
            counts.a_rows += a.0;
            counts.a_bytes += a.1;
            counts.b_rows += b.0;
            counts.b_bytes += b.1;
        });
    }

    fn add(&self, count: impl FnOnce(&mut Counts)) {
        count(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Some of so many buckets, and the rows and bytes that all of them have on each side.
struct Chosen<'a> {
    count: u64,
    buckets: &'a [u64],
    seen: [(u64, u64); 2],
}

fn equal(a: Option<&Digest>, b: Option<&Digest>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a.equals(b))
}

fn sum(buckets: &Buckets) -> Digest {
    let mut sum = Digest::default();
    for bucket in buckets.values() {
        sum.rows += bucket.rows;
        sum.bytes += bucket.bytes;
    }
    sum
}

/// What the values of an answer weigh on the wire.
fn bytes_of(rows: &[Row]) -> u64 {
    rows.iter().map(Row::bytes).sum()
}
