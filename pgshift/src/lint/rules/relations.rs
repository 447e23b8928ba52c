//! Tables, views and triggers.

use crate::effects::WorkKind;
use crate::grammar::{Action, Statement};
use crate::lint::judge::Context;
use crate::lint::{Finding, Severity, recipe};

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Finding>) {
    match context.statement {
        Statement::DropTable { tables, .. } => {
            for table in tables {
                let why = "code that is still running and uses it fails, and its rows are gone";
                let finding = context.brief("ban-drop-table", &context.resolve(table), why);
                found.extend(
                    finding
                        .map(|finding| finding.advice("rename it first, and drop it when nobody missed it")),
                );
            }
        }
        Statement::AlterTable { table, actions } => {
            let table = context.resolve(table);
            for action in actions {
                let Action::RenameTable(to) = action else { continue };
                let stays = context.later.iter().any(|(_, later)| {
                    matches!(later, Statement::CreateView { name, .. } if context.resolve(name) == table)
                });
                if stays {
                    continue;
                }
                let why = "code that is still running and uses the old name fails";
                let finding = context.weighed(
                    "renaming-table",
                    &table,
                    why,
                    Severity::Warning,
                    Some(Severity::Warning),
                );
                found.extend(finding.map(|finding| finding.recipe(recipe::renamed_table(&table, to))));
            }
        }
        Statement::CreateTrigger { table, .. } => {
            // For an instant, and weaker than what ADD COLUMN takes: no more than a note.
            let why = "it waits for all that write to the table, and those that come wait behind it";
            let table = context.resolve(table);
            found.extend(context.weighed("create-trigger-lock", &table, why, Severity::Note, None));
        }
        Statement::Refresh { view, concurrently: false, data: true } => {
            let view = context.resolve(view);
            let why = "nobody can read the view meanwhile";
            let Some(finding) = context.weighed(
                "refresh-materialized-view",
                &view,
                why,
                Severity::Warning,
                Some(Severity::Warning),
            ) else {
                return;
            };
            let unique = context.relation(&view).is_none_or(|relation| {
                relation
                    .indexes
                    .iter()
                    .any(|index| index.unique && index.valid && !index.partial && index.uses.is_empty())
            });
            found.push(if unique {
                finding.recipe(format!("REFRESH MATERIALIZED VIEW CONCURRENTLY {view};"))
            } else {
                finding.advice("CONCURRENTLY needs a unique index on columns of the view")
            });
        }
        Statement::Vacuum { full: true, .. } | Statement::Cluster { .. } => {
            if let Some(work) = context.work(&[WorkKind::Rewrite]) {
                let why = "the table is written anew while nobody can use it";
                let finding = context.heavy("vacuum-full", &work.relation, why);
                found.extend(
                    finding.map(|finding| finding.advice("plain VACUUM makes its space usable again")),
                );
            }
        }
        Statement::Lock { tables, mode } if mode.blocks_writes() => {
            for table in tables {
                let why = "others wait until the end of the transaction";
                let table = context.resolve(table);
                found.extend(context.weighed(
                    "lock-table",
                    &table,
                    why,
                    Severity::Warning,
                    Some(Severity::Warning),
                ));
            }
        }
        _ => {}
    }
    if let Some(what) = &context.effects.unknown {
        found.push(Finding::new("opaque-statement", Severity::Note, format!("nobody can tell {what}")));
    }
}
