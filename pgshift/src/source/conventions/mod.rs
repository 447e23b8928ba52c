//! The conventions by which people lay out migrations, one file each.
//!
//! A convention says whether a directory looks like one of its own, reads the migrations in its tool's order, and makes
//! the next one. What its tool would run and we can't is an error, what its tool would pass over a warning.

mod atlas;
mod dbmate;
mod diesel;
mod flyway;
mod golang_migrate;
mod goose;
mod graphile;
mod pairs;
mod plain;
mod prisma;
mod refinery;
mod sqitch;
mod sqlx;
mod supabase;

pub(crate) use atlas::sums_in as atlas_sums;
pub(crate) use graphile::Header as CommittedHeader;

use super::directory::Directory;
use super::next::{self, NextFile};
use super::placeholders::Placeholders;
use super::text::{self, Line};
use super::{Migration, order};
use common::error::Result;
use common::records::Warning;
use jiff::Timestamp;

/// All conventions. Of two that read a directory the same, the first gives it its name.
pub(super) const ALL: [&dyn Convention; 13] = [
    &plain::Plain,
    &golang_migrate::GolangMigrate,
    &sqlx::Sqlx,
    &flyway::Flyway,
    &refinery::Refinery,
    &dbmate::Dbmate,
    &goose::Goose,
    &diesel::Diesel,
    &graphile::Graphile,
    &sqitch::Sqitch,
    &atlas::Atlas,
    &prisma::Prisma,
    &supabase::Supabase,
];

/// A way to lay out migrations.
pub(super) trait Convention: Sync {
    /// As `--convention` takes it.
    fn name(&self) -> &'static str;

    /// How well the directory fits, and why; `None` when it doesn't.
    fn fit(&self, directory: &Directory) -> Result<Option<Fit>>;

    /// What is there.
    fn read(&self, directory: &Directory, placeholders: &Placeholders) -> Result<Found>;

    /// The version of the next migration, and its files.
    fn next(&self, asked: &Asked<'_>) -> Result<NextMigration>;

    /// The file that stands for all up to `last`, where it can be told from others.
    fn baseline(&self, _last: &Migration, _name: &str) -> Option<Baseline> {
        None
    }

    /// Whether a line is there for the convention alone, and has no place in the middle of a file.
    fn is_frame(&self, _line: &Line<'_>) -> bool {
        false
    }
}

/// What the next migration is made from.
pub(super) struct Asked<'a> {
    pub(super) directory: &'a Directory,
    pub(super) found: &'a Found,
    pub(super) name: &'a str,
    pub(super) now: Timestamp,
}

impl Asked<'_> {
    /// The version after the last one, whose digits stand behind `prefix`, or `first`.
    fn version(&self, prefix: &str, first: &str) -> String {
        next::version(next::last_digits(self.found, prefix).as_deref(), first, self.now)
    }

    /// Files that are called version and name; of each the name's end, the purpose and the text.
    fn numbered(&self, first: &str, files: &[(&str, &'static str, &str)]) -> NextMigration {
        let version = self.version("", first);
        let file = |(end, purpose, text): &(&str, &'static str, &str)| {
            NextFile::new(self.directory.path.join(format!("{version}_{}{end}", self.name)), purpose, *text)
        };
        let files = files.iter().map(file).collect();
        (version, files)
    }
}

/// A version, and the files for it.
pub(super) type NextMigration = (String, Vec<NextFile>);

/// A file that stands for many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Baseline {
    /// Where it belongs, below the directory.
    pub(crate) file: String,
    /// What it begins with, line by line; the other when it wants no transaction.
    pub(crate) first: [&'static str; 2],
    /// What lies beside it when it wants no transaction: name and text.
    pub(crate) beside: Option<[&'static str; 2]>,
}

impl Baseline {
    /// One with nothing but scripts in it.
    fn plain(file: String) -> Self {
        Self { file, ..Self::default() }
    }

    /// One that is called version and name as the file of `last` is: all behind its digits is `end`.
    fn numbered(last: &Migration, name: &str, end: &str) -> Option<Self> {
        let (version, _) = order::digits(last.up.path.file_name()?.to_str()?)?;
        Some(Self::plain(format!("{version}_{name}{end}")))
    }
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order in which they run.
    pub(super) migrations: Vec<Migration>,
    /// What is not run.
    pub(super) warnings: Vec<Warning>,
}

/// That a directory looks like one of a convention's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) strength: Strength,
    /// For people.
    pub(super) why: String,
}

/// How sure a sign is; the last is the surest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Some files are named like it.
    Some,
    /// All files are.
    All,
    /// Files hold its directives.
    Directives,
    /// A file of the tool's own lies there.
    Sentinel,
}

impl Fit {
    pub(super) fn new(strength: Strength, why: impl Into<String>) -> Self {
        Self { strength, why: why.into() }
    }

    /// That a file in `directory` which `matches` by its name has a line that `is` a directive; `shown` is one.
    pub(super) fn directives(
        directory: &Directory,
        shown: &str,
        matches: impl Fn(&str) -> bool,
        is: impl Fn(&Line<'_>) -> bool,
    ) -> Result<Option<Self>> {
        for file in directory.sql().filter(|file| matches(&file.name)) {
            if text::lines(file.text()?).any(|line| is(&line)) {
                return Ok(Some(Self::new(Strength::Directives, format!("{} has {shown}", file.name))));
            }
        }
        Ok(None)
    }

    /// That of the files of SQL in `directory` those are named like `shape` which `matches`.
    pub(super) fn names(directory: &Directory, shape: &str, fits: impl Fn(&str) -> bool) -> Option<Self> {
        let all = directory.sql().count();
        let mut fitting = directory.sql().map(|file| file.name.as_str()).filter(|name| fits(name));
        let first = fitting.next()?;
        let (strength, how_many) = match 1 + fitting.count() {
            count if count == all => (Strength::All, "all files are".to_owned()),
            count => (Strength::Some, format!("{count} of {all} files are")),
        };
        Some(Self::new(strength, format!("{how_many} named like {shape}, such as {first}")))
    }
}

/// Warns of files of SQL in `directory` that are no migrations, and of directories in it that hold SQL.
pub(super) fn strays(directory: &Directory, matches: impl Fn(&str) -> bool) -> Result<Vec<Warning>> {
    let mut warnings: Vec<Warning> = Vec::new();
    for file in directory.sql().filter(|file| !matches(&file.name)) {
        warnings.push(not_run(&file.path, "it is not named like a migration"));
    }
    for (_, path) in &directory.directories {
        if Directory::open(path)?.sql().next().is_some() {
            warnings.push(not_run(path, "this convention has no subdirectories"));
        }
    }
    Ok(warnings)
}

/// That something is not run.
pub(super) fn not_run(path: &std::path::Path, why: &str) -> Warning {
    Warning::new("not_run", format!("{} is not run: {why}", path.display())).object(&path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_conventions_have_one_name() {
        let names: std::collections::BTreeSet<&str> =
            ALL.iter().map(|convention| convention.name()).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
