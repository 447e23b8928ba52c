//! Which convention a directory follows: told by what lies there, never guessed.
//!
//! The surest sign counts: a tool's own file, then directives in the files, then their names. Where several conventions
//! have equally sure signs, they are all tried: if they read the same migrations, it does not matter which it is; if
//! not, somebody has to say.

use super::conventions::{ALL, Baseline, Convention, Fit, Found, Strength};
use super::directory::Directory;
use super::placeholders::Placeholders;
use super::text;
use super::{Migration, Source, squash};
use crate::cli;
use common::error::{Error, Result};
use common::records::Warning;

/// Migrations in files.
struct Files {
    convention: &'static str,
    found: Found,
}

impl Source for Files {
    fn convention(&self) -> &'static str {
        self.convention
    }

    fn migrations(&self) -> Result<Vec<Migration>> {
        Ok(self.found.migrations.clone())
    }

    fn warnings(&self) -> &[Warning] {
        &self.found.warnings
    }
}

/// Reads the migrations that the command line names.
pub(crate) fn open(from: &cli::Migrations) -> Result<Box<dyn Source>> {
    let placeholders = Placeholders::new(&from.placeholders, |name| std::env::var(name).ok())?;
    let directory = Directory::open(&from.dir)?;
    let convention = recognise(&directory, from.convention.as_deref(), &placeholders)?;
    let mut found = convention.read(&directory, &placeholders)?;
    squash::in_order(&mut found.migrations);
    Ok(Box::new(Files { convention: convention.name(), found }))
}

/// The file that stands for all of `migrations`, of which there is at least one.
pub(crate) fn baseline(convention: &str, migrations: &[&Migration], name: &str) -> Result<Baseline> {
    let known = ALL.into_iter().find(|known| known.name() == convention);
    let file = known.zip(migrations.last()).and_then(|(known, last)| known.baseline(last, name));
    file.ok_or_else(|| {
        let why = match convention {
            "atlas" => "its sum is over all files, and its checkpoints are made by it",
            "sqitch" | "graphile-migrate" => "each change depends on the one before it",
            _ => "the tool knows a migration by its file alone",
        };
        Error::usage(format!("migrations of {convention} cannot be put together from here")).cause(why)
    })
}

/// The convention of `directory`: the one that was named, or the one that it looks like.
pub(super) fn recognise(
    directory: &Directory,
    named: Option<&str>,
    placeholders: &Placeholders,
) -> Result<&'static dyn Convention> {
    if let Some(named) = named {
        let found = ALL.into_iter().find(|convention| convention.name() == named);
        return found.ok_or_else(|| {
            Error::usage(format!("there is no convention {named}")).hint(format!("one of: {}", names()))
        });
    }
    refuse_others(directory)?;
    let mut candidates: Vec<(&'static dyn Convention, Fit)> = Vec::new();
    for convention in ALL {
        if let Some(fit) = convention.fit(directory)? {
            candidates.push((convention, fit));
        }
    }
    let Some(best) = candidates.iter().map(|(_, fit)| fit.strength).max() else {
        return nothing(directory);
    };
    // Atlas keeps its sum beside files of other tools: then all have a say.
    let shared = candidates
        .iter()
        .any(|(convention, fit)| convention.name() == "atlas" && fit.strength == Strength::Some);
    candidates.retain(|(_, fit)| fit.strength == best || shared);
    let Some(((first, _), others)) = candidates.split_first() else { return nothing(directory) };
    if others.is_empty() {
        return Ok(*first);
    }
    let own = reading(*first, directory, placeholders);
    let same = others.iter().all(|(convention, _)| reading(*convention, directory, placeholders) == own);
    if same { Ok(*first) } else { Err(ambiguous(directory, &candidates)) }
}

/// What a convention reads, or what is wrong for it: whoever finds the same fault does not differ either.
fn reading(
    convention: &dyn Convention,
    directory: &Directory,
    placeholders: &Placeholders,
) -> std::result::Result<Vec<Migration>, String> {
    match convention.read(directory, placeholders) {
        Ok(found) => Ok(found.migrations),
        Err(error) => Err(error.to_string()),
    }
}

fn names() -> String {
    ALL.map(Convention::name).join(", ")
}

fn ambiguous(directory: &Directory, candidates: &[(&'static dyn Convention, Fit)]) -> Error {
    let message = format!("{} may follow several conventions", directory.path.display());
    let error = Error::usage(message).code_is("convention_ambiguous");
    let error = candidates
        .iter()
        .fold(error, |error, (convention, fit)| error.cause(format!("{}: {}", convention.name(), fit.why)));
    error.hint("say which with --convention")
}

/// The convention of a directory that has no sign of any.
fn nothing(directory: &Directory) -> Result<&'static dyn Convention> {
    if let (true, [plain, ..]) = (directory.is_empty(), ALL) {
        return Ok(plain);
    }
    let files = directory.files.iter().map(|file| file.name.as_str());
    let shown: Vec<&str> =
        files.chain(directory.directories.iter().map(|(name, _)| name.as_str())).take(3).collect();
    let message = format!("{} follows no convention that is known", directory.path.display());
    let error =
        Error::usage(message).code_is("convention_unknown").cause(format!("it has {}", shown.join(", ")));
    Err(error.hint(format!("name files like 0001_name.sql, or say --convention: {}", names())))
}

/// Refuses what is known and can't be read.
fn refuse_others(directory: &Directory) -> Result<()> {
    let refuse = |what: &str, why: &str| {
        let message = format!("{} holds {what}, which cannot be run from here", directory.path.display());
        Err(Error::usage(message).code_is("convention_unknown").cause(why.to_owned()))
    };
    if directory.has("manage.py") {
        return refuse("a Django project", "manage.py lies in it");
    }
    for file in directory.sql() {
        let first = text::header(file.text()?).next().map(|(_, comment)| comment.to_lowercase());
        if first.is_some_and(|comment| comment.starts_with("liquibase formatted sql")) {
            return refuse("changesets of Liquibase", &format!("{} is formatted SQL", file.name));
        }
    }
    Ok(())
}
