//! Where each migration stands, by Django's record and by our journal, and what contradicts what.
//!
//! Knows no server and no process: both sides were read before.

use super::journal::{Row, SIGNAL};
use super::messages::{Key, Leaves, Migration, Told};
use crate::records::{ConflictRecord, MigrationRecord};
use common::error::{Class, Error};
use std::collections::HashMap;

/// How many of an app's changes are told.
const SHOWN: usize = 5;

/// Where a migration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Applied,
    Pending,
    /// It was begun.
    Partial,
    /// Taking it back was begun.
    Reverting,
    /// Another one stands in its place, or it is one that is not needed.
    Covered,
}

/// One migration.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) migration: Migration,
    pub(crate) row: Option<Row>,
    pub(crate) standing: Standing,
    /// Somebody only said that it was applied: this is not there.
    pub(crate) lacks: Vec<String>,
}

/// A contradiction, and what the exit code says of it.
#[derive(Clone, Debug)]
pub(crate) struct Conflict {
    pub(crate) class: Class,
    pub(crate) code: &'static str,
    pub(crate) record: ConflictRecord,
    /// `apply` may go on all the same.
    pub(crate) passes: bool,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Facts {
    /// In the order in which they run.
    pub(crate) entries: Vec<Entry>,
    /// Applied, and their files are gone.
    pub(crate) unknown: Vec<MigrationRecord>,
    pub(crate) conflicts: Vec<Conflict>,
    /// What is no contradiction and worth a word.
    pub(crate) warnings: Vec<(&'static str, String)>,
    /// The signal after the last migration is still owed.
    pub(crate) owes_signal: bool,
    /// The migrations that it has to tell of.
    owed: Vec<String>,
}

impl Migration {
    /// What it is called in Django, and in our records.
    pub(crate) fn version(&self) -> String {
        format!("{}.{}", self.app, self.name)
    }

    /// The same as a pair.
    pub(crate) fn key(&self) -> Key {
        (self.app.clone(), self.name.clone())
    }
}

impl Entry {
    /// Whether it is to be run.
    pub(crate) fn is_due(&self) -> bool {
        self.migration.wanted && matches!(self.standing, Standing::Pending | Standing::Partial)
    }

    /// Whether the journal knows no operation of it that is still to be done.
    fn is_whole(&self) -> bool {
        let count = self.migration.operations.len();
        let whole = |row: &Row| {
            usize::try_from(row.operations_done).unwrap_or_default() >= count
                && row.under_way.is_none()
                && row.deferred.is_empty()
        };
        self.row.as_ref().is_some_and(whole)
    }

    /// As a record.
    pub(crate) fn record(&self) -> MigrationRecord {
        let Migration { app, name, path, applied_at, operations, .. } = &self.migration;
        let state = match self.standing {
            Standing::Applied if !self.lacks.is_empty() => "faked",
            Standing::Applied => "applied",
            Standing::Pending => "pending",
            Standing::Partial => "partial",
            Standing::Reverting => "reverting",
            Standing::Covered => "covered",
        };
        let applied =
            self.row.as_ref().filter(|row| row.state == "applied" && self.standing == Standing::Applied);
        let half =
            self.row.as_ref().filter(|_| matches!(self.standing, Standing::Partial | Standing::Reverting));
        MigrationRecord {
            version: self.migration.version(),
            name: name.clone(),
            kind: "django".to_owned(),
            state: state.to_owned(),
            file: path.clone(),
            app: Some(app.clone()),
            operations: Some(operations.len() as u64),
            operations_done: half.map(|row| u64::from(row.operations_done)),
            applied_at: applied_at.clone(),
            applied_by: applied.map(|row| row.by.clone()),
            seconds: applied.and_then(|row| row.seconds),
            gate: applied.map(|row| row.gate.clone()),
            snapshot: applied.and_then(|row| row.snapshot.clone()),
            ..MigrationRecord::default()
        }
    }
}

impl Facts {
    /// Puts both sides together.
    pub(crate) fn of(told: Told, journal: &[Row]) -> Self {
        let mut rows: HashMap<&Key, &Row> = journal.iter().map(|row| (&row.key, row)).collect();
        let signal = journal.iter().find(|row| (row.key.0.as_str(), row.key.1.as_str()) == SIGNAL);
        let (owes_signal, owed) =
            (signal.is_some(), signal.map(|row| row.deferred.clone()).unwrap_or_default());
        let mut entries = Vec::with_capacity(told.migrations.len());
        for migration in told.migrations {
            let row = rows.remove(&migration.key()).cloned();
            let is_present = told.present.contains(&migration.key());
            let row = row.map(|row| if is_present { unrecorded(row, &migration) } else { row });
            let standing = standing(&migration, row.as_ref());
            let lacks = told
                .missing
                .iter()
                .find(|missing| missing.migration == migration.key())
                .map(|missing| missing.what.clone());
            entries.push(Entry { migration, row, standing, lacks: lacks.unwrap_or_default() });
        }
        let mut facts = Self {
            entries,
            unknown: Vec::new(),
            conflicts: Vec::new(),
            warnings: Vec::new(),
            owes_signal,
            owed,
        };
        for leaves in &told.leaves {
            facts.conflicts.push(two_leaves(leaves));
        }
        // What only lacks its record is no disorder: that is written again.
        let mends = |message: &String| {
            let halves =
                facts.entries.iter().filter(|entry| entry.standing == Standing::Partial && entry.is_whole());
            halves
                .map(|entry| entry.migration.version())
                .any(|version| message.contains(&format!(" dependency {version} on ")))
        };
        if let Some(message) = told.inconsistent.filter(|message| !mends(message)) {
            let hint = "apply what it depends on with manage.py migrate --fake if it is there, or take back what came too early";
            facts.conflicts.push(conflict(
                Class::Inconsistent,
                "inconsistent",
                "",
                None,
                message,
                hint.to_owned(),
            ));
        }
        facts.halves();
        facts.edited();
        facts.faked();
        for gone in &told.unknown {
            facts.gone(
                &gone.app,
                &gone.name,
                gone.installed,
                rows.get(&(gone.app.clone(), gone.name.clone())).copied(),
            );
        }
        for (app, changes) in &told.changes {
            let shown = changes.operations.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
            let more = match changes.operations.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!("; and {more} more"),
            };
            let message = format!("the models of {app} have changes without a migration: {shown}{more}");
            if changes.own {
                let hint = format!("manage.py makemigrations {app}");
                let mut found = conflict(Class::Drift, "models", app, None, message, hint);
                found.passes = true;
                facts.conflicts.push(found);
            } else {
                facts.warnings.push(("models_of_library", message));
            }
        }
        if let Some(why) = told.changes_unknown {
            let message = format!("whether models have changes without a migration cannot be told: {why}");
            facts.warnings.push(("models_unknown", message));
        }
        if let Some(why) = told.there_unknown {
            let message = format!("whether what was applied is there cannot be told: {why}");
            facts.warnings.push(("faked_unknown", message));
        }
        facts
    }

    /// What is to be run, in order.
    pub(crate) fn due(&self) -> Vec<&Entry> {
        self.entries.iter().filter(|entry| entry.is_due()).collect()
    }

    /// What was run before, and the signal behind it was never sent.
    pub(crate) fn unsaid(&self) -> Vec<&Entry> {
        let unsaid = |entry: &&Entry| {
            entry.standing == Standing::Applied && self.owed.contains(&entry.migration.version())
        };
        self.entries.iter().filter(unsaid).collect()
    }

    /// How many are not applied, wanted or not.
    pub(crate) fn pending(&self) -> usize {
        let pending = |entry: &&Entry| matches!(entry.standing, Standing::Pending | Standing::Partial);
        self.entries.iter().filter(pending).count()
    }

    /// How many are applied.
    pub(crate) fn applied(&self) -> usize {
        self.entries.iter().filter(|entry| entry.standing == Standing::Applied).count()
    }

    /// The worst of the contradictions that `counts`: what is half done first, then what came too early, conflicts and drift.
    pub(crate) fn worst(&self, counts: impl Fn(&Conflict) -> bool) -> Option<Error> {
        let rank = |class: Class| match class {
            Class::Dirty => 0,
            Class::Inconsistent => 1,
            Class::Conflict => 2,
            _ => 3,
        };
        let all: Vec<&Conflict> = self.conflicts.iter().filter(|conflict| counts(conflict)).collect();
        let worst = all.iter().min_by_key(|conflict| rank(conflict.class))?;
        let error =
            Error::new(worst.class, worst.code, worst.record.message.clone()).hint(worst.record.hint.clone());
        let more = all.len() - 1;
        Some(if more == 0 { error } else { error.cause(format!("and {more} more, each with a record")) })
    }

    /// What was left half-way.
    fn halves(&mut self) {
        for entry in &self.entries {
            let Some(row) = &entry.row else { continue };
            let version = entry.migration.version();
            let path = entry.migration.path.clone();
            let count = entry.migration.operations.len();
            let done = usize::try_from(row.operations_done).unwrap_or_default();
            let doubt = row
                .under_way
                .as_ref()
                .map(|what| format!("; it is in doubt whether this was done: {what}"))
                .unwrap_or_default();
            let found = match (row.state.as_str(), entry.migration.applied) {
                ("partial", false) if entry.is_whole() => {
                    let message = format!(
                        "{version} is applied, and Django has no record of it: a run was stopped in between, or the record was taken away"
                    );
                    ("unrecorded", message, "pgshift apply records it".to_owned())
                }
                ("partial", false) => {
                    let message =
                        format!("{version} is half applied: {done} of {count} operations are done{doubt}");
                    let hint = match entry.standing {
                        Standing::Covered => format!(
                            "what it was squashed into would run all of it again: pgshift apply --to {version} goes on with it"
                        ),
                        _ => "pgshift apply goes on with it".to_owned(),
                    };
                    ("half_applied", message, hint)
                }
                ("partial", true) => {
                    let message = format!(
                        "Django has a record of {version}, and it is half applied: {done} of {count} operations are done{doubt}"
                    );
                    let hint = format!(
                        "look which is true: apply --accept {version} if it is whole, otherwise manage.py migrate --fake it back and apply"
                    );
                    ("recorded", message, hint)
                }
                ("reverting", _) => {
                    let message =
                        format!("{version} is half taken back: {done} of {count} operations are done{doubt}");
                    ("half_reverted", message, "pgshift revert goes on with it".to_owned())
                }
                _ => continue,
            };
            let (code, message, hint) = found;
            let mut found = conflict(Class::Dirty, code, &version, Some(path), message, hint);
            let is_covered = code == "half_applied" && entry.standing == Standing::Covered;
            found.passes = code != "recorded" && code != "half_reverted" && !is_covered;
            self.conflicts.push(found);
        }
    }

    /// Files that are no longer what was applied.
    fn edited(&mut self) {
        for entry in &self.entries {
            let Some(row) = &entry.row else { continue };
            let counts = matches!(entry.standing, Standing::Applied | Standing::Partial | Standing::Covered)
                && matches!(row.state.as_str(), "applied" | "known" | "partial");
            if !counts || row.checksum == entry.migration.checksum {
                continue;
            }
            let (version, path) = (entry.migration.version(), entry.migration.path.clone());
            let message = format!("{path} is not what was applied as {version}");
            if entry.migration.own {
                let hint = format!(
                    "put the old file back and write what is new as a migration of its own, or say that it is the same with apply --accept {version}"
                );
                self.conflicts.push(conflict(Class::Drift, "edited", &version, Some(path), message, hint));
            } else {
                self.warnings.push(("edited_in_library", message));
            }
        }
    }

    /// What Django has a record of, and the database does not have.
    fn faked(&mut self) {
        let found = self
            .entries
            .iter()
            .filter(|entry| entry.standing == Standing::Applied && !entry.lacks.is_empty());
        for entry in found {
            let (version, path) = (entry.migration.version(), entry.migration.path.clone());
            let (first, more) = (entry.lacks.first().map_or("", String::as_str), entry.lacks.len() - 1);
            let others = if more == 0 { String::new() } else { format!(" and {more} more") };
            let message =
                format!("Django has a record of {version}, and what it makes is not there: {first}{others}");
            let hint = "if it never ran, take its record away (manage.py migrate --fake to the one before) and apply; otherwise bring back what was dropped";
            let mut found = conflict(Class::Drift, "faked", &version, Some(path), message, hint.to_owned());
            found.passes = true;
            self.conflicts.push(found);
        }
    }

    /// What was applied and has no file.
    fn gone(&mut self, app: &str, name: &str, installed: bool, row: Option<&Row>) {
        if row.is_some_and(|row| row.state == "retired") {
            return;
        }
        let version = format!("{app}.{name}");
        self.unknown.push(MigrationRecord {
            version: version.clone(),
            name: name.to_owned(),
            kind: "django".to_owned(),
            state: "unknown".to_owned(),
            app: Some(app.to_owned()),
            ..MigrationRecord::default()
        });
        if !installed {
            return;
        }
        let same = |entry: &&Entry| {
            entry.standing == Standing::Pending
                && row.is_some_and(|row| row.checksum == entry.migration.checksum)
        };
        if let Some(renamed) = self.entries.iter().find(same) {
            let now = renamed.migration.version();
            let message = format!("{version} was applied, and is called {now} now");
            let hint = "give the file its old name back: Django would apply it once more".to_owned();
            let path = renamed.migration.path.clone();
            self.conflicts.push(conflict(Class::Drift, "renamed", &version, Some(path), message, hint));
            return;
        }
        let message = format!("{version} was applied, and there is no such file");
        let hint = format!(
            "bring the file back (another branch may have it), or say that it is gone for good with apply --accept {version}"
        );
        let mut found = conflict(Class::Drift, "vanished", &version, None, message, hint);
        // Who never ran it here can't know that it matters.
        found.passes = row.is_none();
        self.conflicts.push(found);
    }
}

/// What the journal says was applied and what is there, without Django's record: only that is to be done.
fn unrecorded(row: Row, migration: &Migration) -> Row {
    if row.state != "applied" {
        return row;
    }
    let all = u32::try_from(migration.operations.len()).unwrap_or(u32::MAX);
    Row {
        state: "partial".to_owned(),
        operations_done: all,
        deferred: Vec::new(),
        statements_done: Vec::new(),
        under_way: None,
        ..row
    }
}

fn standing(migration: &Migration, row: Option<&Row>) -> Standing {
    let state = row.map_or("", |row| row.state.as_str());
    match (state, migration.applied, migration.in_graph) {
        ("reverting", true, _) => Standing::Reverting,
        ("partial", _, true) => Standing::Partial,
        (_, _, false) => Standing::Covered,
        (_, true, _) => Standing::Applied,
        (_, false, _) => Standing::Pending,
    }
}

fn two_leaves(leaves: &Leaves) -> Conflict {
    let branches: Vec<String> = leaves.branches.iter().map(|branch| branch.migrations.join(", ")).collect();
    let message = format!("{} has branches that nothing joins: {}", leaves.app, branches.join(" | "));
    let hint = match &leaves.overlap {
        None => "they touch different things: pgshift new --merge joins them; or rebase one behind the other"
            .to_owned(),
        Some(why) => format!("rebase one branch behind the other and regenerate it: {why}"),
    };
    conflict(Class::Conflict, "leaves", &leaves.app, None, message, hint)
}

fn conflict(
    class: Class,
    code: &'static str,
    version: &str,
    file: Option<String>,
    message: String,
    hint: String,
) -> Conflict {
    let record = ConflictRecord {
        conflict: code.to_owned(),
        version: version.to_owned(),
        kind: "django".to_owned(),
        file,
        message,
        hint,
    };
    Conflict { class, code, record, passes: false }
}
