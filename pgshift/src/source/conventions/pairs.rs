//! Numbered files in one directory, one that applies and perhaps one that takes back: what several conventions have.

use super::{Found, strays};
use crate::source::directory::{Directory, File};
use crate::source::{Migration, MigrationKind, Script, order, squash};
use common::error::{Class, Error, Result};

/// What a file's name says.
pub(super) struct Part<'a> {
    /// The version's digits.
    pub(super) version: &'a str,
    pub(super) name: &'a str,
    /// It takes back.
    pub(super) down: bool,
    /// It stands for all before it.
    pub(super) baseline: bool,
}

/// Reads the files that `take` knows, in the order of their numbers.
pub(super) fn read(
    directory: &Directory,
    take: impl Fn(&str) -> Option<Part<'_>>,
    script: impl Fn(&File) -> Result<Script>,
) -> Result<Found> {
    let mut downs: Vec<(&str, &File)> = Vec::new();
    let mut migrations: Vec<Migration> = Vec::new();
    for file in directory.sql() {
        let Some(part) = take(&file.name) else { continue };
        if part.down {
            downs.push((part.version, file));
            continue;
        }
        let up = script(file)?;
        migrations.push(Migration {
            version: order::number(part.version).to_owned(),
            name: part.name.to_owned(),
            kind: if part.baseline { MigrationKind::Baseline } else { squash::kind(&up) },
            up,
            down: None,
        });
    }
    migrations.sort_by(|one, other| order::numeric(&one.version, &other.version));
    order::refuse_repeated(&migrations)?;
    for (version, file) in downs {
        let from =
            migrations.partition_point(|migration| order::numeric(&migration.version, version).is_lt());
        let mut same = migrations
            .iter_mut()
            .skip(from)
            .take_while(|migration| order::numeric(&migration.version, version).is_eq());
        let migration = same.find(|migration| migration.kind == MigrationKind::Versioned);
        let migration = migration.ok_or_else(|| alone(file))?;
        if let Some(first) = migration.down.replace(script(file)?) {
            let message =
                format!("{} and {} take back the same version", first.path.display(), file.path.display());
            return Err(Error::new(Class::Conflict, "version_repeated", message));
        }
    }
    Ok(Found { migrations, warnings: strays(directory, |name| take(name).is_some())? })
}

fn alone(file: &File) -> Error {
    let message = format!("{} takes back a version that nothing applies", file.path.display());
    Error::failed("down_alone", message).hint("add the script that applies it, or remove this one")
}
