//! Rows that are changed and removed.

use crate::effects::WorkKind;
use crate::grammar::Statement;
use crate::lint::judge::Context;
use crate::lint::{Finding, Severity, recipe};

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Finding>) {
    match context.statement {
        Statement::Update { .. } | Statement::Delete { .. } => {
            if let Some(work) = context.work(&[WorkKind::Change]) {
                let why = "all rows are changed in one transaction: their locks, their old versions and the lag of replicas \
                           stay until its end";
                let finding = context.heavy("whole-table-change", &work.relation, why);
                found.extend(
                    finding.map(|finding| finding.recipe(recipe::batches(&work.relation, context.text))),
                );
            }
        }
        Statement::Truncate { tables, cascade: true } => {
            let named: Vec<_> = tables.iter().map(|table| context.resolve(table)).collect();
            let others = context.effects.locks.iter().map(|lock| &lock.relation);
            let others = others.filter(|other| !named.contains(other) && context.relation(other).is_some());
            let losing: Vec<_> = others.filter(|other| context.facts.size(other).rows != Some(0)).collect();
            if let Some(first) = losing.first() {
                let others: Vec<String> = losing.iter().map(ToString::to_string).collect();
                let why = format!("it empties {} as well", others.join(", "));
                let mut finding = Finding::new("ban-truncate-cascade", Severity::Error, why).object(first);
                finding.size = context.facts.size(first);
                found.push(finding.advice("name all tables that are meant, without CASCADE"));
            } else if !context.facts.complete && named.iter().any(|table| !context.facts.is_fresh(table)) {
                let why = "it empties all tables that reference these as well";
                let mut finding = Finding::new("ban-truncate-cascade", Severity::Warning, why);
                finding.exact = false;
                found.push(finding.advice("name all tables that are meant, without CASCADE"));
            }
        }
        _ => {}
    }
}
