//! The history tables of other tools: found by their columns, read, proved by those tools' own checksums, and written to
//! as the tools would, so that going back stays possible.
//!
//! Knows the tables and the migrations, not our own history. Statements are only made here: whoever applies a migration
//! runs them in the same transaction.

mod atlas;
mod checksum;
mod dbmate;
mod diesel;
mod find;
mod flyway;
mod golang_migrate;
mod goose;
mod graphile;
mod judge;
mod mirror;
mod past;
mod prisma;
mod refinery;
mod sqitch;
mod sqlx;
mod supabase;

#[cfg(test)]
mod tests;

pub(crate) use find::find;
pub(crate) use judge::{Adopted, Judgement, Proof, judge};
pub(crate) use mirror::Kept;
pub(crate) use past::Past;
use past::Row;

use crate::source::Migration;
use common::error::{Error, Result};
use common::name::QualifiedName;
use common::pg::session::Session;
use std::path::Path;

/// All tools whose histories can be taken over.
const ALL: [&dyn Tool; 12] = [
    &flyway::Flyway,
    &refinery::Refinery,
    &sqlx::Sqlx,
    &dbmate::Dbmate,
    &golang_migrate::GolangMigrate,
    &goose::Goose,
    &graphile::Graphile,
    &sqitch::Sqitch,
    &atlas::Atlas,
    &diesel::Diesel,
    &prisma::Prisma,
    &supabase::Supabase,
];

/// A tool's history table.
pub(crate) trait Tool: Sync {
    /// The tool, as its convention is called.
    fn name(&self) -> &'static str;

    /// Whether a table is of this tool.
    fn owns(&self, table: &Columns) -> bool;

    /// What the table says.
    fn read(&self, session: &mut Session, table: &QualifiedName) -> Result<Past>;

    /// What a row of this migration has for its version.
    fn key(&self, migration: &Migration) -> String {
        migration.version.clone()
    }

    /// Whether all up to `floor` includes this migration.
    fn reaches(&self, _floor: &str, _migration: &Migration) -> bool {
        false
    }

    /// For each migration the checksums that its row may have; the first is the one that the tool would write. None when
    /// the tool has none.
    fn checksums(&self, migrations: &[Migration]) -> Result<Vec<Vec<String>>> {
        Ok(migrations.iter().map(|_| Vec::new()).collect())
    }

    /// The statement that writes what the tool would write of a migration that it applied.
    fn applied(&self, at: &Mirror<'_>, migration: &Migration, run: &Run<'_>) -> Result<String>;

    /// The statement that writes what the tool would write of one that it took back; `before` is the one that is the
    /// last now.
    fn reverted(&self, at: &Mirror<'_>, migration: &Migration, before: Option<&Migration>) -> Result<String>;
}

/// Where rows are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mirror<'a> {
    /// The table.
    pub(crate) table: &'a QualifiedName,
    /// The directory of the migrations: some tools know files by their place in it.
    pub(crate) directory: &'a Path,
}

/// How a migration went.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    /// Its checksum, if the tool has any.
    pub(crate) checksum: Option<&'a str>,
    /// How many statements it has.
    pub(crate) statements: usize,
}

/// An expression for how long the transaction has taken so far, in units of which a second has so many.
fn elapsed(per_second: u64) -> String {
    format!(
        "(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - pg_catalog.transaction_timestamp()) * {per_second})::bigint"
    )
}

/// A table as it is in the catalogs.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    /// The table.
    pub(crate) table: QualifiedName,
    /// Their names and types.
    all: Vec<(String, String)>,
    /// Beside it lies the table that only Rails has.
    beside_rails: bool,
}

impl Columns {
    /// Whether it has all these columns.
    fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.all.iter().any(|(own, _)| own == name))
    }

    /// Whether it has these columns and no others.
    fn are(&self, names: &[&str]) -> bool {
        self.all.len() == names.len() && self.has(names)
    }

    /// Whether a column is of a type whose name begins like this.
    fn is(&self, name: &str, kind: &str) -> bool {
        self.all.iter().any(|(own, own_kind)| own == name && own_kind.starts_with(kind))
    }
}

/// The name of a migration's file, or of its directory.
fn file_name(path: &Path) -> Result<&str> {
    path.file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(|| Error::failed("name_not_utf8", format!("the name of {} is not UTF-8", path.display())))
}
