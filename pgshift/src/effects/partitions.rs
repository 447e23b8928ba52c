//! Partitions that come and go.

use super::{Gather, WorkKind};
use crate::facts::Facts;
use crate::grammar::{Mode, Name};
use common::name::QualifiedName;

impl Gather<'_> {
    pub(super) fn attach(&mut self, parent: &QualifiedName, child: &Name, is_default: bool) {
        let child = self.facts.resolve(child);
        self.lock_tree(&child, Mode::AccessExclusive);
        if !has_check(self.facts, &child) {
            self.work(&child, WorkKind::Scan);
        }
        self.default_of(parent, is_default);
        self.keys_of(parent, Mode::ShareRowExclusive);
    }

    pub(super) fn partition_of(&mut self, parent: &Name, is_default: bool) {
        let parent = self.lock_named(parent, Mode::AccessExclusive);
        self.default_of(&parent, is_default);
        self.keys_of(&parent, Mode::ShareRowExclusive);
    }

    pub(super) fn detach(&mut self, parent: &QualifiedName, child: &Name, concurrently: bool) {
        let child = self.facts.resolve(child);
        if concurrently {
            self.effects.alone = Some("DETACH PARTITION … CONCURRENTLY");
            return self.lock(&child, Mode::ShareUpdateExclusive);
        }
        self.lock(&child, Mode::AccessExclusive);
        if let Some(default) = self.facts.default_partition(parent).cloned() {
            self.lock(&default, Mode::AccessExclusive);
        }
        self.keys_of(parent, Mode::ShareRowExclusive);
    }

    /// Rows of the default partition may belong to the new one.
    fn default_of(&mut self, parent: &QualifiedName, is_default: bool) {
        let Some(default) = self.facts.default_partition(parent).cloned().filter(|_| !is_default) else {
            return;
        };
        self.lock(&default, Mode::AccessExclusive);
        if !has_check(self.facts, &default) {
            self.work(&default, WorkKind::Scan);
        }
    }

    /// The tables that the parent's foreign keys reference.
    fn keys_of(&mut self, parent: &QualifiedName, mode: Mode) {
        let facts = self.facts;
        let keys = facts.relation(parent).into_iter().flat_map(|relation| &relation.constraints);
        for target in keys.filter_map(|key| key.references.as_ref()) {
            self.lock(target, mode);
        }
    }
}

/// Whether there is a valid CHECK, which may prove where the rows belong. It is not known whether it does.
pub(crate) fn has_check(facts: &Facts, table: &QualifiedName) -> bool {
    facts
        .relation(table)
        .is_some_and(|relation| relation.constraints.iter().any(|check| check.kind == 'c' && check.validated))
}
