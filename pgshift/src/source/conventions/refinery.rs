//! refinery: `V1__name.sql`, and `U1__name.sql`, which is *unversioned*: not an undo, but one that may come late.
//!
//! Subdirectories count. The order is that of the numbers. There are no directives. Migrations written in Rust can't be
//! run from here.

use super::{Asked, Baseline, Convention, Fit, Found, NextMigration, Strength, not_run};
use crate::source::directory::{Directory, is_sql};
use crate::source::next::NextFile;
use crate::source::placeholders::Placeholders;
use crate::source::{Migration, Script, order, squash};
use common::error::{Error, Result};

pub(super) struct Refinery;

/// Version and name of what has `end` behind it.
fn part<'a>(name: &'a str, end: &str) -> Option<(&'a str, &'a str)> {
    let stem = name.strip_suffix(end)?;
    let (version, title) = stem.strip_prefix(['V', 'U'])?.split_once("__")?;
    let digits = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    let word = !title.is_empty() && title.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    (digits && word).then_some((version, title))
}

impl Convention for Refinery {
    fn name(&self) -> &'static str {
        "refinery"
    }

    fn fit(&self, directory: &Directory) -> Result<Option<Fit>> {
        let files = Directory::open(&directory.path)?.below()?;
        let sql: Vec<&str> =
            files.iter().map(|file| file.name.as_str()).filter(|name| is_sql(name)).collect();
        let named = sql.iter().filter(|name| part(name, ".sql").is_some()).count();
        if let Some(code) = files.iter().find(|file| part(&file.name, ".rs").is_some()) {
            return Ok(Some(Fit::new(Strength::Directives, format!("{} is Rust", code.name))));
        }
        Ok(match named {
            0 => None,
            _ if named == sql.len() => Some(Fit::new(Strength::All, "all files are named like V1__name.sql")),
            _ => Some(Fit::new(Strength::Some, "some files are named like V1__name.sql")),
        })
    }

    fn read(&self, directory: &Directory, _: &Placeholders) -> Result<Found> {
        let mut found = Found::default();
        for file in &Directory::open(&directory.path)?.below()? {
            if part(&file.name, ".rs").is_some() {
                let message = format!("{} is a migration written in Rust", file.path.display());
                return Err(Error::failed("not_sql", message).hint("write it in SQL"));
            }
            let Some((version, name)) = part(&file.name, ".sql") else {
                if is_sql(&file.name) {
                    found.warnings.push(not_run(&file.path, "it is not named like a migration"));
                }
                continue;
            };
            let up = Script::whole(file)?;
            found.migrations.push(Migration {
                version: order::number(version).to_owned(),
                name: name.to_owned(),
                kind: squash::kind(&up),
                up,
                down: None,
            });
        }
        found.migrations.sort_by(|one, other| order::numeric(&one.version, &other.version));
        order::refuse_repeated(&found.migrations)?;
        Ok(found)
    }

    fn next(&self, asked: &Asked<'_>) -> Result<NextMigration> {
        let name: String =
            asked.name.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' }).collect();
        let version = asked.version("V", "1");
        let file = |end: &str| asked.directory.path.join(format!("V{version}__{name}{end}"));
        let files = vec![NextFile::new(file(".sql"), "up", "")];
        Ok((version, files))
    }

    fn baseline(&self, last: &Migration, name: &str) -> Option<Baseline> {
        let (version, _) = part(last.up.path.file_name()?.to_str()?, ".sql")?;
        Some(Baseline::plain(format!("V{version}__{name}.sql")))
    }
}
