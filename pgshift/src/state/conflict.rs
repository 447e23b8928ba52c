//! Contradictions between the files and the history; each with what to do about it.

use super::{Entry, Phase};
use crate::history::{Applied, Standing};
use crate::script;
use crate::source::{self, MigrationKind};
use common::error::{Class, Error};
use std::collections::HashSet;

/// What contradicts what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ConflictKind {
    /// A file that was applied has other statements now.
    Edited,
    /// A file that was applied is gone.
    Vanished,
    /// A lower version came after a higher one was applied.
    Late,
    /// A migration was left half-way.
    HalfApplied,
    /// Taking a migration back was left half-way.
    HalfReverted,
}

/// A contradiction.
#[derive(Clone, Debug)]
pub(crate) struct Conflict {
    /// What contradicts what.
    pub(crate) kind: ConflictKind,
    /// The migration's version.
    pub(crate) version: String,
    /// The migration's kind.
    pub(crate) of: MigrationKind,
    /// Its file, unless it vanished.
    pub(crate) file: Option<String>,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: String,
}

impl ConflictKind {
    /// The word in records.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Vanished => "vanished",
            Self::Late => "late",
            Self::HalfApplied => "half_applied",
            Self::HalfReverted => "half_reverted",
        }
    }

    /// What the exit code says of it.
    pub(crate) fn class(self) -> Class {
        match self {
            Self::Edited | Self::Vanished => Class::Drift,
            Self::Late => Class::Conflict,
            Self::HalfApplied | Self::HalfReverted => Class::Dirty,
        }
    }
}

impl Conflict {
    /// As an error that ends the run.
    pub(crate) fn error(&self) -> Error {
        Error::new(self.kind.class(), self.kind.word(), self.message.clone()).hint(self.hint.clone())
    }
}

/// All contradictions, in the order of the files.
pub(super) fn find(entries: &[Entry<'_>], history: &[Applied]) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    let last = entries
        .iter()
        .rposition(|entry| entry.phase == Phase::Applied && entry.migration.kind == MigrationKind::Versioned);
    for (index, entry) in entries.iter().enumerate() {
        let versioned = entry.migration.kind == MigrationKind::Versioned;
        match entry.phase {
            Phase::Pending if versioned && last.is_some_and(|last| index < last) => {
                let after = last.and_then(|last| entries.get(last));
                conflicts.push(late(entry, after));
            }
            Phase::Applied => conflicts.extend(edited(entry)),
            Phase::Partial => conflicts.push(half_applied(entry)),
            Phase::Reverting => conflicts.push(half_reverted(entry)),
            _ => {}
        }
    }
    let seen: HashSet<_> =
        entries.iter().map(|entry| (entry.migration.kind, entry.migration.version.as_str())).collect();
    let baselines = entries.iter().filter(|entry| entry.migration.kind == MigrationKind::Baseline);
    let replaced: HashSet<&str> =
        baselines.clone().flat_map(|baseline| source::replaced(baseline.migration)).collect();
    conflicts.extend(baselines.filter_map(|baseline| behind(baseline, &seen, history)));
    let gone = |row: &&Applied| {
        matches!(row.standing, Standing::Applied | Standing::Partial | Standing::Reverting)
            && row.kind != MigrationKind::Repeatable
            && !seen.contains(&(row.kind, row.version.as_str()))
            && !replaced.contains(row.version.as_str())
    };
    conflicts.extend(history.iter().filter(gone).map(vanished));
    conflicts
}

/// A database that lacks some of what a baseline stands for, and of which the files are gone.
fn behind(
    baseline: &Entry<'_>,
    seen: &HashSet<(MigrationKind, &str)>,
    history: &[Applied],
) -> Option<Conflict> {
    if baseline.phase != Phase::Covered {
        return None;
    }
    let applied =
        |version: &str| history.iter().any(|row| row.version == version && row.standing == Standing::Applied);
    let stands_for_itself = applied(&baseline.migration.version);
    let lost = source::replaced(baseline.migration).into_iter().find(|version| {
        !stands_for_itself && !applied(version) && !seen.contains(&(MigrationKind::Versioned, version))
    })?;
    let path = baseline.migration.up.path.display();
    let message = format!("version {lost} is not applied here, and its file became a part of {path}");
    let hint =
        "bring back the files from before the squash, apply them here, and remove them again".to_owned();
    Some(conflict(ConflictKind::Vanished, baseline, message, hint))
}

fn conflict(kind: ConflictKind, entry: &Entry<'_>, message: String, hint: String) -> Conflict {
    let migration = entry.migration;
    Conflict {
        kind,
        version: migration.version.clone(),
        of: migration.kind,
        file: Some(migration.up.path.display().to_string()),
        message,
        hint,
    }
}

fn late(entry: &Entry<'_>, after: Option<&Entry<'_>>) -> Conflict {
    let version = &entry.migration.version;
    let after = after.map(|after| after.migration.version.as_str()).unwrap_or_default();
    let message = format!("version {version} came after version {after} was applied");
    let hint = "give it a version behind the last one, or apply it out of order with --allow-late".to_owned();
    conflict(ConflictKind::Late, entry, message, hint)
}

fn edited(entry: &Entry<'_>) -> Option<Conflict> {
    let row = entry.row.filter(|row| row.standing == Standing::Applied && row.checksum != entry.checksum)?;
    let path = entry.migration.up.path.display();
    let message =
        format!("{path} has other statements than those that were applied as version {}", row.version);
    let hint = format!(
        "put the old file back and write what is new as a migration of its own, or say that it is the same with apply --accept {}",
        row.version
    );
    Some(conflict(ConflictKind::Edited, entry, message, hint))
}

fn half_applied(entry: &Entry<'_>) -> Conflict {
    let path = entry.migration.up.path.display();
    let (done, under_way) = entry.row.map_or((0, None), |row| (row.done, row.under_way));
    let changed = entry.row.is_some_and(|row| {
        script::of_first(&entry.parsed, usize::try_from(done).unwrap_or_default()) != row.done_checksum
    });
    let statements = entry.parsed.statements.len();
    if changed {
        let message = format!(
            "{path} is half applied, and its first {done} statements are no longer those that were applied"
        );
        let hint = "put these statements back as they were; what follows them may change".to_owned();
        return Conflict {
            kind: ConflictKind::Edited,
            ..conflict(ConflictKind::Edited, entry, message, hint)
        };
    }
    let doubt = under_way
        .and_then(|number| entry.parsed.statements.iter().find(|statement| statement.number == number))
        .map(|statement| (statement.number, entry.parsed.place(statement)));
    let so_far = format!("{path} is half applied: {done} of {statements} statements are done");
    let (message, hint) = match doubt {
        None => (so_far, "apply goes on with the next one"),
        Some((number, place)) => (
            format!("{so_far}, and it is in doubt whether statement {number} is ({place})"),
            "apply goes on there when the catalogs tell; otherwise look, and say --resume done or --resume again",
        ),
    };
    conflict(ConflictKind::HalfApplied, entry, message, hint.to_owned())
}

fn half_reverted(entry: &Entry<'_>) -> Conflict {
    let done = entry.row.map_or(0, |row| row.done);
    let message = format!(
        "version {} is half reverted: {done} statements of its down script are done",
        entry.migration.version
    );
    conflict(ConflictKind::HalfReverted, entry, message, "revert goes on with the next one".to_owned())
}

fn vanished(row: &Applied) -> Conflict {
    let how = if row.standing == Standing::Partial { "half applied" } else { "applied" };
    Conflict {
        kind: ConflictKind::Vanished,
        version: row.version.clone(),
        of: row.kind,
        file: None,
        message: format!("version {} ({}) is {how}, and its file is gone", row.version, row.name),
        hint: format!(
            "bring the file back, or say that it has gone for good with apply --accept {}",
            row.version
        ),
    }
}
