//! Compares two streams of rows that can be read again: for snapshots, small tables and tables without a key.
//!
//! The first pass adds up each side, whole and in buckets by the hash of the key (of the row, when there is no key). If
//! the sums are equal, that is all. Otherwise the second pass keeps the rows of differing buckets only, and matches them.
//!
//! Soundness: equal rows have equal keys and so lie in one bucket on both sides; a row that one side has more often
//! makes its bucket's sum of 128-bit hashes differ. Rows are told apart by their bytes' hash of 128 bits, never by an
//! equality of the server's, so collations don't matter.

mod buckets;
mod matcher;
mod spill;

use super::{Counts, Shape, Sink};
use buckets::Buckets;
use common::error::{Error, Result};
use common::format::copy_text::{self, Charset};
use common::format::fingerprint::{Fingerprint, RowHash};
use common::pg::text;
use matcher::{Matcher, Side};
use std::sync::{Mutex, PoisonError};

/// Rows that can be read as often as needed; each reading gives the same.
pub(crate) trait Rows: Send {
    /// Hands out each row: a line of COPY text without its newline, its fields those of [`Shape::columns`].
    fn each(&mut self, row: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>;
}

/// How the bytes of a side become text.
#[derive(Clone, Copy)]
pub(crate) enum Decode {
    /// UTF-8, or bytes that nobody knows the meaning of: without loss.
    Plain,
    /// Another encoding.
    Charset(Charset),
}

impl Decode {
    /// The way of an encoding.
    pub(crate) fn of(encoding: &str) -> Result<Self> {
        match encoding {
            "UTF8" | "SQL_ASCII" => Ok(Self::Plain),
            other => Charset::of(other).map(Self::Charset),
        }
    }

    fn row(self, line: &[u8], columns: usize) -> super::Fields {
        if columns == 0 {
            return Vec::new();
        }
        let text = |bytes: Vec<u8>| match self {
            Self::Plain => text::decode(&bytes),
            Self::Charset(charset) => charset.text(&bytes).into_owned(),
        };
        copy_text::fields(line).map(|field| field.map(text)).collect()
    }
}

/// A comparison of two streams.
pub(crate) struct Stream<'a> {
    /// The table.
    pub(crate) shape: &'a Shape,
    /// How side A's bytes become text.
    pub(crate) a_decode: Decode,
    /// How side B's bytes become text.
    pub(crate) b_decode: Decode,
    /// About how many rows there are; the buckets are chosen by it.
    pub(crate) rows: u64,
    /// What side A adds up to, when that is known without reading it.
    pub(crate) a_known: Option<Fingerprint>,
    /// Bytes of rows that are held at a time.
    pub(crate) budget: usize,
    /// Whom to tell.
    pub(crate) sink: &'a dyn Sink,
}

/// What both sides add up to, and how they differ.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    /// Side A.
    pub(crate) a: Fingerprint,
    /// Side B.
    pub(crate) b: Fingerprint,
    /// How they differ.
    pub(crate) counts: Counts,
}

/// The code of the error that ends a reading when the sink has heard enough.
const ENOUGH: &str = "enough";

impl Stream<'_> {
    /// Reads both sides and tells each row that differs.
    pub(crate) fn compare(&self, a: &mut dyn Rows, b: &mut dyn Rows) -> Result<Sums> {
        let add = |rows: &mut dyn Rows| self.add_up(rows);
        let (a_sums, b_sums) = match self.a_known {
            Some(known) => {
                let b_sums = add(b)?;
                if b_sums.whole == known {
                    return Ok(sums(known, b_sums.whole, Counts::default()));
                }
                (add(a)?, b_sums)
            }
            None => both(|| add(a), || add(b))?,
        };
        let (a_whole, b_whole) = (a_sums.whole, b_sums.whole);
        if let Some(known) = self.a_known.filter(|known| *known != a_whole) {
            let what =
                format!("the blocks of table {} do not add up to what the manifest says", self.shape.table);
            let said = format!("{} rows expected, {} read", known.rows, a_whole.rows);
            return Err(Error::failed("damaged", what).cause(said));
        }
        if a_whole == b_whole {
            return Ok(sums(a_whole, b_whole, Counts::default()));
        }
        let differing = a_sums.differing(&b_sums);
        drop((a_sums, b_sums));
        let counts = self.match_up(a, b, &differing)?;
        Ok(sums(a_whole, b_whole, counts))
    }

    fn add_up(&self, rows: &mut dyn Rows) -> Result<Buckets> {
        let mut buckets = Buckets::for_rows(self.rows);
        let mut key = Vec::new();
        rows.each(&mut |line| {
            let hash = RowHash::of(line);
            buckets.add(self.place(line, hash, &mut key), hash, line.len() + 1);
            Ok(())
        })?;
        Ok(buckets)
    }

    /// What decides about the bucket of a row.
    fn place(&self, line: &[u8], hash: RowHash, key: &mut Vec<u8>) -> u64 {
        if self.shape.key.is_empty() {
            return hash.low();
        }
        key_of(line, &self.shape.key, key);
        RowHash::of(key).low()
    }

    fn match_up(&self, a: &mut dyn Rows, b: &mut dyn Rows, differing: &buckets::Chosen) -> Result<Counts> {
        let matcher = Mutex::new(Matcher::new(&self.shape.key, self.budget));
        let gather = |rows: &mut dyn Rows, side: Side| {
            let mut key = Vec::new();
            rows.each(&mut |line| {
                let hash = RowHash::of(line);
                let place = self.place(line, hash, &mut key);
                if differing.has(place) {
                    let mut matcher = matcher.lock().unwrap_or_else(PoisonError::into_inner);
                    return matcher.add(side, place, hash, line);
                }
                Ok(())
            })
        };
        both(|| gather(a, Side::A), || gather(b, Side::B))?;
        let matcher = matcher.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut counts = Counts::default();
        let told = matcher.finish(&mut |found| {
            let columns = self.shape.columns.len();
            let row = super::RowDifference {
                kind: found.kind,
                a: found.a.map(|line| self.a_decode.row(line, columns)),
                b: found.b.map(|line| self.b_decode.row(line, columns)),
                a_copies: found.a_copies,
                b_copies: found.b_copies,
            };
            counts.count(&row);
            match self.sink.differs(self.shape, row)? {
                std::ops::ControlFlow::Continue(()) => Ok(()),
                std::ops::ControlFlow::Break(()) => Err(Error::failed(ENOUGH, "enough was told")),
            }
        });
        match told {
            Err(error) if error.code() != ENOUGH => Err(error),
            _ => Ok(counts),
        }
    }
}

fn sums(a: Fingerprint, b: Fingerprint, counts: Counts) -> Sums {
    let (a_bytes, b_bytes) = (a.bytes, b.bytes);
    let counts =
        Counts { a_rows: a.rows, b_rows: b.rows, a_bytes, b_bytes, read_bytes: a.bytes + b.bytes, ..counts };
    Sums { a, b, counts }
}

/// Both at the same time. The first error is told; of two, the one that is not about being stopped.
fn both<T: Send>(a: impl FnOnce() -> Result<T> + Send, b: impl FnOnce() -> Result<T>) -> Result<(T, T)> {
    std::thread::scope(|scope| {
        let first = scope.spawn(a);
        let second = b();
        let first = first.join().unwrap_or_else(|_| Err(common::pg::wire::stopped()));
        match (first, second) {
            (Ok(first), Ok(second)) => Ok((first, second)),
            (Err(error), Err(other)) if error.code() == "interrupted" => Err(other),
            (Err(error), _) | (_, Err(error)) => Err(error),
        }
    })
}

/// The fields of `line` at `places`, as they are, into `key`.
fn key_of(line: &[u8], places: &[usize], key: &mut Vec<u8>) {
    key.clear();
    for (number, &place) in places.iter().enumerate() {
        if number > 0 {
            key.push(b'\t');
        }
        key.extend_from_slice(line.split(|&byte| byte == b'\t').nth(place).unwrap_or_default());
    }
}
