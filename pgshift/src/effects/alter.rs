//! ALTER TABLE: the actions, and how far each reaches.

use super::{Gather, WorkKind};
use crate::facts::{Column, Facts};
use crate::grammar::{Action, Constraint, ConstraintKind, Filling, Mode, Name};
use common::name::QualifiedName;

impl Gather<'_> {
    pub(super) fn alter(&mut self, table: &Name, actions: &[Action]) {
        let table = self.facts.resolve(table);
        // The server takes the strongest of all before it begins.
        let strongest = actions.iter().map(|action| self.mode(&table, action)).max();
        self.lock(&table, strongest.unwrap_or(Mode::AccessExclusive));
        for action in actions {
            let named = self.facts.relation(&table).is_some_and(|relation| !relation.triggers.is_empty());
            if descends(action) && (*action != Action::Trigger || named) {
                let mode = self.mode(&table, action);
                self.lock_tree(&table, mode);
            }
            self.action(&table, action);
        }
    }

    fn mode(&self, table: &QualifiedName, action: &Action) -> Mode {
        match action {
            Action::AddConstraint(constraint) if constraint.kind == ConstraintKind::Foreign => {
                Mode::ShareRowExclusive
            }
            Action::Trigger => Mode::ShareRowExclusive,
            Action::ValidateConstraint(name) if self.is_not_null(table, name) => Mode::ShareUpdateExclusive,
            Action::ValidateConstraint(_) | Action::AttachPartition { .. } => Mode::ShareUpdateExclusive,
            Action::DetachPartition { concurrently, finalize, .. } if *concurrently || *finalize => {
                Mode::ShareUpdateExclusive
            }
            Action::Other(mode) => *mode,
            _ => Mode::AccessExclusive,
        }
    }

    fn action(&mut self, table: &QualifiedName, action: &Action) {
        match action {
            _ if self.facts.is_done(table, action) => {}
            Action::AddColumn { column, constraints, .. } => {
                if let Filling::Volatile(_) = column.default {
                    self.work(table, WorkKind::Rewrite);
                } else if column.default == Filling::Unknown {
                    self.unknown("whether its default is volatile, so that the table is rewritten");
                }
                for constraint in constraints {
                    // The rows that are there have no value to be looked up when the column has no default.
                    let looked_up =
                        constraint.kind != ConstraintKind::Foreign || column.default != Filling::Nothing;
                    self.add_constraint(table, constraint, looked_up);
                }
            }
            Action::AddConstraint(constraint) => self.add_constraint(table, constraint, constraint.valid),
            Action::DropConstraint { name, .. } => self.drop_constraint(table, name),
            Action::DropColumn(column) => self.drop_column(table, column),
            Action::ValidateConstraint(name) => self.validate(table, name),
            Action::SetNotNull(column) if !is_proven_not_null(self.facts, table, column) => {
                self.work(table, WorkKind::Scan);
            }
            Action::SetType { column, to, using } => self.set_type(table, column, to, *using),
            Action::SetExpression(_) | Action::Rewrite(_) => self.work(table, WorkKind::Rewrite),
            Action::AttachPartition { child, is_default } => self.attach(table, child, *is_default),
            Action::DetachPartition { child, concurrently, .. } => self.detach(table, child, *concurrently),
            Action::Inherit(parent) => {
                self.lock_named(parent, Mode::ShareUpdateExclusive);
            }
            _ => {}
        }
    }

    fn set_type(&mut self, table: &QualifiedName, column: &str, to: &str, using: bool) {
        let known = self.facts.relation(table).and_then(|relation| column_of(&relation.columns, column));
        match known {
            Some(known) if !using && is_free_change(self.facts, &known.type_name, to) => {
                self.looked_at_again(table, column);
            }
            Some(_) => self.work(table, WorkKind::Rewrite),
            None => {
                self.work(table, WorkKind::Rewrite);
                self.unknown("the type that the column has now");
            }
        }
        // Foreign keys of the column are made anew.
        let facts = self.facts;
        if let Some(relation) = facts.relation(table) {
            let keys =
                relation.constraints.iter().filter(|key| key.columns.iter().any(|name| name == column));
            for (key, target) in keys.filter_map(|key| key.references.as_ref().map(|target| (key, target))) {
                self.lock(target, Mode::AccessExclusive);
                if key.validated {
                    self.work(target, WorkKind::Scan);
                }
            }
        }
    }

    /// Rows stay as they are, but what is computed of them may not.
    fn looked_at_again(&mut self, table: &QualifiedName, column: &str) {
        let facts = self.facts;
        let Some(relation) = facts.relation(table) else { return };
        let uses = |columns: &[String]| columns.iter().any(|name| name == column);
        if relation.indexes.iter().any(|index| uses(&index.uses)) {
            self.work(table, WorkKind::Build);
        }
        if relation
            .constraints
            .iter()
            .any(|check| check.kind == 'c' && check.validated && uses(&check.columns))
        {
            self.work(table, WorkKind::Scan);
        }
    }
}

/// Whether partitions and children get the same lock.
fn descends(action: &Action) -> bool {
    match action {
        Action::AddColumn { .. }
        | Action::DropColumn(_)
        | Action::AddConstraint(Constraint { .. })
        | Action::DropConstraint { .. }
        | Action::ValidateConstraint(_)
        | Action::SetNotNull(_)
        | Action::DropNotNull(_)
        | Action::SetType { .. }
        | Action::SetDefault(_)
        | Action::SetExpression(_)
        | Action::RenameColumn { .. }
        | Action::RenameConstraint { .. }
        | Action::Trigger => true,
        Action::RenameTable(_)
        | Action::AttachPartition { .. }
        | Action::DetachPartition { .. }
        | Action::Inherit(_)
        | Action::NoInherit(_)
        | Action::SetSchema(_)
        | Action::Rewrite(_)
        | Action::Other(_) => false,
    }
}

pub(crate) fn column_of<'a>(columns: &'a [Column], name: &str) -> Option<&'a Column> {
    columns.iter().find(|column| column.name == name)
}

/// Whether a valid constraint says already that a column is not null.
pub(crate) fn is_proven_not_null(facts: &Facts, table: &QualifiedName, column: &str) -> bool {
    facts.relation(table).is_some_and(|relation| {
        let proofs = relation.constraints.iter().filter(|constraint| constraint.validated);
        column_of(&relation.columns, column).is_some_and(|column| column.not_null)
            || proofs.into_iter().any(|proof| proof.proves_not_null.iter().any(|proven| proven == column))
    })
}

/// Whether a change of type leaves the rows as they are.
pub(crate) fn is_free_change(facts: &Facts, from: &str, to: &str) -> bool {
    let (from, to) = (Kind::of(from), Kind::of(to));
    let wider = |from: &[u32], to: &[u32]| match (from.first(), to.first()) {
        (_, None) => true,
        (Some(from), Some(to)) => to >= from,
        (None, Some(_)) => false,
    };
    match (from.name.as_str(), to.name.as_str()) {
        (a, b) if a == b => match a {
            "varchar" | "varbit" | "timestamp" | "timestamptz" | "time" | "timetz" => {
                wider(&from.numbers, &to.numbers)
            }
            "numeric" => {
                to.numbers.is_empty()
                    || (from.numbers.get(1).unwrap_or(&0) == to.numbers.get(1).unwrap_or(&0)
                        && wider(&from.numbers, &to.numbers))
            }
            _ => from.numbers == to.numbers,
        },
        ("varchar", "text") | ("text", "varchar") => to.numbers.is_empty(),
        ("cidr", "inet") => true,
        ("timestamp", "timestamptz") | ("timestamptz", "timestamp") => {
            facts.time_zone.as_deref().is_some_and(|zone| matches!(zone, "UTC" | "Etc/UTC"))
                && wider(&from.numbers, &to.numbers)
        }
        _ => false,
    }
}

/// A type, by the name that the server prefers, with its modifiers.
struct Kind {
    name: String,
    numbers: Vec<u32>,
}

impl Kind {
    fn of(text: &str) -> Self {
        let text = text.trim().trim_matches('"').to_ascii_lowercase();
        let open = text.find('(');
        let (before, rest) = open.map_or((text.as_str(), ""), |open| text.split_at(open));
        let (inside, after) = rest.split_once(')').unwrap_or((rest, ""));
        let numbers = inside
            .trim_start_matches('(')
            .split(',')
            .filter_map(|number| number.trim().parse().ok())
            .collect();
        let name = format!("{} {}", before.trim(), after.trim());
        let name = match name.trim().trim_start_matches("pg_catalog.") {
            "character varying" => "varchar",
            "int" | "int4" => "integer",
            "int8" => "bigint",
            "int2" => "smallint",
            "bool" => "boolean",
            "decimal" => "numeric",
            "float8" | "float" => "double precision",
            "float4" => "real",
            "bit varying" => "varbit",
            "timestamp with time zone" => "timestamptz",
            "timestamp without time zone" => "timestamp",
            "time with time zone" => "timetz",
            "time without time zone" => "time",
            "char" => "character",
            other => other,
        };
        Self { name: name.to_owned(), numbers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_type_that_leave_the_rows_are_told_from_others() {
        let mut facts = Facts::default();
        facts.time_zone = Some("UTC".into());
        let free = |from: &str, to: &str| is_free_change(&facts, from, to);
        assert!(free("character varying(20)", "varchar(40)"));
        assert!(free("character varying(20)", "text"));
        assert!(free("text", "varchar"));
        assert!(free("numeric(10,2)", "numeric(12, 2)"));
        assert!(free("timestamp without time zone", "timestamptz"));
        assert!(free("timestamp(3) without time zone", "timestamp"));
        assert!(!free("integer", "bigint"));
        assert!(!free("character varying(20)", "varchar(10)"));
        assert!(!free("text", "varchar(10)"));
        assert!(!free("numeric(10,2)", "numeric(12,3)"));
        assert!(!is_free_change(&Facts::default(), "timestamp without time zone", "timestamptz"));
    }
}
