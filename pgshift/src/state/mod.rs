//! The files beside the history: what is applied, what is to be done, and where they contradict each other.
//!
//! Knows no server: both sides were read before.

mod conflict;

pub(crate) use conflict::{Conflict, ConflictKind};

use crate::backfill::Directive;
use crate::history::{Applied, Standing};
use crate::script::{self, Fingerprint, Parsed};
use crate::source::{Migration, MigrationKind};
use common::error::Result;
use std::collections::HashMap;

/// One migration, its script, and what the history says of it.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    /// The migration.
    pub(crate) migration: &'a Migration,
    /// Its script.
    pub(crate) parsed: Parsed<'a>,
    /// What its script is recognised by.
    pub(crate) checksum: Fingerprint,
    /// Where it stands.
    pub(crate) phase: Phase,
    /// What it says of itself as a backfill.
    pub(crate) backfill: Option<Directive>,
    /// Its row in the history.
    pub(crate) row: Option<&'a Applied>,
}

/// Where a migration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is applied.
    Applied,
    /// It is to be applied.
    Pending,
    /// It is to be applied again: its text has changed.
    Changed,
    /// It was begun.
    Partial,
    /// Taking it back was begun.
    Reverting,
    /// A baseline stands in its place, or it is a baseline of which there is no need.
    Covered,
}

/// All migrations, in the order in which they run, and what contradicts what.
#[derive(Debug)]
pub(crate) struct State<'a> {
    /// The migrations.
    pub(crate) entries: Vec<Entry<'a>>,
    /// The contradictions.
    pub(crate) conflicts: Vec<Conflict>,
}

impl Phase {
    /// The word in records.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::Changed => "changed",
            Self::Partial => "partial",
            Self::Reverting => "reverting",
            Self::Covered => "covered",
        }
    }
}

impl Entry<'_> {
    /// Whether it is to be run.
    pub(crate) fn is_due(&self) -> bool {
        matches!(self.phase, Phase::Pending | Phase::Changed | Phase::Partial)
    }
}

impl<'a> State<'a> {
    /// Compares `migrations` with `history`.
    pub(crate) fn of(migrations: &'a [Migration], history: &'a [Applied]) -> Result<Self> {
        let rows: HashMap<_, _> = history.iter().map(|row| ((row.kind, row.version.as_str()), row)).collect();
        let mut entries = Vec::with_capacity(migrations.len());
        for migration in migrations {
            let parsed = script::parse(&migration.up)?;
            let checksum = match (&migration.up.written, migration.kind) {
                (Some(written), MigrationKind::Versioned | MigrationKind::Baseline) => {
                    script::of_written(&migration.up, written)
                }
                _ => script::of_script(&parsed),
            };
            let row = rows.get(&(migration.kind, migration.version.as_str())).copied();
            let phase = phase(migration.kind, &checksum, row);
            let backfill = Directive::of(&parsed)?;
            entries.push(Entry { migration, parsed, checksum, phase, backfill, row });
        }
        cover(&mut entries, history);
        let conflicts = conflict::find(&entries, history);
        Ok(Self { entries, conflicts })
    }

    /// How many are to be run.
    pub(crate) fn due(&self) -> usize {
        self.entries.iter().filter(|entry| entry.is_due()).count()
    }

    /// How many are applied.
    pub(crate) fn applied(&self) -> usize {
        self.entries.iter().filter(|entry| entry.phase == Phase::Applied).count()
    }
}

fn phase(kind: MigrationKind, checksum: &str, row: Option<&Applied>) -> Phase {
    match row.map(|row| (row.standing, row)) {
        None | Some((Standing::Reverted, _)) => Phase::Pending,
        Some((Standing::Partial, _)) => Phase::Partial,
        Some((Standing::Reverting, _)) => Phase::Reverting,
        Some((Standing::Applied, row)) if kind == MigrationKind::Repeatable && row.checksum != checksum => {
            Phase::Changed
        }
        Some((Standing::Applied | Standing::Retired, _)) => Phase::Applied,
    }
}

/// A baseline that is applied, or that begins an empty history, stands for all up to its own version.
fn cover(entries: &mut [Entry<'_>], history: &[Applied]) {
    let is = |entry: &Entry<'_>, kind| entry.migration.kind == kind;
    // Of what was applied the file may be gone: a baseline that stands for it must not run all the same.
    let begun = |row: &Applied| row.kind != MigrationKind::Repeatable && row.standing != Standing::Reverted;
    let empty = !history.iter().any(begun);
    let stands = entries
        .iter()
        .rposition(|entry| is(entry, MigrationKind::Baseline) && (empty || entry.phase != Phase::Pending));
    let version = stands.and_then(|index| entries.get(index)).map(|entry| entry.migration.version.clone());
    for (index, entry) in entries.iter_mut().enumerate() {
        let before = stands.is_some_and(|baseline| index < baseline)
            || version.as_ref().is_some_and(|version| *version == entry.migration.version);
        let covered = match entry.migration.kind {
            MigrationKind::Versioned => before,
            MigrationKind::Baseline => stands != Some(index),
            MigrationKind::Repeatable => false,
        };
        if covered && entry.phase == Phase::Pending {
            entry.phase = Phase::Covered;
        }
    }
}
