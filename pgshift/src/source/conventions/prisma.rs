//! Prisma: directories `20240101000000_name` with `migration.sql`, and `migration_lock.toml` beside them.
//!
//! A migration is known by its directory's whole name, and the order is that of these names as text. There are no
//! directives, and nothing takes back.

use super::{Asked, Convention, Fit, Found, NextMigration, Strength, not_run};
use crate::source::directory::Directory;
use crate::source::next::NextFile;
use crate::source::placeholders::Placeholders;
use crate::source::{Migration, MigrationKind, Script};
use common::error::{Error, Result};

pub(super) struct Prisma;

impl Convention for Prisma {
    fn name(&self) -> &'static str {
        "prisma"
    }

    fn fit(&self, directory: &Directory) -> Result<Option<Fit>> {
        if directory.has("migration_lock.toml") {
            return Ok(Some(Fit::new(Strength::Sentinel, "migration_lock.toml lies in it")));
        }
        let first = directory.directories.iter().find(|(_, path)| path.join("migration.sql").is_file());
        let all = directory.sql().next().is_none();
        let strength = if all { Strength::All } else { Strength::Some };
        Ok(first.map(|(name, _)| {
            Fit::new(strength, format!("there are directories like {name} with migration.sql"))
        }))
    }

    fn read(&self, directory: &Directory, _: &Placeholders) -> Result<Found> {
        if let Some(lock) = directory.file("migration_lock.toml") {
            let text = String::from_utf8_lossy(lock.text()?).into_owned();
            let provider = text.lines().find_map(|line| line.trim().strip_prefix("provider"));
            let of_ours = |value: &str| value.contains("postgresql") || value.contains("cockroachdb");
            if let Some(other) = provider.filter(|value| !of_ours(value)) {
                let value = other.trim_start_matches([' ', '=']);
                let message = format!("{} is for another database: provider is {value}", lock.path.display());
                return Err(Error::usage(message));
            }
        }
        let mut found = Found::default();
        found
            .warnings
            .extend(directory.sql().map(|file| not_run(&file.path, "migrations of Prisma are directories")));
        for (name, path) in &directory.directories {
            let own = Directory::open(path)?;
            let Some(script) = own.file("migration.sql") else {
                let message = format!("directory {} has no migration.sql", path.display());
                return Err(Error::failed("up_missing", message));
            };
            found.migrations.push(Migration {
                version: name.clone(),
                name: name.split_once('_').map_or("", |(_, title)| title).to_owned(),
                kind: MigrationKind::Versioned,
                up: Script::whole(script)?,
                down: None,
            });
        }
        Ok(found)
    }

    fn next(&self, asked: &Asked<'_>) -> Result<NextMigration> {
        let name = asked.name;
        let version = format!("{}_{name}", asked.version("", ""));
        let path = asked.directory.path.join(&version).join("migration.sql");
        Ok((version, vec![NextFile::new(path, "up", "")]))
    }
}
