//! Columns that come, change and go.

use crate::effects::WorkKind;
use crate::grammar::{Action, Column, Filling, Statement};
use crate::lint::judge::{Context, Weight};
use crate::lint::{Finding, Severity, recipe};
use common::name::{QualifiedName, ident};

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Finding>) {
    let Statement::AlterTable { table, actions } = context.statement else { return };
    let table = context.resolve(table);
    for action in actions.iter().filter(|action| !context.facts.is_done(&table, action)) {
        found.extend(match action {
            Action::AddColumn { column, .. } => add(context, &table, column),
            Action::SetType { column, to, .. } => retype(context, &table, column, to),
            Action::SetExpression(_) | Action::Rewrite(_) => rewrite(context, &table),
            Action::DropColumn(column) => drop(context, &table, column),
            Action::RenameColumn { from, to } => rename(context, &table, from, to),
            _ => None,
        });
    }
}

fn add(context: &Context<'_>, table: &QualifiedName, column: &Column) -> Option<Finding> {
    if let Filling::Volatile(what) = column.default {
        let why = format!(
            "{what} gives each row a value of its own: the table is written anew while nobody can use it"
        );
        let finding = context.heavy("adding-field-with-default", table, &why)?;
        let default = what
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter == '_' || letter.is_ascii_digit());
        let default = default.then(|| format!("{what}()"));
        let type_name = match column.type_name.as_str() {
            "bigserial" | "serial8" => "bigint",
            "serial" | "serial4" => "integer",
            "smallserial" | "serial2" => "smallint",
            other => other,
        };
        return Some(finding.recipe(recipe::fill_later(table, &column.name, type_name, default.as_deref())));
    }
    if column.not_null && column.default == Filling::Nothing {
        let size = context.facts.size(table);
        // A page is what the index of the values that are stored apart takes, even when there are none.
        let pages = size.bytes.unwrap_or_default() / 8192;
        let empty = context.facts.is_fresh(table) || size.rows == Some(0) && pages <= 1;
        if empty {
            return None;
        }
        let exact = context.weight(table) != Weight::Unknown;
        let severity = if exact { Severity::Error } else { Severity::Warning };
        let why = "the rows that are there have no value for it: it fails";
        let mut finding = Finding::new("adding-required-field", severity, why).object(table);
        (finding.exact, finding.size) = (exact, size);
        let not_null = recipe::not_null(table, &column.name, context.facts.major);
        let first = recipe::fill_later(table, &column.name, &column.type_name, None);
        return Some(finding.recipe(format!("{first}\n{not_null}")));
    }
    None
}

fn retype(context: &Context<'_>, table: &QualifiedName, column: &str, to: &str) -> Option<Finding> {
    const RULE: &str = "changing-column-type";
    let work = context.work(&[WorkKind::Rewrite, WorkKind::Build, WorkKind::Scan])?;
    let why = match work.kind {
        WorkKind::Rewrite => "the table is written anew while nobody can use it",
        _ => "indexes or checks of the column are made anew while nobody can use the table",
    };
    let finding = match work.kind {
        WorkKind::Rewrite => context.heavy(RULE, table, why),
        _ => context.heavy_to_read(RULE, table, why),
    }?;
    Some(finding.recipe(recipe::new_column(table, column, to)))
}

fn rewrite(context: &Context<'_>, table: &QualifiedName) -> Option<Finding> {
    let finding =
        context.heavy("table-rewrite", table, "the table is written anew while nobody can use it")?;
    Some(finding.advice("plan a window for it, or copy the rows into a new table in batches"))
}

fn drop(context: &Context<'_>, table: &QualifiedName, column: &str) -> Option<Finding> {
    let why = format!("code that is still running and names {} fails", ident(column));
    let finding = context.brief("ban-drop-column", table, &why)?;
    Some(finding.advice("first release code that does not use it (and DROP NOT NULL), then drop it"))
}

fn rename(context: &Context<'_>, table: &QualifiedName, from: &str, to: &str) -> Option<Finding> {
    let why = format!("code that is still running and names {} fails", ident(from));
    let finding =
        context.weighed("renaming-column", table, &why, Severity::Warning, Some(Severity::Warning))?;
    let known = context
        .relation(table)
        .and_then(|relation| relation.columns.iter().find(|column| column.name == from));
    let type_name = known.map_or("…", |column| column.type_name.as_str());
    let (from, to) = (ident(from), ident(to));
    Some(finding.recipe(format!(
        "ALTER TABLE {table} ADD COLUMN {to} {type_name};\n\
         -- keep both equal by a trigger, fill the new one in batches, release code that uses it, then:\n\
         ALTER TABLE {table} DROP COLUMN {from};"
    )))
}
