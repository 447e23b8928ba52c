//! What a statement does to a database that others use: which relations it locks, what it reads or writes anew.
//!
//! A judgement of the text and of what is known of the database. Nothing is run. What cannot be told is said to be unknown,
//! never taken for harmless. Relations that the same file created are left out: nobody can wait for them.

mod alter;
mod constraints;
mod data;
mod partitions;
mod relations;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use alter::is_proven_not_null;

use crate::facts::{Facts, Size};
use crate::grammar::{Mode, Name, Statement};
use common::name::QualifiedName;

/// What a statement does.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Effects {
    /// The strongest lock on each relation, in the order in which they are taken. ACCESS SHARE is not told.
    pub(crate) locks: Vec<Lock>,
    /// What is read or written while they are held.
    pub(crate) work: Vec<Work>,
    /// Why it cannot run in a transaction, if it cannot.
    pub(crate) alone: Option<&'static str>,
    /// What it does besides and nobody can tell.
    pub(crate) unknown: Option<String>,
}

/// A lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lock {
    pub(crate) relation: QualifiedName,
    pub(crate) mode: Mode,
}

/// Work whose length depends on the size of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Work {
    pub(crate) relation: QualifiedName,
    pub(crate) kind: WorkKind,
    pub(crate) size: Size,
}

/// What is done to a whole table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WorkKind {
    /// It is written anew, and its indexes with it.
    Rewrite,
    /// It is read from end to end.
    Scan,
    /// It is read, and an index is built.
    Build,
    /// All of its rows are changed.
    Change,
}

impl WorkKind {
    /// The word of the records.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Rewrite => "rewrite",
            Self::Scan => "scan",
            Self::Build => "build",
            Self::Change => "change",
        }
    }
}

/// Tells what a statement does.
pub(crate) fn of(statement: &Statement, facts: &Facts) -> Effects {
    let mut effects = Gather { facts, effects: Effects::default() };
    effects.statement(statement);
    let mut effects = effects.effects;
    let seen = |relation: &QualifiedName| !facts.is_fresh(relation) && facts.may_have(relation);
    effects.locks.retain(|lock| lock.mode > Mode::AccessShare && seen(&lock.relation));
    effects.work.retain(|work| !facts.is_fresh(&work.relation));
    effects
}

/// Effects as they are gathered.
struct Gather<'a> {
    facts: &'a Facts,
    effects: Effects,
}

impl Gather<'_> {
    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::AlterTable { table, actions } => self.alter(table, actions),
            Statement::AlterAll => self.unknown("everything in a tablespace"),
            Statement::CreateTable(table) => self.create_table(table),
            Statement::Opaque(what) => self.unknown(what),
            Statement::Unread(why) => self.unknown(&format!("it is not understood: {why}")),
            Statement::Alone(what) => self.effects.alone = Some(what),
            Statement::Harmless
            | Statement::Begin
            | Statement::Commit
            | Statement::Rollback
            | Statement::Set { .. }
            | Statement::CreateType(_)
            | Statement::AddEnumValue { .. } => {}
            Statement::Insert { .. }
            | Statement::Update { .. }
            | Statement::Delete { .. }
            | Statement::Copy { .. }
            | Statement::Query { .. }
            | Statement::Truncate { .. }
            | Statement::Lock { .. } => self.data(statement),
            other => self.relations(other),
        }
    }

    /// A lock on one relation; the strongest counts.
    fn lock(&mut self, relation: &QualifiedName, mode: Mode) {
        match self.effects.locks.iter_mut().find(|lock| lock.relation == *relation) {
            Some(lock) => lock.mode = lock.mode.max(mode),
            None => self.effects.locks.push(Lock { relation: relation.clone(), mode }),
        }
    }

    /// A lock on a relation and all its partitions and children.
    fn lock_tree(&mut self, relation: &QualifiedName, mode: Mode) {
        self.lock(relation, mode);
        for part in self.facts.descendants(relation) {
            self.lock(&part, mode);
        }
    }

    fn lock_named(&mut self, name: &Name, mode: Mode) -> QualifiedName {
        let relation = self.facts.resolve(name);
        self.lock(&relation, mode);
        relation
    }

    fn lock_all(&mut self, names: &[Name], mode: Mode) {
        for name in names {
            self.lock_named(name, mode);
        }
    }

    /// Work on a table; on the partitions, where it has some.
    fn work(&mut self, relation: &QualifiedName, kind: WorkKind) {
        let size = self.facts.size(relation);
        let known = self.effects.work.iter_mut().find(|work| work.relation == *relation);
        match known {
            // A rewrite reads the table and builds its indexes anyway.
            Some(work) if kind == WorkKind::Rewrite => work.kind = kind,
            Some(_) => {}
            None => self.effects.work.push(Work { relation: relation.clone(), kind, size }),
        }
    }

    fn unknown(&mut self, what: &str) {
        self.effects.unknown.get_or_insert_with(|| what.to_owned());
    }
}
