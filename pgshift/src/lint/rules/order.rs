//! Statements that are harmless alone, and not behind those before them in the same transaction.

use crate::effects::{Work, WorkKind};
use crate::grammar::{Action, Statement};
use crate::lint::judge::{Context, Weight};
use crate::lint::{Finding, Severity};

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Finding>) {
    if !context.story.in_transaction {
        return;
    }
    if let Some(what) = context.effects.alone.filter(|_| context.story.explicit) {
        let why = format!("{what} cannot run in a transaction, and the file has begun one: it fails");
        found.push(Finding::new("ban-concurrent-index-creation-in-transaction", Severity::Error, why));
    }
    found.extend(behind_a_lock(context));
    found.extend(enum_value(context));
    if let Statement::AlterTable { table, actions } = context.statement {
        let table = context.resolve(table);
        for action in actions {
            let Action::ValidateConstraint(name) = action else { continue };
            if context.story.added.iter().any(|(of, added)| *of == table && added == name) {
                let why = "the lock of the ADD is held while the table is read: NOT VALID was for nothing";
                let finding = context.heavy_to_read("validate-in-same-transaction", &table, why);
                found.extend(finding.map(|finding| finding.advice("validate it in a migration of its own")));
            }
        }
        if context.story.changed.contains(&table) {
            let why = "its rows were changed in the same transaction: that is held up while it is altered, and fails when \
                       deferred constraints wait for its end";
            found.extend(mixed(context, &table, why));
        }
    }
    if let Statement::Update { table, .. } | Statement::Delete { table, .. } = context.statement {
        let table = context.resolve(table);
        if context.story.held.iter().any(|(held, mode)| *held == table && mode.blocks_reads()) {
            found.extend(mixed(context, &table, "nobody can use the table while its rows are changed"));
        }
    }
}

fn mixed(context: &Context<'_>, table: &common::name::QualifiedName, why: &str) -> Option<Finding> {
    const RULE: &str = "data-and-schema-in-one-transaction";
    let finding = context.weighed(RULE, table, why, Severity::Error, Some(Severity::Warning))?;
    Some(finding.advice("change rows in a migration of their own"))
}

/// Long work while an earlier lock stops everybody.
fn behind_a_lock(context: &Context<'_>) -> Option<Finding> {
    let (held, mode) = context.story.holds(|table| context.weight(table))?;
    // Its own lock on the same table is another rule's.
    let own = |work: &Work| work.relation == *held && context.mode_on(held) == Some(*mode);
    let long = |work: &&Work| {
        let weight = match work.kind {
            WorkKind::Change => return false,
            WorkKind::Rewrite => context.weight(&work.relation),
            WorkKind::Scan | WorkKind::Build => context.weight_to_read(&work.relation),
        };
        !own(work) && weight == Weight::Heavy
    };
    let work = context.effects.work.iter().find(long)?;
    let why = format!(
        "an earlier statement holds {mode} on {held} until the end of the transaction, so long as this takes"
    );
    let mut finding =
        Finding::new("statements-after-exclusive-lock", Severity::Warning, why).object(held).lock(*mode);
    finding.size = work.size;
    Some(finding.advice("put it into a migration of its own"))
}

/// A new value of an enum is unsafe to use before it is committed.
fn enum_value(context: &Context<'_>) -> Option<Finding> {
    let used =
        context.story.values.iter().find(|value| context.text.contains(&common::name::literal(value)))?;
    if matches!(context.statement, Statement::AddEnumValue { .. }) {
        return None;
    }
    let why = format!(
        "the value {} was added in this transaction and cannot be used before it ends: it fails",
        common::name::literal(used)
    );
    let finding = Finding::new("enum-value-in-same-transaction", Severity::Error, why);
    Some(finding.advice("add the value in a migration of its own, before this one"))
}
