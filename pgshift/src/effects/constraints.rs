//! Constraints that come, are checked, and go: a foreign key reaches the other table, too.

use super::{Gather, WorkKind};
use crate::facts;
use crate::grammar::{Constraint, ConstraintKind, Mode, NewTable};
use common::name::QualifiedName;

impl Gather<'_> {
    /// A constraint is added to a table; `checked` says whether the rows that are there are looked at.
    pub(super) fn add_constraint(&mut self, table: &QualifiedName, constraint: &Constraint, checked: bool) {
        match constraint.kind {
            ConstraintKind::Foreign => {
                if let Some(target) = &constraint.references {
                    let target = self.facts.resolve(target);
                    self.lock_tree(&target, Mode::ShareRowExclusive);
                }
                if checked {
                    self.work(table, WorkKind::Scan);
                    if let Some(target) = &constraint.references {
                        let target = self.facts.resolve(target);
                        self.work(&target, WorkKind::Scan);
                    }
                }
            }
            ConstraintKind::Check => {
                if checked && constraint.valid {
                    self.work(table, WorkKind::Scan);
                }
            }
            ConstraintKind::NotNull => {
                let proven = constraint
                    .columns
                    .iter()
                    .all(|column| super::alter::is_proven_not_null(self.facts, table, column));
                if checked && constraint.valid && !proven {
                    self.work(table, WorkKind::Scan);
                }
            }
            ConstraintKind::Unique | ConstraintKind::Primary | ConstraintKind::Exclusion => {
                if constraint.using_index.is_none() {
                    self.work(table, WorkKind::Build);
                } else if constraint.kind == ConstraintKind::Primary {
                    self.primary_by_index(table, constraint);
                }
            }
        }
    }

    /// Columns of a primary key that are not known to be not null are looked at.
    fn primary_by_index(&mut self, table: &QualifiedName, constraint: &Constraint) {
        let index = constraint.using_index.as_ref().and_then(|index| self.facts.index(index));
        let columns = index.map(|(_, index)| index.columns.clone());
        let proven = columns.is_some_and(|columns| {
            columns.iter().all(|column| super::alter::is_proven_not_null(self.facts, table, column))
        });
        if !proven {
            self.work(table, WorkKind::Scan);
        }
    }

    pub(super) fn drop_constraint(&mut self, table: &QualifiedName, name: &str) {
        let facts = self.facts;
        let known = facts.relation(table).and_then(|relation| named(relation, name));
        match known {
            Some(constraint) => {
                if let Some(target) = &constraint.references {
                    self.lock_tree(target, Mode::AccessExclusive);
                }
            }
            None if !facts.complete && name.contains("fk") => {
                self.unknown("the table that the foreign key references, which is locked as well");
            }
            None => {}
        }
    }

    pub(super) fn drop_column(&mut self, table: &QualifiedName, column: &str) {
        let facts = self.facts;
        let Some(relation) = facts.relation(table) else { return };
        let keys = relation.constraints.iter().filter(|key| key.columns.iter().any(|name| name == column));
        for target in keys.filter_map(|key| key.references.as_ref()) {
            self.lock_tree(target, Mode::AccessExclusive);
        }
    }

    pub(super) fn validate(&mut self, table: &QualifiedName, name: &str) {
        let facts = self.facts;
        let known = facts.relation(table).and_then(|relation| named(relation, name));
        if known.is_some_and(|constraint| constraint.validated) {
            return;
        }
        if let Some(target) = known.and_then(|constraint| constraint.references.as_ref()) {
            self.lock(target, Mode::RowShare);
            self.work(target, WorkKind::Scan);
        }
        self.work(table, WorkKind::Scan);
    }

    /// Whether a constraint is NOT NULL, as there are since PostgreSQL 18.
    pub(super) fn is_not_null(&self, table: &QualifiedName, name: &str) -> bool {
        let known = self.facts.relation(table).and_then(|relation| named(relation, name));
        known.is_some_and(|constraint| constraint.kind == 'n')
    }

    pub(super) fn create_table(&mut self, table: &NewTable) {
        let own = self.facts.resolve(&table.name);
        if table.if_not_exists && self.facts.relation(&own).is_some() {
            return;
        }
        for key in &table.constraints {
            if let Some(target) = &key.references {
                let target = self.facts.resolve(target);
                if *target.name != *table.name.name {
                    self.lock_tree(&target, Mode::ShareRowExclusive);
                }
            }
        }
        for parent in &table.inherits {
            self.lock_named(parent, Mode::ShareUpdateExclusive);
        }
        if let Some(parent) = &table.partition_of {
            self.partition_of(parent, table.is_default);
        }
    }
}

fn named<'a>(relation: &'a facts::Relation, name: &str) -> Option<&'a facts::Constraint> {
    relation.constraints.iter().find(|constraint| constraint.name == name)
}
