//! Our own: `0001_name.sql`, and `0001_name.down.sql` when it can be taken back.
//!
//! `0001_name.baseline.sql` stands for all up to its number where nothing was applied yet; `squash` makes it.
//!
//! The order is that of the numbers; timestamps are numbers. A first line `-- no-transaction` or, in the head of a file,
//! `-- pgshift: no-transaction` asks for no transaction.

use super::pairs::{self, Part};
use super::{Asked, Baseline, Convention, Fit, Found, NextMigration};
use crate::source::directory::Directory;
use crate::source::placeholders::Placeholders;
use crate::source::{Migration, MigrationKind, Script, order};
use common::error::Result;

pub(super) struct Plain;

/// What stands before `.sql` in the name of a file that stands for all up to its version.
pub(super) const BASELINE: &str = ".baseline";

fn part(name: &str) -> Option<Part<'_>> {
    let stem = name.strip_suffix(".sql")?;
    if stem.strip_suffix(".up").is_some() {
        return None;
    }
    let (stem, baseline) = stem.strip_suffix(BASELINE).map_or((stem, false), |stem| (stem, true));
    let (stem, down) = stem.strip_suffix(".down").map_or((stem, false), |stem| (stem, true));
    let (version, name) = order::numbered(stem)?;
    Some(Part { version, name, down: down && !baseline, baseline })
}

impl Convention for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn fit(&self, directory: &Directory) -> Result<Option<Fit>> {
        let applies = |name: &str| part(name).is_some_and(|part| !part.down);
        if !directory.sql().any(|file| applies(&file.name)) {
            return Ok(None);
        }
        Ok(Fit::names(directory, "0001_name.sql", |name| part(name).is_some()))
    }

    fn read(&self, directory: &Directory, _: &Placeholders) -> Result<Found> {
        let mut found = pairs::read(directory, part, |file| {
            let asked = file.text()?.starts_with(b"-- no-transaction");
            Ok(Script::whole(file)?.without_transaction(asked))
        })?;
        // Before those that it stands for last.
        found.migrations.sort_by(|one, other| {
            let later = |migration: &Migration| migration.kind == MigrationKind::Versioned;
            order::numeric(&one.version, &other.version).then_with(|| later(one).cmp(&later(other)))
        });
        Ok(found)
    }

    fn next(&self, asked: &Asked<'_>) -> Result<NextMigration> {
        // An empty script takes nothing back: it is made only where people write them.
        let pairs = asked.found.migrations.iter().any(|migration| migration.down.is_some());
        let both = [(".sql", "up", ""), (".down.sql", "down", "")];
        Ok(asked.numbered("0001", if pairs { &both } else { &[(".sql", "up", "")] }))
    }

    fn baseline(&self, last: &Migration, name: &str) -> Option<Baseline> {
        Baseline::numbered(last, name, &format!("{BASELINE}.sql"))
    }
}
