//! sqlx: `1_description.sql`, or `1_description.up.sql` with `1_description.down.sql`.
//!
//! The order is that of the numbers. A file whose very first bytes are `-- no-transaction` runs without one.

use super::pairs::{self, Part};
use super::plain::BASELINE;
use super::{Asked, Baseline, Convention, Fit, Found, NextMigration, Strength};
use crate::source::directory::{Directory, File};
use crate::source::placeholders::Placeholders;
use crate::source::{Migration, Script, order};
use common::error::Result;

pub(super) struct Sqlx;

fn part(name: &str) -> Option<Part<'_>> {
    let stem = name.strip_suffix(".sql").filter(|stem| stem.strip_suffix(BASELINE).is_none())?;
    let (stem, down) = match stem.strip_suffix(".down") {
        Some(stem) => (stem, true),
        None => (stem.strip_suffix(".up").unwrap_or(stem), false),
    };
    let (version, name) = order::numbered(stem)?;
    Some(Part { version, name, down, baseline: false })
}

/// Whether its very first bytes, a byte order mark included, ask for no transaction.
fn asks(file: &File) -> Result<bool> {
    Ok(file.bytes()?.starts_with(b"-- no-transaction"))
}

impl Convention for Sqlx {
    fn name(&self) -> &'static str {
        "sqlx"
    }

    fn fit(&self, directory: &Directory) -> Result<Option<Fit>> {
        let named = Fit::names(directory, "1_description.up.sql", |name| part(name).is_some());
        let Some(named) = named else { return Ok(None) };
        if directory.beside("sqlx.toml") {
            return Ok(Some(Fit::new(Strength::Sentinel, "sqlx.toml lies beside it")));
        }
        for file in directory.sql().filter(|file| file.name.ends_with(".up.sql")) {
            if asks(file)? {
                let why = format!("{} begins with -- no-transaction", file.name);
                return Ok(Some(Fit::new(Strength::Directives, why)));
            }
        }
        Ok(Some(named))
    }

    fn read(&self, directory: &Directory, _: &Placeholders) -> Result<Found> {
        pairs::read(directory, part, |file| Ok(Script::whole(file)?.without_transaction(asks(file)?)))
    }

    fn next(&self, asked: &Asked<'_>) -> Result<NextMigration> {
        let reversible = asked.directory.sql().any(|file| file.name.strip_suffix(".up.sql").is_some());
        let pair = [(".up.sql", "up", ""), (".down.sql", "down", "")];
        Ok(asked.numbered("", if reversible { &pair } else { &[(".sql", "up", "")] }))
    }

    fn baseline(&self, last: &Migration, name: &str) -> Option<Baseline> {
        let reversible = last.up.path.to_str()?.ends_with(".up.sql");
        let file = Baseline::numbered(last, name, if reversible { ".up.sql" } else { ".sql" })?;
        Some(Baseline { first: ["", "-- no-transaction\n"], ..file })
    }
}
