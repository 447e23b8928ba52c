//! Rows of one side as COPY text lines, sorted by key, and what differs between those of two sides.
//!
//! The line of a row begins with its key's fields, so that equal keys are equal beginnings: bytes decide, not the
//! server's idea of equality.

use crate::diff::{Fields, RowDifference, Shape};
use common::error::Result;
use common::format::copy_text;
use common::pg::session::Session;
use common::pg::text;
use common::pg::wire::stopped;
use std::cmp::Ordering;

/// How many bytes of rows pass between two looks at whether to stop.
const LOOK: u64 = 1 << 20;

/// Rows of one side.
#[derive(Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    /// Bytes that came, those of rows that were not kept included.
    pub(super) read: u64,
    /// Rows that came.
    pub(super) rows: u64,
    /// There were more than may be kept; what is here is only their beginning.
    pub(super) overflow: bool,
}

#[derive(Clone, Copy)]
struct Entry {
    at: usize,
    key: usize,
    len: usize,
}

impl Lines {
    /// Reads what `sql` gives, whose first `keys` fields are the key, and keeps up to `limit` bytes of it.
    pub(super) fn read(
        session: &mut Session,
        sql: &str,
        keys: usize,
        limit: usize,
        stop: fn() -> bool,
    ) -> Result<Self> {
        let mut lines = Self::default();
        let mut copy = session.copy_out(sql)?;
        let mut looked = 0;
        while let Some(row) = copy.next_row()? {
            lines.rows += 1;
            lines.read += row.len() as u64;
            if lines.read - looked > LOOK {
                looked = lines.read;
                if stop() {
                    return Err(stopped());
                }
            }
            lines.overflow |= !lines.entries.is_empty() && lines.bytes.len() + row.len() > limit;
            if !lines.overflow {
                lines.push(row.strip_suffix(b"\n").unwrap_or(row), keys);
            }
        }
        lines.sort();
        Ok(lines)
    }

    fn push(&mut self, row: &[u8], keys: usize) {
        let mut tabs = row.iter().enumerate().filter(|(_, byte)| **byte == b'\t');
        let key = tabs.nth(keys - 1).map_or(row.len(), |(at, _)| at);
        self.entries.push(Entry { at: self.bytes.len(), key, len: row.len() });
        self.bytes.extend_from_slice(row);
    }

    fn sort(&mut self) {
        let bytes = &self.bytes;
        self.entries.sort_unstable_by(|x, y| {
            let order = part(bytes, x.at, x.key).cmp(part(bytes, y.at, y.key));
            order.then_with(|| part(bytes, x.at, x.len).cmp(part(bytes, y.at, y.len)))
        });
    }

    /// The rows of the key that is at `from`: its fields, and the place behind its last row.
    fn group(&self, from: usize) -> Option<(&[u8], usize)> {
        let first = self.entries.get(from)?;
        let key = part(&self.bytes, first.at, first.key);
        let same = self.entries.get(from..)?.iter().take_while(|e| part(&self.bytes, e.at, e.key) == key);
        Some((key, from + same.count()))
    }

    fn rows(&self, from: usize, to: usize) -> Vec<&[u8]> {
        let entries = self.entries.get(from..to).unwrap_or_default();
        entries.iter().map(|entry| part(&self.bytes, entry.at, entry.len)).collect()
    }
}

fn part(bytes: &[u8], at: usize, len: usize) -> &[u8] {
    bytes.get(at..at + len).unwrap_or_default()
}

/// Tells `each` what differs between the rows of the two sides. `order` says which column each field is.
pub(super) fn differences(
    shape: &Shape,
    order: &[usize],
    (a, b): (&Lines, &Lines),
    mut each: impl FnMut(RowDifference) -> Result<bool>,
) -> Result<()> {
    let mut at = (0, 0);
    loop {
        let to = match (a.group(at.0), b.group(at.1)) {
            (None, None) => return Ok(()),
            (Some((_, to)), None) => (to, at.1),
            (None, Some((_, to))) => (at.0, to),
            (Some((here, a_to)), Some((there, b_to))) => match here.cmp(there) {
                Ordering::Less => (a_to, at.1),
                Ordering::Greater => (at.0, b_to),
                Ordering::Equal => (a_to, b_to),
            },
        };
        for row in of_one_key(&a.rows(at.0, to.0), &b.rows(at.1, to.1), |line| fields(shape, order, line)) {
            if !each(row)? {
                return Ok(());
            }
        }
        at = to;
    }
}

/// What differs between the sorted rows of one key, of which a key that is one has at most one a side. Rows that both
/// sides have take each other away; of the others as many are changed as both have, and the rest is missing or extra.
fn of_one_key(a: &[&[u8]], b: &[&[u8]], fields: impl Fn(&[u8]) -> Fields) -> Vec<RowDifference> {
    let (mut ours, mut theirs) = (beyond(a, b), beyond(b, a));
    let mut told = Vec::new();
    while let (Some(x), Some(y)) = (ours.last_mut(), theirs.last_mut()) {
        told.push(RowDifference::changed(fields(x.0), fields(y.0)));
        x.1 -= 1;
        y.1 -= 1;
        ours.retain(|(_, copies)| *copies > 0);
        theirs.retain(|(_, copies)| *copies > 0);
    }
    for (line, copies) in ours {
        told.push(RowDifference { a_copies: copies, ..RowDifference::missing(fields(line)) });
    }
    for (line, copies) in theirs {
        told.push(RowDifference { b_copies: copies, ..RowDifference::extra(fields(line)) });
    }
    told
}

/// The rows that `here` has more often than `there`, and how much more often.
fn beyond<'a>(here: &[&'a [u8]], there: &[&[u8]]) -> Vec<(&'a [u8], u64)> {
    let count = |lines: &[&[u8]], line: &[u8]| lines.iter().filter(|other| **other == line).count() as u64;
    let distinct = here.chunk_by(|line, next| line == next).filter_map(|same| same.first());
    let more = distinct.map(|line| (*line, count(here, line).saturating_sub(count(there, line))));
    more.filter(|(_, copies)| *copies > 0).collect()
}

/// The fields of a COPY text line, each in its place.
fn fields(shape: &Shape, order: &[usize], line: &[u8]) -> Fields {
    let mut fields = vec![None; shape.columns.len()];
    for (value, place) in copy_text::fields(line).zip(order) {
        if let Some(field) = fields.get_mut(*place) {
            *field = value.map(|value| text::decode(&value));
        }
    }
    fields
}
