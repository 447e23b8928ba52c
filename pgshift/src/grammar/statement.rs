//! Statements in our words: as much of them as locks, work and rules depend on.
//!
//! Names are as they were written, folded as the server folds them, and not looked up.

use super::Name;

/// What a statement does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Statement {
    CreateTable(NewTable),
    /// CREATE TABLE … AS, SELECT … INTO and CREATE MATERIALIZED VIEW.
    CreateFilled {
        name: Name,
        reads: Vec<Name>,
        view: bool,
        temporary: bool,
    },
    AlterTable {
        table: Name,
        actions: Vec<Action>,
    },
    /// ALTER TABLE ALL IN TABLESPACE.
    AlterAll,
    DropTable {
        tables: Vec<Name>,
        cascade: bool,
    },
    CreateIndex(NewIndex),
    DropIndex {
        indexes: Vec<Name>,
        concurrently: bool,
    },
    RenameIndex {
        index: Name,
        to: Name,
    },
    AttachIndex {
        index: Name,
        child: Name,
    },
    AlterIndex {
        index: Name,
        strong: bool,
    },
    Reindex {
        target: Reindexed,
        concurrently: bool,
    },
    Truncate {
        tables: Vec<Name>,
        cascade: bool,
    },
    Lock {
        tables: Vec<Name>,
        mode: super::Mode,
    },
    Refresh {
        view: Name,
        concurrently: bool,
        data: bool,
    },
    Vacuum {
        tables: Vec<Name>,
        full: bool,
    },
    Cluster {
        table: Option<Name>,
    },
    Analyze {
        tables: Vec<Name>,
    },
    CreateTrigger {
        table: Name,
        referenced: Option<Name>,
    },
    /// DROP TRIGGER, ALTER TRIGGER, CREATE, ALTER and DROP of a policy or a rule.
    OnTable {
        table: Name,
        mode: super::Mode,
        what: &'static str,
    },
    CreateView {
        name: Name,
        replace: bool,
        reads: Vec<Name>,
    },
    DropView {
        names: Vec<Name>,
        cascade: bool,
    },
    /// What makes the relation itself hard to use: ALTER VIEW, ALTER MATERIALIZED VIEW, ALTER SEQUENCE.
    AlterRelation {
        name: Name,
        renamed: Option<Name>,
    },
    CreateType(Name),
    AddEnumValue {
        of: Name,
        value: String,
    },
    Comment {
        table: Option<Name>,
    },
    Publish {
        tables: Vec<Name>,
    },
    CreateStatistics {
        table: Option<Name>,
    },
    Insert {
        table: Name,
        reads: Vec<Name>,
        from_query: bool,
    },
    Update {
        table: Name,
        reads: Vec<Name>,
        whole: bool,
    },
    Delete {
        table: Name,
        reads: Vec<Name>,
        whole: bool,
    },
    Copy {
        table: Name,
        into: bool,
    },
    Query {
        reads: Vec<Name>,
        calls: bool,
        rows_locked: bool,
    },
    Begin,
    Commit,
    Rollback,
    /// SET of a parameter: its name and its value as written.
    Set {
        name: String,
        value: String,
        local: bool,
    },
    /// DROP SCHEMA, DROP TYPE … CASCADE, DROP OWNED: whatever hangs on it.
    DropMany {
        what: &'static str,
        schemas: Vec<Name>,
    },
    /// What cannot run in a transaction, and is none of the above.
    Alone(&'static str),
    /// DO, CALL, EXECUTE: what runs is not in the text.
    Opaque(&'static str),
    /// Nothing that locks a table.
    Harmless,
    /// The parser does not understand it, and says why.
    Unread(String),
}

/// CREATE TABLE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a clause of the statement")]
pub(crate) struct NewTable {
    pub(crate) name: Name,
    pub(crate) if_not_exists: bool,
    pub(crate) temporary: bool,
    pub(crate) partitioned: bool,
    pub(crate) columns: Vec<Column>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) partition_of: Option<Name>,
    pub(crate) is_default: bool,
    pub(crate) inherits: Vec<Name>,
    pub(crate) like: Vec<Name>,
}

/// A column as it is defined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// As written, lower case, with single spaces.
    pub(crate) type_name: String,
    pub(crate) not_null: bool,
    pub(crate) default: Filling,
}

/// What a new column holds in the rows that are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Filling {
    /// NULL.
    #[default]
    Nothing,
    /// One value for all: it is not written.
    Constant,
    /// A value for each row.
    Volatile(&'static str),
    /// It calls functions of which the text does not say how volatile they are.
    Unknown,
}

/// A constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Constraint {
    pub(crate) name: Option<String>,
    pub(crate) kind: ConstraintKind,
    pub(crate) columns: Vec<String>,
    pub(crate) references: Option<Name>,
    pub(crate) valid: bool,
    pub(crate) using_index: Option<Name>,
    /// The columns that a CHECK proves to be not null.
    pub(crate) proves: Vec<String>,
    /// As written, without the name and NOT VALID.
    pub(crate) text: String,
}

/// What kind of constraint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ConstraintKind {
    #[default]
    Check,
    Foreign,
    Unique,
    Primary,
    Exclusion,
    NotNull,
}

/// CREATE INDEX.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a clause of the statement")]
pub(crate) struct NewIndex {
    pub(crate) name: Option<Name>,
    pub(crate) table: Name,
    pub(crate) only: bool,
    pub(crate) unique: bool,
    pub(crate) concurrently: bool,
    pub(crate) if_not_exists: bool,
    /// Its plain columns, in order; an expression ends the list.
    pub(crate) columns: Vec<String>,
    pub(crate) partial: bool,
    /// What follows USING.
    pub(crate) method: Option<String>,
}

/// What REINDEX is told to rebuild.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reindexed {
    Index(Name),
    Table(Name),
    Schema(Name),
    Database,
}

/// One action of ALTER TABLE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    AddColumn {
        column: Column,
        constraints: Vec<Constraint>,
        if_not_exists: bool,
    },
    DropColumn(String),
    AddConstraint(Constraint),
    DropConstraint {
        name: String,
        if_exists: bool,
    },
    ValidateConstraint(String),
    SetNotNull(String),
    DropNotNull(String),
    SetType {
        column: String,
        to: String,
        using: bool,
    },
    SetDefault(String),
    SetExpression(String),
    RenameTable(Name),
    RenameColumn {
        from: String,
        to: String,
    },
    RenameConstraint {
        from: String,
        to: String,
    },
    AttachPartition {
        child: Name,
        is_default: bool,
    },
    DetachPartition {
        child: Name,
        concurrently: bool,
        finalize: bool,
    },
    Inherit(Name),
    NoInherit(Name),
    SetSchema(String),
    /// SET LOGGED, SET UNLOGGED, SET TABLESPACE, SET ACCESS METHOD: the table is written anew.
    Rewrite(&'static str),
    /// ENABLE or DISABLE TRIGGER.
    Trigger,
    /// Anything else, with the lock that it takes.
    Other(super::Mode),
}
