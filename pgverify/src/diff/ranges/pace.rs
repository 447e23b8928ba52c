//! How many rows are asked for at a time, and in which way; learned as the table goes by.
//!
//! A sum over a range costs the servers least and the wire next to nothing, but tells only whether it differs. Sums by
//! bucket cost a third more and tell where. The rows themselves cost the servers least of all and the wire most: that is
//! the way when most of them would have to come anyway.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The way that a range is compared at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// One sum for all.
    Digest,
    /// A sum for each bucket.
    Buckets,
    /// The rows themselves.
    Rows,
}

/// What bounds it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Rows of the first range: nothing is known of their size yet.
    pub(super) first: u64,
    /// Rows of a range at most.
    pub(super) most: u64,
    /// What one statement should take.
    pub(super) aim: Duration,
    /// Bytes of a range's rows at most, as far as can be foreseen.
    pub(super) bytes: u64,
    /// Bytes of rows that are kept at a time of one side, by each worker.
    pub(super) keep: usize,
    /// Bytes of a bucket's rows.
    pub(super) bucket: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first: 512,
            most: 1 << 16,
            aim: Duration::from_millis(150),
            bytes: 16 << 20,
            keep: 32 << 20,
            bucket: 5 << 10,
        }
    }
}

/// What is known by now.
pub(super) struct Pace {
    limits: Limits,
    known: Mutex<Known>,
}

struct Known {
    rows: u64,
    row_bytes: f64,
    /// The share of ranges that differ.
    ranges: f64,
    /// The share of buckets that differ, in ranges that do.
    buckets: f64,
}

/// How much the newest range counts.
const NEWEST: f64 = 0.25;
/// Ranges by which buckets are asked for at once.
const OFTEN: f64 = 0.3;
/// Buckets by which the rows are.
const MOST: f64 = 0.5;

impl Pace {
    pub(super) fn new(limits: Limits) -> Self {
        let known = Known { rows: limits.first, row_bytes: 0.0, ranges: 0.0, buckets: 0.0 };
        Self { limits, known: Mutex::new(known) }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rows of the next range.
    pub(super) fn rows(&self) -> u64 {
        self.known().rows
    }

    /// How the next range is compared.
    pub(super) fn way(&self) -> Way {
        let known = self.known();
        match (known.ranges > OFTEN, known.buckets > MOST) {
            (false, _) => Way::Digest,
            (true, false) => Way::Buckets,
            (true, true) => Way::Rows,
        }
    }

    /// A power of two: the buckets for `rows` rows.
    pub(super) fn buckets(&self, rows: u64) -> u64 {
        rows.div_ceil(self.bucket_rows()).max(2).next_power_of_two()
    }

    fn bucket_rows(&self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a row has at least one byte and at most some thousand millions"
        )]
        let width = self.known().row_bytes.max(1.0) as u64;
        (self.limits.bucket / width).clamp(1, 64)
    }

    /// A range was read so: what the next one should be like.
    pub(super) fn took(&self, rows: u64, bytes: u64, time: Duration) {
        if rows == 0 {
            return;
        }
        let mut known = self.known();
        let width = as_float(bytes) / as_float(rows);
        known.row_bytes =
            if known.row_bytes == 0.0 { width } else { known.row_bytes + NEWEST * (width - known.row_bytes) };
        let factor = (self.limits.aim.as_secs_f64() / time.as_secs_f64().max(1e-6)).clamp(0.5, 4.0);
        let by_time = as_float(rows) * factor;
        let by_bytes = as_float(self.limits.bytes) / known.row_bytes.max(width).max(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is between 1 and `most`"
        )]
        let next = by_time.min(by_bytes).clamp(1.0, as_float(self.limits.most)) as u64;
        // A short range, such as the last one, says nothing of how long ranges should be.
        if rows * 2 >= known.rows || next < known.rows {
            known.rows = next;
        }
    }

    /// Whether a range differed.
    pub(super) fn range(&self, differs: bool) {
        let mut known = self.known();
        known.ranges += NEWEST * (f64::from(u8::from(differs)) - known.ranges);
    }

    /// So many buckets of a range that has so many differed.
    pub(super) fn bucketed(&self, differing: usize, of: usize) {
        let mut known = self.known();
        known.buckets += NEWEST * (as_float(differing as u64) / as_float(of.max(1) as u64) - known.buckets);
    }

    /// So many of so many rows differed: what that would have been in buckets.
    pub(super) fn read(&self, differing: u64, of: u64) {
        let share = (as_float(differing) / as_float(of.max(1))).clamp(0.0, 1.0);
        let buckets = 1.0 - (1.0 - share).powf(as_float(self.bucket_rows()));
        self.range(differing > 0);
        let mut known = self.known();
        known.buckets += NEWEST * (buckets - known.buckets);
    }
}

#[expect(clippy::cast_precision_loss, reason = "estimates need no more than 52 bits")]
fn as_float(number: u64) -> f64 {
    number as f64
}
