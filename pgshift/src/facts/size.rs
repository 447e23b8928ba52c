//! How large a table is, as far as it is known.

use std::ops::Add;

/// Rows and bytes; each may be unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) rows: Option<u64>,
    pub(crate) bytes: Option<u64>,
}

impl Size {
    /// Nobody knows.
    pub(crate) const UNKNOWN: Self = Self { rows: None, bytes: None };

    /// Nothing is in it.
    pub(crate) const EMPTY: Self = Self { rows: Some(0), bytes: Some(0) };

    /// Whether anything is known.
    pub(crate) fn is_known(self) -> bool {
        self.rows.is_some() || self.bytes.is_some()
    }

    /// Whether it is known to be no larger than `limit`.
    pub(crate) fn is_within(self, limit: Self) -> bool {
        let within = |mine: Option<u64>, limit: Option<u64>| match (mine, limit) {
            (Some(mine), Some(limit)) => mine <= limit,
            _ => true,
        };
        self.is_known() && within(self.rows, limit.rows) && within(self.bytes, limit.bytes)
    }

    /// So many times as much.
    pub(crate) fn times(self, factor: u64) -> Self {
        let times = |mine: u64| mine.saturating_mul(factor);
        Self { rows: self.rows.map(times), bytes: self.bytes.map(times) }
    }
}

impl Add for Size {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let sum = |a: Option<u64>, b: Option<u64>| Some(a?.saturating_add(b?));
        Self { rows: sum(self.rows, other.rows), bytes: sum(self.bytes, other.bytes) }
    }
}
