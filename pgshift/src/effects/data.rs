//! Statements about rows.

use super::{Gather, WorkKind};
use crate::grammar::{Mode, Statement};

impl Gather<'_> {
    pub(super) fn data(&mut self, statement: &Statement) {
        match statement {
            Statement::Insert { table, .. } => {
                self.write(table);
            }
            Statement::Copy { table, into } => {
                let mode = if *into { Mode::RowExclusive } else { Mode::AccessShare };
                self.lock_named(table, mode);
            }
            Statement::Update { table, whole, .. } | Statement::Delete { table, whole, .. } => {
                let table = self.write(table);
                if *whole {
                    self.work(&table, WorkKind::Change);
                }
            }
            Statement::Query { reads, calls, rows_locked } => {
                let mode = if *rows_locked { Mode::RowShare } else { Mode::AccessShare };
                self.lock_all(reads, mode);
                if *calls {
                    self.unknown("what the functions do that it calls");
                }
            }
            Statement::Truncate { tables, cascade } => {
                let mut reached: Vec<_> = tables.iter().map(|table| self.facts.resolve(table)).collect();
                let mut at = 0;
                while let Some(table) = reached.get(at).cloned() {
                    at += 1;
                    self.lock_tree(&table, Mode::AccessExclusive);
                    let others = self.facts.references_to(&table).map(|(other, _)| other);
                    for other in others.filter(|_| *cascade) {
                        if !reached.contains(other) {
                            reached.push(other.clone());
                        }
                    }
                }
            }
            Statement::Lock { tables, mode } => {
                for table in tables {
                    let table = self.facts.resolve(table);
                    self.lock_tree(&table, *mode);
                }
            }
            _ => {}
        }
    }

    /// Rows of a table are written, and of the partitions that they belong to.
    fn write(&mut self, table: &crate::grammar::Name) -> common::name::QualifiedName {
        let table = self.facts.resolve(table);
        self.lock_tree(&table, Mode::RowExclusive);
        if self.facts.relation(&table).is_some_and(|relation| !relation.triggers.is_empty()) {
            self.unknown("what the triggers do that it fires");
        }
        table
    }
}
