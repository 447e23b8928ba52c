//! Indexes that are built, rebuilt and dropped.

use crate::effects::WorkKind;
use crate::grammar::{Name, NewIndex, Reindexed, Statement};
use crate::lint::judge::Context;
use crate::lint::{Finding, Severity, recipe};

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Finding>) {
    match context.statement {
        Statement::CreateIndex(index) => {
            found.extend(create(context, index).filter(|_| !index.concurrently));
            found.extend(again(context, index).filter(|_| index.if_not_exists));
        }
        Statement::DropIndex { indexes, concurrently: false } => {
            found.extend(indexes.iter().filter_map(|index| drop(context, index)));
        }
        Statement::Reindex { target, concurrently: false } => found.extend(reindex(context, target)),
        _ => {}
    }
}

fn create(context: &Context<'_>, index: &NewIndex) -> Option<Finding> {
    const RULE: &str = "require-concurrent-index-creation";
    context.work(&[WorkKind::Build])?;
    let table = context.resolve(&index.table);
    let why = "nobody can write to the table while the index is built";
    let finding = match index.method.as_deref() {
        None | Some("btree" | "hash" | "brin") => context.heavy_to_read(RULE, &table, why),
        // Some take many times as long.
        Some(_) => context.heavy(RULE, &table, why),
    }?;
    let partitioned = context.relation(&table).is_some_and(|relation| relation.kind == 'p');
    let parts = context.facts.descendants(&table);
    Some(finding.recipe(if partitioned {
        recipe::partitioned_index(index, &table, &parts)
    } else {
        recipe::concurrently(context.text, &["INDEX"])
    }))
}

/// IF NOT EXISTS is content with an index that is broken.
fn again(context: &Context<'_>, index: &NewIndex) -> Option<Finding> {
    const RULE: &str = "if-not-exists-concurrently";
    let name = index.name.as_ref()?;
    let own = Name { schema: Some(context.resolve(&index.table).schema), name: name.name.clone() };
    match context.facts.index(&own) {
        Some((_, broken)) if !broken.valid => {
            let why = "the index is there and not valid: it would be taken for done";
            let finding = Finding::new(RULE, Severity::Error, why).object(&own);
            Some(finding.recipe(recipe::rebuild(&own, context.text)))
        }
        Some(_) => None,
        None if context.facts.complete || !index.concurrently => None,
        None => {
            let why = "if an earlier build failed, its invalid index is taken for done";
            let mut finding = Finding::new(RULE, Severity::Note, why).object(&own);
            finding.exact = false;
            Some(finding.advice("look at pg_index.indisvalid, and drop what is not valid first"))
        }
    }
}

fn drop(context: &Context<'_>, index: &Name) -> Option<Finding> {
    let (table, _) = context.facts.index(index)?;
    let why = "it waits for all queries of the table, and those that come wait behind it";
    // For an instant, as ADD COLUMN takes it: no more than a note.
    let finding = context.weighed("require-concurrent-index-deletion", table, why, Severity::Note, None)?;
    Some(finding.recipe(recipe::concurrently(context.text, &["INDEX"])))
}

fn reindex(context: &Context<'_>, target: &Reindexed) -> Option<Finding> {
    let work = context.work(&[WorkKind::Build])?;
    let why = "nobody can write to the table meanwhile, and queries that look at the index wait";
    let finding = context.heavy("require-concurrent-reindex", &work.relation, why)?;
    let kind = match target {
        Reindexed::Index(_) => "INDEX",
        Reindexed::Table(_) => "TABLE",
        Reindexed::Schema(_) => "SCHEMA",
        Reindexed::Database => "DATABASE",
    };
    // REINDEX itself ends in INDEX.
    Some(finding.recipe(recipe::concurrently(context.text, &["REINDEX", kind])))
}
