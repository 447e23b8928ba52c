//! Partitions that come and go.

use super::{Gather, WorkKind};
use crate::facts::{Constraint, Facts, Index};
use crate::grammar::{Mode, Name};
use common::name::QualifiedName;

impl Gather<'_> {
    pub(super) fn attach(&mut self, parent: &QualifiedName, child: &Name, is_default: bool) {
        let child = self.facts.resolve(child);
        self.lock_tree(&child, Mode::AccessExclusive);
        if !has_check(self.facts, &child) {
            self.work(&child, WorkKind::Scan);
        }
        self.completed(parent, &child);
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
            // At its end, when nobody uses the parent any more with the partition in it.
            return self.lock(&child, Mode::AccessExclusive);
        }
        if self.facts.major.is_some_and(|major| major < 14) {
            self.detach_before_14(parent, &child);
        } else {
            self.lock(&child, Mode::AccessExclusive);
        }
        if let Some(default) = self.facts.default_partition(parent).cloned() {
            self.lock(&default, Mode::AccessExclusive);
        }
        self.keys_of(parent, Mode::ShareRowExclusive);
    }

    /// Servers before 14 lock the partition weakly, but its indexes that belong to the parent's exclusively.
    fn detach_before_14(&mut self, parent: &QualifiedName, child: &QualifiedName) {
        let facts = self.facts;
        self.lock(child, Mode::ShareUpdateExclusive);
        let (Some(parent), Some(own)) = (facts.relation(parent), facts.relation(child)) else { return };
        for index in &own.indexes {
            if parent
                .indexes
                .iter()
                .any(|wanted| wanted.columns == index.columns && wanted.uses == index.uses)
            {
                self.lock(&QualifiedName::new(&child.schema, &index.name), Mode::AccessExclusive);
            }
        }
    }

    /// What the parent has and the child does not is made: indexes are built, foreign keys are looked up.
    fn completed(&mut self, parent: &QualifiedName, child: &QualifiedName) {
        let facts = self.facts;
        let (Some(parent), Some(own)) = (facts.relation(parent), facts.relation(child)) else { return };
        let has_index = |wanted: &Index| {
            let alike = |index: &Index| {
                index.valid
                    && index.columns == wanted.columns
                    && index.unique >= wanted.unique
                    && index.uses == wanted.uses
            };
            own.indexes.iter().any(alike)
        };
        if !parent.indexes.iter().all(has_index) {
            self.work(child, WorkKind::Build);
        }
        let has_key = |wanted: &Constraint| {
            let alike = |key: &Constraint| {
                key.validated && key.columns == wanted.columns && key.references == wanted.references
            };
            own.constraints.iter().any(alike)
        };
        for wanted in &parent.constraints {
            match &wanted.references {
                // The triggers of the child's own key go, and the parent's take their place.
                Some(target) if has_key(wanted) => self.lock(target, Mode::AccessExclusive),
                Some(_) => self.work(child, WorkKind::Scan),
                None => {}
            }
        }
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
