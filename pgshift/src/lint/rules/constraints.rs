//! Constraints that are added and dropped.

use crate::effects::WorkKind;
use crate::grammar::{Action, Constraint, ConstraintKind, Statement};
use crate::lint::judge::{Context, Weight};
use crate::lint::{Finding, Severity, recipe};
use common::name::QualifiedName;

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Finding>) {
    match context.statement {
        Statement::AlterTable { table, actions } => {
            let table = context.resolve(table);
            for action in actions.iter().filter(|action| !context.facts.is_done(&table, action)) {
                match action {
                    Action::AddConstraint(constraint) => added(context, &table, constraint, found),
                    Action::AddColumn { constraints, .. } => {
                        for constraint in constraints {
                            added(context, &table, constraint, found);
                        }
                    }
                    Action::SetNotNull(column) => found.extend(not_null(context, &table, column)),
                    Action::DropConstraint { .. } | Action::DropColumn(_) => {
                        other_end(context, &table, found);
                    }
                    _ => {}
                }
            }
        }
        Statement::DropTable { tables, .. } => {
            for table in tables {
                other_end(context, &context.resolve(table), found);
            }
        }
        _ => {}
    }
}

fn added(context: &Context<'_>, table: &QualifiedName, constraint: &Constraint, found: &mut Vec<Finding>) {
    match constraint.kind {
        ConstraintKind::Foreign => foreign(context, table, constraint, found),
        ConstraintKind::Check | ConstraintKind::NotNull => {
            if context.work(&[WorkKind::Scan]).is_some() && constraint.valid {
                let why = "the whole table is read while nobody can use it";
                let finding = context.heavy_to_read("constraint-missing-not-valid", table, why);
                found.extend(
                    finding.map(|finding| finding.recipe(recipe::not_valid(table, constraint, "check"))),
                );
            }
        }
        ConstraintKind::Unique | ConstraintKind::Primary if constraint.using_index.is_none() => {
            let (rule, kind, what) = match constraint.kind {
                ConstraintKind::Primary => ("adding-serial-primary-key-field", "PRIMARY KEY", "pkey"),
                _ => ("disallowed-unique-constraint", "UNIQUE", "key"),
            };
            let why = "its index is built while nobody can use the table";
            let finding = context.heavy_to_read(rule, table, why);
            found.extend(
                finding.map(|finding| finding.recipe(recipe::by_index(table, constraint, kind, what))),
            );
        }
        ConstraintKind::Exclusion => {
            let why = "its index is built while nobody can use the table, and there is no other way";
            let finding = context.heavy("exclusion-constraint", table, why);
            found.extend(
                finding.map(|finding| finding.advice("plan a window for it, or enforce it by a trigger")),
            );
        }
        ConstraintKind::Unique | ConstraintKind::Primary => {}
    }
}

fn foreign(context: &Context<'_>, table: &QualifiedName, key: &Constraint, found: &mut Vec<Finding>) {
    let Some(target) = key.references.as_ref().map(|target| context.resolve(target)) else { return };
    let checked =
        context.effects.work.iter().any(|work| work.relation == *table && work.kind == WorkKind::Scan);
    if checked && key.valid {
        let why = format!("all rows are looked up while nobody can write to {table} or {target}");
        let finding = context.heavy_to_read("adding-foreign-key-constraint", table, &why);
        found.extend(finding.map(|finding| finding.recipe(recipe::not_valid(table, key, "fkey"))));
    }
    let known = context.relation(table).map(|relation| relation.indexes.as_slice()).unwrap_or_default();
    let leads = |columns: &[String]| {
        let leading = columns.get(..key.columns.len());
        leading.is_some_and(|leading| key.columns.iter().all(|column| leading.contains(column)))
    };
    let later = context.later.iter().any(|(_, statement)| match statement {
        Statement::CreateIndex(index) => context.resolve(&index.table) == *table && leads(&index.columns),
        _ => false,
    });
    let indexed = later || known.iter().any(|index| !index.partial && leads(&index.columns));
    // Who only references a small table that is never deleted from needs no index.
    if !indexed && context.weight(&target) == Weight::Heavy {
        let why = format!("a DELETE from {target} reads the whole table, once for each row");
        let finding = context.brief("foreign-key-without-index", table, &why);
        found.extend(finding.map(|finding| finding.recipe(recipe::index_for_key(table, &key.columns))));
    }
}

fn not_null(context: &Context<'_>, table: &QualifiedName, column: &str) -> Option<Finding> {
    const RULE: &str = "adding-not-nullable-field";
    let work = context.work(&[WorkKind::Scan, WorkKind::Rewrite])?;
    let why = "the whole table is read while nobody can use it";
    let finding = match work.kind {
        WorkKind::Rewrite => context.heavy(RULE, table, why),
        _ => context.heavy_to_read(RULE, table, why),
    }?;
    Some(finding.recipe(recipe::not_null(table, column, context.facts.major)))
}

/// A foreign key that goes locks the table at its other end.
fn other_end(context: &Context<'_>, table: &QualifiedName, found: &mut Vec<Finding>) {
    let locks =
        context.effects.locks.iter().filter(|lock| lock.relation != *table && lock.mode.blocks_reads());
    for lock in locks {
        let related = context.relation(table).is_some_and(|relation| {
            relation.constraints.iter().any(|key| key.references.as_ref() == Some(&lock.relation))
        });
        if !related || found.iter().any(|known| known.object == Some(lock.relation.to_string())) {
            continue;
        }
        let why = format!(
            "the foreign key of {table} goes, and with it everybody who uses the referenced table waits"
        );
        // For an instant, as ADD COLUMN takes it: no more than a note.
        let finding =
            context.weighed("drop-foreign-key-locks-other", &lock.relation, &why, Severity::Note, None);
        found.extend(
            finding.map(|finding| finding.advice("drop the foreign key in a short migration of its own")),
        );
    }
}
