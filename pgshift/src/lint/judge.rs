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
        let (severity, exact) = match self.weight(table) {
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
