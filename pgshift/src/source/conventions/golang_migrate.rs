//! golang-migrate: `1_title.up.sql` and `1_title.down.sql`.
//!
//! The order is that of the numbers. There are no directives. Its tool takes files for other databases, such as
//! `1_title.up.json`, from the same directory; here they are passed over.

use super::pairs::{self, Part};
use super::{Asked, Baseline, Convention, Fit, Found, NextMigration};
use crate::source::directory::Directory;
use crate::source::placeholders::Placeholders;
use crate::source::{Migration, Script, order};
use common::error::Result;

pub(super) struct GolangMigrate;

/// Also what reversible migrations of sqlx are called.
pub(super) fn part(name: &str) -> Option<Part<'_>> {
    let stem = name.strip_suffix(".sql")?;
    let (stem, down) = match stem.strip_suffix(".up") {
        Some(stem) => (stem, false),
        None => (stem.strip_suffix(".down")?, true),
    };
    let (version, name) = order::numbered(stem)?;
    Some(Part { version, name, down, baseline: false })
}

impl Convention for GolangMigrate {
    fn name(&self) -> &'static str {
        "golang-migrate"
    }

    fn fit(&self, directory: &Directory) -> Result<Option<Fit>> {
        let applies = |name: &str| part(name).is_some_and(|part| !part.down);
        if !directory.sql().any(|file| applies(&file.name)) {
            return Ok(None);
        }
        Ok(Fit::names(directory, "1_title.up.sql", |name| part(name).is_some()))
    }

    fn read(&self, directory: &Directory, _: &Placeholders) -> Result<Found> {
        pairs::read(directory, part, Script::whole)
    }

    fn next(&self, asked: &Asked<'_>) -> Result<NextMigration> {
        Ok(asked.numbered("", &[(".up.sql", "up", ""), (".down.sql", "down", "")]))
    }

    fn baseline(&self, last: &Migration, name: &str) -> Option<Baseline> {
        Baseline::numbered(last, name, ".up.sql")
    }
}
