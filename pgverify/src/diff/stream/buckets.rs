//! What the rows of one side add up to, whole and in buckets.

use common::format::fingerprint::{Fingerprint, RowHash};

/// The most buckets: with 128 bits, a count and bytes they take 2 MiB a side.
const MOST: u64 = 1 << 16;
/// Rows that share a bucket, when there are no more than [`MOST`] times as many.
const ROWS: u64 = 16;

/// The sums of one side.
pub(super) struct Buckets {
    /// All rows.
    pub(super) whole: Fingerprint,
    sums: Vec<Fingerprint>,
    mask: u64,
}

/// Some of the buckets.
pub(super) struct Chosen {
    bits: Vec<bool>,
    mask: u64,
}

impl Buckets {
    /// As many as suit `rows` rows; the same number for the same rows, so both sides have the same.
    pub(super) fn for_rows(rows: u64) -> Self {
        let count = (rows / ROWS).clamp(1, MOST).next_power_of_two().min(MOST);
        let sums = vec![Fingerprint::default(); usize::try_from(count).unwrap_or(1)];
        Self { whole: Fingerprint::default(), sums, mask: count - 1 }
    }

    pub(super) fn add(&mut self, place: u64, hash: RowHash, bytes: usize) {
        self.whole.add(hash, bytes);
        let index = usize::try_from(place & self.mask).unwrap_or_default();
        if let Some(sum) = self.sums.get_mut(index) {
            sum.add(hash, bytes);
        }
    }

    /// The buckets that differ.
    pub(super) fn differing(&self, other: &Self) -> Chosen {
        let bits = self.sums.iter().zip(&other.sums).map(|(own, others)| own != others).collect();
        Chosen { bits, mask: self.mask }
    }
}

impl Chosen {
    pub(super) fn has(&self, place: u64) -> bool {
        let index = usize::try_from(place & self.mask).unwrap_or_default();
        self.bits.get(index).copied().unwrap_or_default()
    }
}
