//! What a rule sees of a statement, and how it judges sizes.

use super::cut::Piece;
use super::story::Story;
use super::{Finding, Severity};
use crate::effects::{Effects, Work, WorkKind};
use crate::facts::{Facts, Relation, Size};
use crate::grammar::{Mode, Name, Statement};
use common::name::QualifiedName;

/// A statement with all that is known when it comes to run.
pub(super) struct Context<'a> {
    pub(super) facts: &'a Facts,
    pub(super) statement: &'a Statement,
    pub(super) effects: &'a Effects,
    pub(super) small: Size,
    pub(super) text: &'a str,
    pub(super) story: &'a Story,
    /// What follows in the file.
    pub(super) later: &'a [(&'a Piece, Statement)],
}

/// What the size of a table means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// It is small, empty, or created by this file.
    Light,
    /// Nobody knows.
    Unknown,
    /// It is known to be large.
    Heavy,
}

/// How much larger a table may be that is only read, or gets an ordinary index, than one that is written anew, for the same
/// time: 100,000 rows in 100 MB took 0.06 s (NOT NULL), 0.1 s (foreign key), 0.35 s (index) and 1.5 s (written anew).
pub(super) const READ: u64 = 10;

/// What the size of `table` means where tables up to `small` don't matter.
pub(super) fn weight(facts: &Facts, small: Size, table: &QualifiedName) -> Weight {
    let size = facts.size(table);
    match () {
        () if facts.is_fresh(table) || size.is_within(small) => Weight::Light,
        () if size.is_known() => Weight::Heavy,
        () => Weight::Unknown,
    }
}

impl Context<'_> {
    pub(super) fn resolve(&self, name: &Name) -> QualifiedName {
        self.facts.resolve(name)
    }

    pub(super) fn relation(&self, name: &QualifiedName) -> Option<&Relation> {
        self.facts.relation(name)
    }

    pub(super) fn weight(&self, table: &QualifiedName) -> Weight {
        weight(self.facts, self.small, table)
    }

    /// What the size of `table` means for one that is only read, or gets an ordinary index.
    pub(super) fn weight_to_read(&self, table: &QualifiedName) -> Weight {
        weight(self.facts, self.small.times(READ), table)
    }

    /// The heaviest of the tables that are worked on in one of these ways.
    pub(super) fn work(&self, kinds: &[WorkKind]) -> Option<&Work> {
        let of_kind = self.effects.work.iter().filter(|work| kinds.contains(&work.kind));
        of_kind.max_by_key(|work| match self.weight(&work.relation) {
            Weight::Light => (0, 0),
            Weight::Unknown => (1, 0),
            Weight::Heavy => (2, work.size.bytes.unwrap_or_default()),
        })
    }

    pub(super) fn mode_on(&self, table: &QualifiedName) -> Option<Mode> {
        self.effects.locks.iter().find(|lock| lock.relation == *table).map(|lock| lock.mode)
    }

    /// A finding when `table` is large: an error; a warning, assumed, when nobody knows.
    pub(super) fn heavy(&self, rule: &str, table: &QualifiedName, why: &str) -> Option<Finding> {
        self.weighed(rule, table, why, Severity::Error, Some(Severity::Warning))
    }

    /// As [`Context::heavy`], where the table is only read, or gets an ordinary index.
    pub(super) fn heavy_to_read(&self, rule: &str, table: &QualifiedName, why: &str) -> Option<Finding> {
        let weight = self.weight_to_read(table);
        self.found(rule, table, why, weight, (Severity::Error, Some(Severity::Warning)))
    }

    /// As [`Context::heavy`], but no more than a warning, and nothing when nobody knows.
    pub(super) fn brief(&self, rule: &str, table: &QualifiedName, why: &str) -> Option<Finding> {
        self.weighed(rule, table, why, Severity::Warning, None)
    }

    pub(super) fn weighed(
        &self,
        rule: &str,
        table: &QualifiedName,
        why: &str,
        heavy: Severity,
        unknown: Option<Severity>,
    ) -> Option<Finding> {
        self.found(rule, table, why, self.weight(table), (heavy, unknown))
    }

    fn found(
        &self,
        rule: &str,
        table: &QualifiedName,
        why: &str,
        weight: Weight,
        (heavy, unknown): (Severity, Option<Severity>),
    ) -> Option<Finding> {
        let (severity, exact) = match weight {
            Weight::Light => return None,
            Weight::Heavy => (heavy, true),
            Weight::Unknown => (unknown?, false),
        };
        let mut finding = Finding::new(rule, severity, why).object(table);
        (finding.exact, finding.size) = (exact, self.facts.size(table));
        finding.lock = self.mode_on(table);
        finding.writes_per_second = self.relation(table).and_then(|relation| relation.writes_per_second);
        Some(finding)
    }
}
