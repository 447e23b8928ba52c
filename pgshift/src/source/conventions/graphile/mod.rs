//! graphile-migrate: `committed/000001-message.sql` with headers that form a chain of hashes.
//!
//! The directory is the one that holds `committed`, or `committed` itself. The order is that of the numbers. Each file
//! names its predecessor's hash and its own: a chain that is broken is an error, as with the tool. A first line
//! `--! no-transaction` of the body asks for none. `:PLACEHOLDERS` that `.gmrc` names are replaced, and `:DATABASE_NAME`
//! and `:DATABASE_OWNER`. `current.sql` is not run, nor are actions that `.gmrc` has for events: warnings.

mod header;
mod placeholders;

use super::{Asked, Convention, Fit, Found, NextMigration, Strength, not_run, strays};
use crate::source::directory::{Directory, File};
use crate::source::placeholders::Placeholders;
use crate::source::{Migration, MigrationKind, Script, order, text};
use common::error::{Error, Result};
use common::records::Warning;
pub(crate) use header::Header;

pub(super) struct Graphile;

/// Number and message.
fn part(name: &str) -> Option<(&str, &str)> {
    let (version, rest) = order::digits(name.strip_suffix(".sql")?)?;
    let message = if rest.is_empty() { "" } else { rest.strip_prefix('-')? };
    (version.len() >= 6).then_some((version, message))
}

fn committed(directory: &Directory) -> Result<Option<Directory>> {
    let inner = directory.directories.iter().find(|(name, _)| name == "committed");
    inner.map(|(_, path)| Directory::open(path)).transpose()
}

/// Where `.gmrc` lies: it may be beside `migrations`, and `committed` in that.
fn configuration(directory: &Directory) -> Option<File> {
    let mut places = vec![directory.path.clone()];
    places.extend(directory.parent());
    places.extend(directory.parent().and_then(|parent| Some(parent.parent()?.to_owned())));
    places.into_iter().map(|place| place.join(".gmrc")).find(|path| path.is_file()).map(File::at)
}

fn has_header(directory: &Directory) -> Result<Option<&File>> {
    for file in directory.sql().filter(|file| part(&file.name).is_some()) {
        if file.text()?.starts_with(b"--! Previous:") {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// What in `current.sql` or `current` is not committed yet.
fn uncommitted(directory: &Directory) -> Result<Option<Warning>> {
    let mut files: Vec<File> = vec![File::at(directory.path.join("current.sql"))];
    if let Some((_, path)) = directory.directories.iter().find(|(name, _)| name == "current") {
        files.extend(Directory::open(path)?.files);
    }
    for file in files.iter().filter(|file| file.path.is_file()) {
        if !text::lines(file.text()?).all(|line| line.is_idle()) {
            return Ok(Some(not_run(&file.path, "it is not committed yet").hint("graphile-migrate commit")));
        }
    }
    Ok(None)
}

impl Convention for Graphile {
    fn name(&self) -> &'static str {
        "graphile-migrate"
    }

    fn fit(&self, directory: &Directory) -> Result<Option<Fit>> {
        let inner = committed(directory)?;
        let near = directory.has(".gmrc") || directory.beside(".gmrc");
        if near && (inner.is_some() || directory.has("current.sql")) {
            return Ok(Some(Fit::new(Strength::Sentinel, ".gmrc and committed are there")));
        }
        let found = has_header(inner.as_ref().unwrap_or(directory))?;
        Ok(found.map(|file| Fit::new(Strength::Directives, format!("{} has --! Previous:", file.name))))
    }

    fn read(&self, directory: &Directory, placeholders: &Placeholders) -> Result<Found> {
        let inner = committed(directory)?;
        let files = inner.as_ref().unwrap_or(directory);
        let configuration = configuration(directory);
        let values = placeholders::Values::of(configuration.as_ref())?;
        let mut found = Found { warnings: strays_of(files)?, ..Found::default() };
        found.warnings.extend(uncommitted(directory)?);
        found.warnings.extend(values.actions());
        let mut named: Vec<(&str, &str, &File)> = files
            .sql()
            .filter_map(|file| part(&file.name).map(|(version, message)| (version, message, file)))
            .collect();
        named.sort_by(|one, other| order::numeric(one.0, other.0));
        let mut previous: Option<String> = None;
        for (version, message, file) in named {
            let header = Header::of(file)?;
            if header.previous != previous {
                let after = previous.as_deref().unwrap_or("none");
                let message =
                    format!("{} does not follow the migration before it ({after})", file.path.display());
                return Err(Error::failed("chain_broken", message));
            }
            header.prove(file)?;
            let script = Script::section(file, header.body.clone())?;
            let script = script.without_transaction(header.no_transaction);
            let script = values.replace(file, script, placeholders)?.with_settings(&values.settings);
            previous = Some(header.hash);
            found.migrations.push(Migration {
                version: order::number(version).to_owned(),
                name: message.to_owned(),
                kind: MigrationKind::Versioned,
                up: script,
                down: None,
            });
        }
        order::refuse_repeated(&found.migrations)?;
        Ok(found)
    }

    fn next(&self, asked: &Asked<'_>) -> Result<NextMigration> {
        let message = format!("{}: what is new belongs into current.sql", asked.directory.path.display());
        Err(Error::usage(message).hint("graphile-migrate commit"))
    }
}

/// When the directory itself is `committed`, what stands beside the files is no stray of theirs.
fn strays_of(files: &Directory) -> Result<Vec<Warning>> {
    strays(files, |name| part(name).is_some() || name == "current.sql")
}
