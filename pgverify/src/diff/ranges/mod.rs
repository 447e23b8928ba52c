//! Finds the differing rows of a keyed table of two live databases by asking both servers for digests of key ranges.
//!
//! Side A's key index is walked for boundaries. Each range is then compared by what both servers say of it: rows and two
//! sums of 64-bit hashes of the rows' images. Where that differs, the same is asked by buckets of the key's hash, and of
//! the buckets that differ the rows themselves come and are matched by key. So a range that is equal costs a hundred
//! bytes, and a row that differs about a bucket's rows. Not for tables without a key, nor for snapshots: those are
//! `stream`'s, and so are small tables and keys that two servers may sort differently ([`Ranges::compare`] gives `None`).
//!
//! What must hold, so that nothing differs unseen:
//! - Ranges tile each side. They are `(k0, k1], (k1, k2], …` from the first row to the last, and keys are not NULL: under
//!   any total order a key is in at least one of them, and since the `k` ascend on both sides, in exactly one. That they
//!   ascend on side B as well is why the key's order must rest on the type alone, or on bytes in the same encoding.
//! - A range counts as equal only if rows and both sums are. The image is `record_send` of the row: for a type whose
//!   binary form holds no OIDs of its own, the whole value, byte for byte (-0 is not 0, 1.0 not 1.00, NULL not ''); for all
//!   others, and where the types differ, what the output function says. Field lengths are part of it.
//!   Its hash is PostgreSQL's of one `bytea`, which is not linear in the columns, so that values swapped between rows do not
//!   cancel, as they would in `hash_record_extended` of the columns themselves. The sums are exact numbers, not modulo
//!   anything: rows cannot cancel but by accident. The hashes are one function with two seeds: a chance of 2^-64 is sure, one
//!   of 2^-128 is not.
//! - Other servers may hash otherwise (another architecture). A value that both are asked to hash at the start tells: then
//!   rows are compared themselves. A false "differs" costs time only, since all that is told comes from rows.
//! - Buckets: equal keys are in equal buckets, so a row's counterpart is always among the rows that come.
//! - Everything is seen through one snapshot a side. The key's index is trusted, as any query of the database does.

mod face;
pub(crate) mod keyed;
mod lines;
mod pace;
mod statements;
mod work;

#[cfg(test)]
mod tests;

use super::{Counts, Open, Shape, Sink};
use common::error::{Context as _, Result};
use common::pg::session::Session;
use common::throttle::Throttle;
use common::workers::Crew;
use face::Face;
use pace::{Limits, Pace};
use statements::{Range, Statements};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use work::{Job, Side, Work, Worker};

/// Tables of fewer bytes are read faster than asked about.
const SMALL: u64 = 8 << 20;

/// One side of a comparison.
#[derive(Clone, Copy)]
pub(crate) struct Live<'a> {
    /// Opens a session that sees the side's moment.
    pub(crate) open: &'a Open<'a>,
    /// What limits the load on its server.
    pub(crate) throttle: &'a Throttle<'a>,
}

/// A keyed table of two live databases.
pub(crate) struct Ranges<'a> {
    /// The table.
    pub(crate) shape: &'a Shape,
    /// What is expected.
    pub(crate) a: Live<'a>,
    /// What is looked at.
    pub(crate) b: Live<'a>,
    /// Connections to each side.
    pub(crate) jobs: usize,
    /// Whether to stop.
    pub(crate) stop: fn() -> bool,
    /// Hears of the rows that differ.
    pub(crate) sink: &'a dyn Sink,
    /// Told of bytes of rows that were compared, of both sides together.
    pub(crate) advanced: &'a (dyn Fn(u64) + Sync),
}

impl Ranges<'_> {
    /// Compares it; `None`, and nothing told, when the other engine has to.
    pub(crate) fn compare(&self) -> Result<Option<Counts>> {
        self.compare_within(Limits::default(), SMALL)
    }

    fn compare_within(&self, limits: Limits, small: u64) -> Result<Option<Counts>> {
        if self.shape.key.is_empty() {
            return Ok(None);
        }
        let table = &self.shape.table;
        let mut worker = self.worker().context(|| format!("cannot compare table {table}"))?;
        let a = Face::of(&mut worker.a, self.shape).context(|| format!("cannot read table {table} of A"))?;
        let b = Face::of(&mut worker.b, self.shape).context(|| format!("cannot read table {table} of B"))?;
        if a.bytes.max(b.bytes) < small || !self.sorted_alike(&a, &b)? {
            return Ok(None);
        }
        let sides = [Statements::new(self.shape, &a, &b)?, Statements::new(self.shape, &b, &a)?];
        for (session, statements) in [(&mut worker.a, &sides[0]), (&mut worker.b, &sides[1])] {
            if !has_index(session, statements)? {
                return Ok(None);
            }
        }
        let work = Work {
            table: self,
            order: statements::order(self.shape),
            sides,
            pace: Pace::new(limits),
            hashes_alike: a.probe == b.probe,
            counts: Mutex::default(),
            enough: AtomicBool::new(false),
        };
        let first = Mutex::new(Some(worker));
        let crew = Crew::new(self.jobs, self.stop);
        crew.work(
            vec![Job::Walk { side: Side::A, range: Range::default(), begun: false, rows: None }],
            || {
                let ready = first.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
                let worker = ready.map_or_else(|| self.worker(), Ok)?;
                for canceller in [worker.a.canceller(), worker.b.canceller()] {
                    // Whether the server heard of it does not matter: the session is dropped.
                    crew.watch(move || drop(canceller.cancel()));
                }
                Ok(worker)
            },
            |worker, job| work.run(worker, job),
        )
        .context(|| format!("cannot compare table {table}"))?;
        Ok(Some(work.counts.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)))
    }

    fn worker(&self) -> Result<Worker> {
        let open = |side: Live<'_>| {
            let mut session = (side.open)()?;
            session.execute(INDEXES)?;
            side.throttle.ours(&session);
            Ok(session)
        };
        Ok(Worker { a: open(self.a)?, b: open(self.b)? })
    }

    /// Whether both servers sort the key's values alike, for sure.
    fn sorted_alike(&self, a: &Face, b: &Face) -> Result<bool> {
        for place in &self.shape.key {
            let Some(column) = self.shape.columns.get(*place) else { return Ok(false) };
            let (here, there) = (a.column(&column.name)?, b.column(&column.name)?);
            let alike = here.type_oid == there.type_oid && here.order.is_some() && here.order == there.order;
            if !alike || (here.order.as_deref() == Some("bytes") && a.encoding != b.encoding) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A statement of a fifth of a second has no use for compilation and helpers, and a range must not read the whole table
/// because statistics are missing.
const INDEXES: &str =
    "SET enable_seqscan = off; SET enable_sort = off; SET jit = off; SET max_parallel_workers_per_gather = 0";

/// Whether the key's index leads from row to row: a unique index may be sorted otherwise than its columns are.
fn has_index(session: &mut Session, statements: &Statements) -> Result<bool> {
    let walk = statements.walk(&Range::default(), 1000);
    let rows = session.query(&format!("EXPLAIN (FORMAT JSON, COSTS OFF) {walk}"))?;
    let plan: String = rows.iter().map(|row| row.text(0)).collect();
    let plan: serde_json::Value = serde_json::from_str(&plan)
        .map_err(|error| common::error::Error::failed("protocol", format!("cannot read a plan: {error}")))?;
    Ok(!reads_all(&plan))
}

fn reads_all(plan: &serde_json::Value) -> bool {
    use serde_json::Value;
    match plan {
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            let kind = value.as_str().filter(|_| name == "Node Type");
            kind.is_some_and(|kind| kind.ends_with("Sort") || kind.ends_with("Seq Scan")) || reads_all(value)
        }),
        Value::Array(items) => items.iter().any(reads_all),
        _ => false,
    }
}
