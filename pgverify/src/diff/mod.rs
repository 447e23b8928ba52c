//! Which rows of one table differ between two sides: what an engine is given, and what it tells.
//!
//! Two engines find them: `stream` reads both sides whole, `ranges` asks two servers for digests of key ranges. Both
//! must find the same. Values are text as COPY and the server's output functions spell it, under the pinned settings;
//! two values are equal when their texts are, byte for byte, and NULL equals nothing but NULL.

pub(crate) mod ranges;
pub(crate) mod recheck;
pub(crate) mod stream;

use common::error::Result;
use common::name::QualifiedName;
use std::ops::ControlFlow;

/// A column that both sides have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Its type on side A, as `format_type` spells it.
    pub(crate) a_type: String,
    /// Its type on side B.
    pub(crate) b_type: String,
}

/// A table that is to be compared: what both sides have of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Its name on both sides.
    pub(crate) table: QualifiedName,
    /// The columns of both sides, in the order of side A. Rows are compared by these.
    pub(crate) columns: Vec<Column>,
    /// The places in `columns` of the key: unique and not NULL on both sides. Empty when there is none; then rows are
    /// compared as a multiset.
    pub(crate) key: Vec<usize>,
}

/// The values of a row, one for each of [`Shape::columns`]; `None` is NULL. Bytes that are no UTF-8 are spelled as
/// `common::pg::text` does it.
pub(crate) type Fields = Vec<Option<String>>;

/// How a row differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is on side A alone.
    Missing,
    /// It is on side B alone.
    Extra,
    /// Its key is on both sides with other values.
    Changed,
}

/// A row that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowDifference {
    /// How.
    pub(crate) kind: Kind,
    /// The row on side A; none when it is extra.
    pub(crate) a: Option<Fields>,
    /// The row on side B; none when it is missing.
    pub(crate) b: Option<Fields>,
    /// How many such rows side A has. More than one only without a key, or when a key is not as unique as it should be.
    pub(crate) a_copies: u64,
    /// How many such rows side B has. A row of a table without a key may be missing although B has some.
    pub(crate) b_copies: u64,
}

impl RowDifference {
    /// A row of side A that B lacks.
    pub(crate) fn missing(row: Fields) -> Self {
        Self { kind: Kind::Missing, a: Some(row), b: None, a_copies: 1, b_copies: 0 }
    }

    /// A row of side B that A lacks.
    pub(crate) fn extra(row: Fields) -> Self {
        Self { kind: Kind::Extra, a: None, b: Some(row), a_copies: 0, b_copies: 1 }
    }

    /// Two rows of one key.
    pub(crate) fn changed(a: Fields, b: Fields) -> Self {
        Self { kind: Kind::Changed, a: Some(a), b: Some(b), a_copies: 1, b_copies: 1 }
    }

    /// How many rows it stands for: copies beyond those that the other side has.
    pub(crate) fn rows(&self) -> u64 {
        match self.kind {
            Kind::Changed => 1,
            Kind::Missing | Kind::Extra => self.a_copies.abs_diff(self.b_copies),
        }
    }

    /// The places of the columns whose values differ; empty unless it is changed.
    pub(crate) fn columns(&self) -> Vec<usize> {
        match (&self.a, &self.b) {
            (Some(a), Some(b)) => {
                (0..a.len().max(b.len())).filter(|&place| a.get(place) != b.get(place)).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Hears of each row that differs, from any thread and in any order.
pub(crate) trait Sink: Sync {
    /// `row` of `shape` differs. `Break` ends the comparison early, and successfully.
    fn differs(&self, shape: &Shape, row: RowDifference) -> Result<ControlFlow<()>>;
}

/// What was compared, and how much of it differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Rows on side A.
    pub(crate) a_rows: u64,
    /// Rows on side B.
    pub(crate) b_rows: u64,
    /// Bytes of the rows of side A; where its server hashed them, of their values.
    pub(crate) a_bytes: u64,
    /// Bytes of the rows of side B.
    pub(crate) b_bytes: u64,
    /// Bytes that came from both sides.
    pub(crate) read_bytes: u64,
    /// Rows on side A alone.
    pub(crate) missing: u64,
    /// Rows on side B alone.
    pub(crate) extra: u64,
    /// Rows on both sides that differ.
    pub(crate) changed: u64,
}

impl Counts {
    /// Counts a row that differs.
    pub(crate) fn count(&mut self, row: &RowDifference) {
        match row.kind {
            Kind::Missing => self.missing += row.rows(),
            Kind::Extra => self.extra += row.rows(),
            Kind::Changed => self.changed += row.rows(),
        }
    }

    /// Whether nothing differs.
    pub(crate) fn equal(&self) -> bool {
        self.missing + self.extra + self.changed == 0
    }
}

/// Opens a session on a live side that sees the one moment of that side, pinned, read-only; any thread may.
pub(crate) use common::throttle::Open;
