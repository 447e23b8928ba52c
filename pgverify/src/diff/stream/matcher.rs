//! Matches the rows of two sides by key, or as a multiset.
//!
//! Rows that are the same on both sides take each other away as they come, in whatever order. What stays is matched by
//! key at the end. Keys need not be as unique as they should be: of rows with one key, as many are changed as both sides
//! have, and the rest is missing or extra. Without a key, rows stay, so that it can be told how often each side has them.

use super::key_of;
use super::spill::{PARTS, Spill};
use crate::diff::Kind;
use common::error::Result;
use common::format::fingerprint::RowHash;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// What a row costs beside its bytes.
const OVERHEAD: usize = 112;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    A,
    B,
}

/// A row, and how often each side has it.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) place: u64,
    pub(super) a: u64,
    pub(super) b: u64,
    pub(super) line: Box<[u8]>,
}

/// A row and its hash.
pub(super) struct Row {
    pub(super) hash: u128,
    pub(super) held: Held,
}

/// A row that differs, as lines.
pub(super) struct Found<'a> {
    pub(super) kind: Kind,
    pub(super) a: Option<&'a [u8]>,
    pub(super) b: Option<&'a [u8]>,
    pub(super) a_copies: u64,
    pub(super) b_copies: u64,
}

/// Hears what differs.
type Tell<'a> = dyn FnMut(Found<'_>) -> Result<()> + 'a;

pub(super) struct Matcher<'a> {
    key: &'a [usize],
    budget: usize,
    bytes: usize,
    held: HashMap<u128, Held>,
    spill: Option<Spill>,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(key: &'a [usize], budget: usize) -> Self {
        Self { key, budget, bytes: 0, held: HashMap::new(), spill: None }
    }

    /// Takes a row of one side.
    pub(super) fn add(&mut self, side: Side, place: u64, hash: RowHash, line: &[u8]) -> Result<()> {
        let (a, b) = if side == Side::A { (1, 0) } else { (0, 1) };
        self.merge(hash.value(), a, b, || Held { place, a, b, line: line.into() });
        if self.bytes > self.budget {
            let mut spill = self.spill.take().map_or_else(Spill::new, Ok)?;
            spill.take(self.held.drain().map(|(hash, held)| Row { hash, held }))?;
            self.spill = Some(spill);
            self.bytes = 0;
        }
        Ok(())
    }

    fn merge(&mut self, hash: u128, a: u64, b: u64, held: impl FnOnce() -> Held) {
        match self.held.entry(hash) {
            Entry::Vacant(entry) => {
                let held = held();
                self.bytes += held.line.len() + OVERHEAD;
                entry.insert(held);
            }
            Entry::Occupied(mut entry) => {
                let held = entry.get_mut();
                held.a += a;
                held.b += b;
                if !self.key.is_empty() {
                    let common = held.a.min(held.b);
                    held.a -= common;
                    held.b -= common;
                    if held.a + held.b == 0 {
                        self.bytes -= held.line.len() + OVERHEAD;
                        entry.remove();
                    }
                }
            }
        }
    }

    /// Tells what differs.
    pub(super) fn finish(mut self, tell: &mut Tell<'_>) -> Result<()> {
        let Some(mut spill) = self.spill.take() else { return self.tell(tell) };
        spill.take(self.held.drain().map(|(hash, held)| Row { hash, held }))?;
        for part in 0..usize::try_from(PARTS).unwrap_or_default() {
            // A part that is too large is read several times, some of its keys each time.
            let rounds = (spill.bytes(part) / (self.budget as u64).max(1)) + 1;
            for round in 0..rounds {
                let mut matcher = Matcher::new(self.key, usize::MAX);
                spill.each(part, |Row { hash, held }| {
                    if (held.place >> 40) % rounds == round {
                        matcher.merge(hash, held.a, held.b, || held.clone());
                    }
                })?;
                matcher.tell(tell)?;
            }
        }
        Ok(())
    }

    fn tell(self, tell: &mut Tell<'_>) -> Result<()> {
        let mut rows: Vec<(Vec<u8>, Held)> = Vec::with_capacity(self.held.len());
        for (_, held) in self.held {
            if held.a != held.b {
                let mut key = Vec::new();
                key_of(&held.line, self.key, &mut key);
                rows.push((key, held));
            }
        }
        rows.sort_by(|(key, held), (other, others)| {
            number(key).cmp(&number(other)).then_with(|| (key, &held.line).cmp(&(other, &others.line)))
        });
        if self.key.is_empty() {
            return rows.iter().try_for_each(|(_, held)| alone(held, tell));
        }
        rows.chunk_by_mut(|(key, _), (other, _)| key == other).try_for_each(|rows| one_key(rows, tell))
    }
}

/// Rows whose keys are numbers are told in their order.
fn number(key: &[u8]) -> Option<i64> {
    std::str::from_utf8(key.split(|&byte| byte == b'\t').next()?).ok()?.parse().ok()
}

/// A row without a partner.
fn alone(held: &Held, tell: &mut Tell<'_>) -> Result<()> {
    let missing = held.a > held.b;
    tell(Found {
        kind: if missing { Kind::Missing } else { Kind::Extra },
        a: missing.then_some(&held.line),
        b: (!missing).then_some(&held.line),
        a_copies: held.a,
        b_copies: held.b,
    })
}

/// The rows of one key.
fn one_key(rows: &mut [(Vec<u8>, Held)], tell: &mut Tell<'_>) -> Result<()> {
    let (mut ours, mut theirs): (Vec<_>, Vec<_>) =
        rows.iter_mut().map(|(_, held)| held).partition(|held| held.a > held.b);
    while let (Some(a), Some(b)) = (ours.last_mut(), theirs.last_mut()) {
        let (left, right) = (a.line.as_ref(), b.line.as_ref());
        tell(Found { kind: Kind::Changed, a: Some(left), b: Some(right), a_copies: 1, b_copies: 1 })?;
        a.a -= 1;
        b.b -= 1;
        if a.a == 0 {
            ours.pop();
        }
        if b.b == 0 {
            theirs.pop();
        }
    }
    ours.iter().chain(&theirs).try_for_each(|held| alone(held, tell))
}
