//! Partitions that come and go.

use crate::effects::WorkKind;
use crate::grammar::{Action, Mode, Statement};
use crate::lint::judge::Context;
use crate::lint::{Finding, recipe};

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Finding>) {
    match context.statement {
        Statement::CreateTable(table) => {
            let Some(parent) = &table.partition_of else { return };
            let parent = context.resolve(parent);
            read(context, "partition-of-locks-parent", &format!("{parent} gets a partition"), found);
            let why =
                "the whole table is locked for it; ATTACH PARTITION of a table of its own locks it weakly";
            let finding = context.brief("partition-of-locks-parent", &parent, why);
            found.extend(finding.map(|finding| finding.recipe(recipe::partition(&parent, &table.name))));
        }
        Statement::AlterTable { table, actions } => {
            let parent = context.resolve(table);
            for action in actions {
                match action {
                    Action::AttachPartition { child, .. } => {
                        let before = found.len();
                        read(context, "attach-partition-without-check", "it is attached", found);
                        let child = context.resolve(child);
                        if let Some(finding) = found.get_mut(before..).and_then(<[Finding]>::first_mut) {
                            finding.recipe = Some(recipe::attach(&parent, &child));
                        }
                    }
                    Action::DetachPartition { concurrently: false, finalize: false, .. } => {
                        let why = "everybody who uses the table waits, and it waits for them";
                        let Some(finding) =
                            context.brief("require-concurrent-partition-detach", &parent, why)
                        else {
                            continue;
                        };
                        let old = context.facts.major.is_some_and(|major| major < 14);
                        found.push(if old || context.facts.default_partition(&parent).is_some() {
                            finding.advice(
                                "CONCURRENTLY needs PostgreSQL 14 and a table without a default partition",
                            )
                        } else {
                            let text = context.text.split_whitespace().collect::<Vec<_>>().join(" ");
                            finding.recipe(format!(
                                "-- in a migration without a transaction:\n{text} CONCURRENTLY;"
                            ))
                        });
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Tables that are read while they are locked.
fn read(context: &Context<'_>, rule: &str, what: &str, found: &mut Vec<Finding>) {
    let scanned =
        context.effects.work.iter().filter(|work| matches!(work.kind, WorkKind::Scan | WorkKind::Build));
    for work in scanned.filter(|work| context.mode_on(&work.relation).is_some_and(Mode::blocks_reads)) {
        let why = format!("{what}, and all of this table is read while nobody can use it");
        found.extend(context.heavy_to_read(rule, &work.relation, &why));
    }
}
