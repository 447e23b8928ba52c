//! What has happened in the file so far, as far as later statements of the same transaction suffer from it.

use super::judge::Weight;
use crate::effects::Effects;
use crate::facts::Facts;
use crate::grammar::{Action, Mode, Statement};
use common::name::QualifiedName;

/// The transaction that a statement runs in, if any.
#[derive(Clone, Debug, Default)]
pub(super) struct Story {
    /// Whether the file as a whole is one transaction.
    whole: bool,
    pub(super) in_transaction: bool,
    /// The file's own BEGIN opened it.
    pub(super) explicit: bool,
    /// Tables that nobody else can read or write, by the order in which they were locked.
    pub(super) held: Vec<(QualifiedName, Mode)>,
    /// Constraints that were added NOT VALID, with their tables.
    pub(super) added: Vec<(QualifiedName, String)>,
    /// Values that were added to types.
    pub(super) values: Vec<String>,
    /// Tables whose rows were changed, other than by single inserts.
    pub(super) changed: Vec<QualifiedName>,
    /// Types that the file created.
    types: Vec<String>,
}

impl Story {
    pub(super) fn new(in_transaction: bool) -> Self {
        Self { whole: in_transaction, in_transaction, ..Self::default() }
    }

    /// The strongest lock that an earlier statement of this transaction holds on something that others use.
    pub(super) fn holds(&self, weight: impl Fn(&QualifiedName) -> Weight) -> Option<&(QualifiedName, Mode)> {
        let strong = self.held.iter().filter(|(_, mode)| *mode == Mode::AccessExclusive);
        strong.into_iter().find(|(table, _)| weight(table) != Weight::Light)
    }

    /// Takes in a statement that has been judged.
    pub(super) fn add(&mut self, statement: &Statement, effects: &Effects, facts: &Facts) {
        match statement {
            Statement::Begin => {
                (self.in_transaction, self.explicit) = (true, true);
                return self.forget();
            }
            Statement::Commit | Statement::Rollback => {
                (self.in_transaction, self.explicit) = (self.whole, false);
                return self.forget();
            }
            Statement::CreateType(name) => self.types.push(name.name.clone()),
            _ => {}
        }
        if !self.in_transaction {
            return;
        }
        match statement {
            Statement::AddEnumValue { of, value } if !self.types.contains(&of.name) => {
                self.values.push(value.clone());
            }
            Statement::Update { table, .. }
            | Statement::Delete { table, .. }
            | Statement::Insert { table, from_query: true, .. }
            | Statement::Copy { table, into: true } => self.changed.push(facts.resolve(table)),
            Statement::AlterTable { table, actions } => {
                for action in actions {
                    if let Action::AddConstraint(constraint) = action {
                        let name = constraint.name.clone().filter(|_| !constraint.valid);
                        self.added.extend(name.map(|name| (facts.resolve(table), name)));
                    }
                }
            }
            _ => {}
        }
        let strong = effects.locks.iter().filter(|lock| lock.mode.blocks_writes());
        self.held.extend(strong.map(|lock| (lock.relation.clone(), lock.mode)));
    }

    fn forget(&mut self) {
        self.held.clear();
        self.added.clear();
        self.values.clear();
        self.changed.clear();
    }
}
