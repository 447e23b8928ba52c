//! The rules: what each is called, whether it is on, and what it finds.

mod columns;
mod constraints;
mod data;
mod indexes;
mod order;
mod partitions;
mod relations;

use super::Finding;
use super::judge::Context;
use crate::grammar;
use common::error::{Error, Result};
use std::collections::BTreeSet;

/// A rule as `--rules` lists it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) usual: bool,
    pub(crate) about: &'static str,
}

const fn rule(name: &'static str, about: &'static str) -> Rule {
    Rule { name, usual: true, about }
}

/// Ours. Where squawk has a rule for the same, it has the same name.
const OURS: &[Rule] = &[
    rule(
        "adding-field-with-default",
        "a new column that gives each row a value of its own writes the table anew",
    ),
    rule(
        "adding-foreign-key-constraint",
        "a foreign key that is checked at once stops writes to both tables",
    ),
    rule("adding-not-nullable-field", "SET NOT NULL reads the table while nobody can use it"),
    rule(
        "adding-required-field",
        "a new column that is NOT NULL and has no default fails when there are rows",
    ),
    rule("adding-serial-primary-key-field", "a primary key builds its index while nobody can use the table"),
    rule("attach-partition-without-check", "without a valid CHECK, the partition is read while it is locked"),
    rule("ban-concurrent-index-creation-in-transaction", "what cannot run in a transaction fails in one"),
    rule("ban-drop-column", "code that is still running uses the column"),
    rule("ban-drop-table", "code that is still running uses the table"),
    rule("ban-truncate-cascade", "TRUNCATE … CASCADE empties tables that it does not name"),
    rule("changing-column-type", "most changes of type write the table anew"),
    rule(
        "constraint-missing-not-valid",
        "a constraint that is checked at once stops reads and writes meanwhile",
    ),
    rule("create-trigger-lock", "CREATE TRIGGER waits for all writes, and stops new ones"),
    rule("data-and-schema-in-one-transaction", "changed rows and a changed table in one transaction"),
    rule(
        "disallowed-unique-constraint",
        "a unique constraint builds its index while nobody can use the table",
    ),
    rule("django-content-type", "get_for_model on a model of a migration gives what that model refuses"),
    rule("django-data-and-schema", "RunPython or changes of rows in one transaction with changes of tables"),
    rule("django-delete-model", "code that is still running uses the model"),
    rule("django-imported-model", "models of today in a migration, which has to work when they have changed"),
    rule("django-index", "an index that is built while nobody can write to the table"),
    rule("django-irreversible", "RunPython or RunSQL without a way back"),
    rule("django-long-transaction", "RunPython over a large table in one transaction"),
    rule(
        "django-narrowed-field",
        "code that is still running writes NULL, or leaves the value to the database",
    ),
    rule("django-remove-field", "code that is still running uses the field"),
    rule("django-rename", "code that is still running uses the old name"),
    rule("django-required-field", "code that is still running inserts rows without the new field"),
    rule("django-unbatched", "RunPython that loads or changes all rows of a large table at once"),
    rule("drop-foreign-key-locks-other", "a foreign key that goes locks the referenced table as well"),
    rule("enum-value-in-same-transaction", "a new value of an enum cannot be used before COMMIT"),
    rule("exclusion-constraint", "an exclusion constraint builds its index while nobody can use the table"),
    rule(
        "foreign-key-without-index",
        "without an index, deletes from the referenced table read all of this one",
    ),
    rule(
        "if-not-exists-concurrently",
        "IF NOT EXISTS takes an index for done that a failed build has left behind",
    ),
    rule("ignore-without-reason", "a finding was silenced, and nobody said why"),
    rule("lock-table", "LOCK TABLE stops others until the end of the transaction"),
    rule("partition-of-locks-parent", "CREATE TABLE … PARTITION OF locks the whole parent; ATTACH does not"),
    rule("refresh-materialized-view", "without CONCURRENTLY, nobody can read the view meanwhile"),
    rule("renaming-column", "code that is still running uses the old name"),
    rule("renaming-table", "code that is still running uses the old name"),
    rule("require-concurrent-index-creation", "CREATE INDEX stops writes meanwhile"),
    rule(
        "require-concurrent-index-deletion",
        "DROP INDEX waits for all that use the table, and stops new ones",
    ),
    rule("require-concurrent-partition-detach", "DETACH PARTITION locks the whole parent"),
    rule("require-concurrent-reindex", "REINDEX stops writes, and most reads"),
    rule("statements-after-exclusive-lock", "long work while an earlier statement's lock stops everybody"),
    rule("table-rewrite", "the table is written anew while nobody can use it"),
    rule("vacuum-full", "VACUUM FULL and CLUSTER write the table anew while nobody can use it"),
    rule("validate-in-same-transaction", "VALIDATE in the transaction of its ADD keeps the lock of the ADD"),
    rule("whole-table-change", "UPDATE or DELETE of all rows in one transaction"),
    Rule { name: "opaque-statement", usual: false, about: "what the statement does cannot be told" },
];

/// All rules, by name.
pub(crate) fn catalogue() -> Vec<Rule> {
    let squawk = grammar::rules().iter().map(|(name, usual)| Rule {
        name,
        usual: *usual,
        about: "a rule of squawk's",
    });
    let mut all: Vec<Rule> = OURS.iter().copied().chain(squawk).collect();
    all.sort_by_key(|rule| rule.name);
    all
}

/// The rules that are on.
#[derive(Clone, Debug)]
pub(crate) struct Choice(BTreeSet<String>);

impl Choice {
    /// The usual ones, with `more` and without `fewer`.
    pub(crate) fn new(more: &[String], fewer: &[String]) -> Result<Self> {
        let all = catalogue();
        for name in more.iter().chain(fewer) {
            if !all.iter().any(|rule| rule.name == name) {
                let error = Error::usage(format!("there is no rule {name}"));
                return Err(error.hint("`pgshift lint --rules` lists them"));
            }
        }
        let usual = all.iter().filter(|rule| rule.usual).map(|rule| rule.name.to_owned());
        Ok(Self(usual.chain(more.iter().cloned()).filter(|name| !fewer.contains(name)).collect()))
    }

    pub(crate) fn wants(&self, rule: &str) -> bool {
        self.0.contains(rule)
    }

    pub(crate) fn names(&self) -> &BTreeSet<String> {
        &self.0
    }
}

/// What all rules say of a statement.
pub(super) fn all(context: &Context<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    indexes::check(context, &mut found);
    constraints::check(context, &mut found);
    columns::check(context, &mut found);
    partitions::check(context, &mut found);
    relations::check(context, &mut found);
    data::check(context, &mut found);
    order::check(context, &mut found);
    found
}
