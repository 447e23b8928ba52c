//! Diesel: directories `2024-01-01-000000_name` with `up.sql` and `down.sql`.
//!
//! The version is what stands before the first `_`, without dashes; the order is that of versions as text.
//! `metadata.toml` may hold `run_in_transaction = false`.

use super::{Asked, Baseline, Convention, Fit, Found, NextMigration, Strength, not_run};
use crate::source::directory::{Directory, File};
use crate::source::next::{self, NextFile};
use crate::source::placeholders::Placeholders;
use crate::source::{Migration, Script, order, squash};
use common::error::{Error, Result};
use std::path::Path;

pub(super) struct Diesel;

fn is_migration(path: &Path) -> bool {
    path.join("up.sql").is_file()
}

/// Whether `metadata.toml` asks for no transaction.
fn asks(directory: &Directory) -> Result<bool> {
    let Some(file) = directory.file("metadata.toml") else { return Ok(false) };
    let text = String::from_utf8_lossy(file.text()?).into_owned();
    let settings = text.lines().filter_map(|line| line.split('#').next()?.split_once('='));
    for (key, value) in settings.map(|(key, value)| (key.trim(), value.trim())) {
        match (key.trim_matches('"'), value) {
            ("run_in_transaction", "false") => return Ok(true),
            ("run_in_transaction", "true") => return Ok(false),
            ("run_in_transaction", _) => {
                let message = format!("{}: run_in_transaction is {value}", file.path.display());
                return Err(Error::failed("directive", message).hint("true or false"));
            }
            _ => {}
        }
    }
    Ok(false)
}

impl Convention for Diesel {
    fn name(&self) -> &'static str {
        "diesel"
    }

    fn fit(&self, directory: &Directory) -> Result<Option<Fit>> {
        let first = directory.directories.iter().find(|(_, path)| is_migration(path));
        if directory.beside("diesel.toml") && (first.is_some() || directory.is_empty()) {
            return Ok(Some(Fit::new(Strength::Sentinel, "diesel.toml lies beside it")));
        }
        let all = directory.sql().next().is_none();
        let strength = if all { Strength::All } else { Strength::Some };
        Ok(first
            .map(|(name, _)| Fit::new(strength, format!("there are directories like {name} with up.sql"))))
    }

    fn read(&self, directory: &Directory, _: &Placeholders) -> Result<Found> {
        let mut found = Found::default();
        found
            .warnings
            .extend(directory.sql().map(|file| not_run(&file.path, "migrations of Diesel are directories")));
        for (name, path) in &directory.directories {
            let own = Directory::open(path)?;
            let Some(up) = own.file("up.sql") else {
                if own.sql().next().is_some() {
                    let message = format!("directory {} has no up.sql", path.display());
                    return Err(Error::failed("up_missing", message));
                }
                continue;
            };
            let asked = asks(&own)?;
            let script = |file: &File| Ok(Script::whole(file)?.without_transaction(asked));
            let (version, title) = name.split_once('_').unwrap_or((name, ""));
            let up = script(up)?;
            found.migrations.push(Migration {
                version: version.replace('-', ""),
                name: title.to_owned(),
                kind: squash::kind(&up),
                up,
                down: own.file("down.sql").map(script).transpose()?,
            });
        }
        found.migrations.sort_by(|one, other| one.version.cmp(&other.version));
        order::refuse_repeated(&found.migrations)?;
        Ok(found)
    }

    fn next(&self, asked: &Asked<'_>) -> Result<NextMigration> {
        let name = asked.name;
        let last = asked
            .found
            .migrations
            .last()
            .and_then(|migration| migration.up.path.parent()?.file_name()?.to_str());
        let last = last.map(|name| name.split_once('_').map_or(name, |(version, _)| version));
        let version = match last {
            Some(plain) if !plain.contains('-') => next::version(Some(plain), "", asked.now),
            Some(short) if short.len() == 17 => next::time(asked.now, "%Y-%m-%d-%H%M%S"),
            _ => next::time(asked.now, "%Y-%m-%d-%H%M%S-0000"),
        };
        let place = asked.directory.path.join(format!("{version}_{name}"));
        let files = vec![
            NextFile::new(place.join("up.sql"), "up", ""),
            NextFile::new(place.join("down.sql"), "down", ""),
        ];
        Ok((version.replace('-', ""), files))
    }

    fn baseline(&self, last: &Migration, name: &str) -> Option<Baseline> {
        let own = last.up.path.parent()?.file_name()?.to_str()?;
        let version = own.split_once('_').map_or(own, |(version, _)| version);
        let beside = Some(["metadata.toml", "run_in_transaction = false\n"]);
        Some(Baseline { beside, ..Baseline::plain(format!("{version}_{name}/up.sql")) })
    }
}
