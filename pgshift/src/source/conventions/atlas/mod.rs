//! Atlas: `20240101000000_name.sql`, and `atlas.sum` that vouches for them.
//!
//! The order is that of the file names as text, and versions are text. The head of a file, which an empty line ends, may
//! have `-- atlas:txmode none`, `-- atlas:delimiter` and `-- atlas:checkpoint`: such a file stands for all before it on
//! an empty database. Files that `atlas.sum` does not vouch for are an error, as with the tool.

mod delimiter;
mod sum;

use super::{Asked, Convention, Fit, Found, NextMigration, Strength, strays};
use crate::source::directory::{Directory, File};
use crate::source::next::NextFile;
use crate::source::placeholders::Placeholders;
use crate::source::text;
use crate::source::{Migration, MigrationKind, Script, order};
use common::error::{Error, Result};
use common::records::Warning;
use std::path::Path;

pub(super) struct Atlas;

/// Version and name.
fn part(name: &str) -> Option<(&str, &str)> {
    let stem = name.strip_suffix(".sql")?;
    order::digits(stem)?;
    Some(stem.split_once('_').unwrap_or((stem, "")))
}

/// What a directive in the head says.
fn directive(file: &File, name: &str) -> Result<Option<String>> {
    let text = file.text()?;
    let mut found = None;
    for line in text::lines(text) {
        match line.comment() {
            Some(comment) => {
                let said = comment.strip_prefix("atlas:").and_then(|rest| rest.strip_prefix(name));
                if let Some(value) = said.filter(|value| value.is_empty() || value.starts_with(' ')) {
                    found = Some(value.trim().to_owned());
                }
            }
            // Directives of a file stand apart from its statements.
            None => return Ok(found.filter(|_| line.text.is_empty())),
        }
    }
    Ok(found)
}

/// Whether the files are in the form of another tool: Atlas keeps its sum beside such files too.
fn foreign(directory: &Directory) -> Result<bool> {
    for file in directory.sql() {
        let foreign = text::lines(file.text()?).filter_map(|line| line.comment()).any(|comment| {
            comment.starts_with("+goose ")
                || comment.starts_with("migrate:up")
                || comment.starts_with("migrate:down")
        });
        let named =
            file.name.ends_with(".up.sql") || file.name.ends_with(".down.sql") || part(&file.name).is_none();
        if foreign || named {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Convention for Atlas {
    fn name(&self) -> &'static str {
        "atlas"
    }

    fn fit(&self, directory: &Directory) -> Result<Option<Fit>> {
        if directory.has(sum::NAME) {
            // Beside files of another tool the sum is a sign like any other, and none that wins.
            let strength = if foreign(directory)? { Strength::Some } else { Strength::Sentinel };
            return Ok(Some(Fit::new(strength, "atlas.sum lies in it")));
        }
        for file in directory.sql().filter(|file| part(&file.name).is_some()) {
            if text::header(file.text()?).any(|(_, comment)| comment.starts_with("atlas:")) {
                return Ok(Some(Fit::new(Strength::Directives, format!("{} has -- atlas:", file.name))));
            }
        }
        Ok(None)
    }

    fn read(&self, directory: &Directory, _: &Placeholders) -> Result<Found> {
        let mut found =
            Found { warnings: strays(directory, |name| part(name).is_some())?, ..Found::default() };
        match directory.file(sum::NAME) {
            Some(file) => sum::prove(directory, file)?,
            None if directory.sql().next().is_some() => {
                found.warnings.push(not_proved(directory));
            }
            None => {}
        }
        for file in directory.sql() {
            let Some((version, name)) = part(&file.name) else { continue };
            let (version, name) = (version.to_owned(), name.to_owned());
            let checkpoint = directive(file, "checkpoint")?.is_some();
            let kind = if checkpoint { MigrationKind::Baseline } else { MigrationKind::Versioned };
            let asked = match directive(file, "txmode")?.as_deref() {
                None | Some("file" | "all") => false,
                Some("none") => true,
                Some(other) => {
                    let message = format!("{}: atlas:txmode {other} is unknown", file.path.display());
                    return Err(Error::failed("directive", message).hint("none, file or all"));
                }
            };
            let mut script = Script::whole(file)?;
            if let Some(delimiter) = directive(file, "delimiter")? {
                script = delimiter::cut(file, script, &delimiter)?;
            }
            let up = script.without_transaction(asked);
            found.migrations.push(Migration { version, name, kind, up, down: None });
        }
        order::refuse_repeated(&found.migrations)?;
        Ok(found)
    }

    fn next(&self, asked: &Asked<'_>) -> Result<NextMigration> {
        let name = asked.name;
        let version = asked.version("", "");
        let own = format!("{version}_{name}.sql");
        let mut files = vec![NextFile::new(asked.directory.path.join(&own), "up", "")];
        if asked.directory.has(sum::NAME) {
            let text = sum::whole(&sum::with(asked.directory, &own)?);
            files.push(NextFile::replacing(asked.directory.path.join(sum::NAME), "sum", text));
        }
        Ok((version, files))
    }
}

/// The hash of each file in the directory, by name.
pub(crate) fn sums_in(directory: &Path) -> Result<Vec<(String, String)>> {
    sum::of(&Directory::open(directory)?)
}

fn not_proved(directory: &Directory) -> Warning {
    let message = format!("{} has no {}: nothing vouches for its files", directory.path.display(), sum::NAME);
    Warning::new("not_proved", message).object(&directory.path.display()).hint("atlas migrate hash")
}
