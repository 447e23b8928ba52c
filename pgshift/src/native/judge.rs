//! What of a directory another tool's history says was applied, and where the two contradict each other.

use super::{Past, Row, Tool};
use crate::source::{self, Migration};
use common::error::Result;
use std::collections::HashSet;

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// What was applied.
    pub(crate) applied: Vec<Adopted>,
    /// What contradicts.
    pub(crate) conflicts: Vec<Conflict>,
}

/// A migration that was applied.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Adopted {
    /// Which, in the order of the source.
    pub(crate) index: usize,
    /// How sure it is.
    pub(crate) proof: Proof,
    /// When it was applied, as the server shows it.
    pub(crate) at: Option<String>,
}

/// How sure it is that the file is what was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The tool's checksum is the file's.
    Checksum,
    /// The tool wrote its version down, and nothing else.
    Version,
    /// It lies before a version up to which everything counts as applied.
    Floor,
    /// Somebody said so.
    Accepted,
}

impl Proof {
    /// The word in records.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Checksum => "checksum",
            Self::Version => "version",
            Self::Floor => "before",
            Self::Accepted => "accepted",
        }
    }
}

/// A contradiction.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Conflict {
    /// `vanished`, `edited`.
    pub(crate) kind: &'static str,
    /// The migration, in the order of the source, unless it has no file.
    pub(crate) index: Option<usize>,
    /// The migration's version; as the tool has it where there is no file.
    pub(crate) version: String,
    /// For people.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: String,
}

/// Compares what is there with what was.
pub(crate) fn judge(tool: &dyn Tool, migrations: &[Migration], past: &Past) -> Result<Judgement> {
    let checksums = tool.checksums(migrations)?;
    let mut judgement = Judgement::default();
    let mut seen: Vec<&Row> = Vec::new();
    for (index, (migration, own)) in migrations.iter().zip(&checksums).enumerate() {
        let key = tool.key(migration);
        let row = past.rows.iter().find(|row| row.is_of(&key));
        seen.extend(row);
        let at = row.and_then(|row| row.at.clone());
        let reached = past.floor.as_deref().is_some_and(|floor| tool.reaches(floor, migration));
        let proof = match row.map(|row| (&row.checksum, own.as_slice())) {
            // A baseline says that a version is there, not what its file was.
            None if reached => Proof::Floor,
            None => continue,
            Some((Some(told), own @ [_, ..])) if own.contains(told) => Proof::Checksum,
            // The tool ran the last of the files that it stands for.
            Some(_) if !source::replaced(migration).is_empty() => Proof::Version,
            Some((Some(told), [found, ..])) => {
                judgement.conflicts.push(edited(index, migration, told, found));
                continue;
            }
            Some(_) => Proof::Version,
        };
        judgement.applied.push(Adopted { index, proof, at });
    }
    let lost = past.rows.iter().filter(|row| !seen.iter().any(|other| other.key == row.key));
    let replaced: HashSet<&str> = migrations.iter().flat_map(source::replaced).collect();
    let lost = lost.filter(|row| !replaced.contains(row.key.as_str()));
    judgement.conflicts.extend(lost.filter(|row| Some(&row.key) != past.floor.as_ref()).map(vanished));
    Ok(judgement)
}

fn edited(index: usize, migration: &Migration, told: &str, found: &str) -> Conflict {
    Conflict {
        kind: "edited",
        index: Some(index),
        version: migration.version.clone(),
        message: format!(
            "{} is not what was applied: its checksum is {found}, that of what was applied is {told}",
            migration.up.path.display()
        ),
        hint: "bring the file back as it was, or say with --accept VERSION that it does the same".to_owned(),
    }
}

fn vanished(row: &Row) -> Conflict {
    Conflict {
        kind: "vanished",
        index: None,
        version: row.key.clone(),
        message: format!("{} was applied, and has no file", row.shown),
        hint: "bring the file back, or say with --accept VERSION that it may be gone".to_owned(),
    }
}
