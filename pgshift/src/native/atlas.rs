//! Atlas: a row for each version, with how many of its statements are done, and its file's hash in `atlas.sum`.

use super::{Columns, Mirror, Past, Row, Run, Tool, elapsed, file_name};
use crate::source::{Migration, atlas_sums};
use common::error::Result;
use common::name::{QualifiedName, literal};
use common::pg::session::Session;

pub(super) struct Atlas;

/// The bit of `type` that a baseline has.
const BASELINE: i64 = 1;
/// What `type` is when all statements were run.
const EXECUTED: i64 = 2;

impl Tool for Atlas {
    fn name(&self) -> &'static str {
        "atlas"
    }

    fn owns(&self, table: &Columns) -> bool {
        table.has(&[
            "version",
            "description",
            "type",
            "applied",
            "total",
            "executed_at",
            "hash",
            "operator_version",
        ])
    }

    fn read(&self, session: &mut Session, table: &QualifiedName) -> Result<Past> {
        let mut past = Past::default();
        let rows = session.query(&format!(
            "SELECT version, description, type, applied, total, hash, executed_at, error FROM {table} \
             WHERE version NOT LIKE '.%' ORDER BY version COLLATE \"C\""
        ))?;
        for row in rows {
            let (version, kind) = (row.text(0).to_owned(), row.number::<i64>(2)?);
            if row.number::<i64>(3)? < row.number::<i64>(4)? || !row.text(7).is_empty() {
                past.dirty.push(format!("{version}: {} of {} statements are done", row.text(3), row.text(4)));
                continue;
            }
            let baseline = kind & BASELINE != 0;
            if baseline {
                past.floor = Some(version.clone());
            }
            let checksum = row.owned(5).filter(|hash| !hash.is_empty() && !baseline);
            let shown = format!("{version} {}", row.text(1));
            past.rows.push(Row { others: Vec::new(), key: version, shown, checksum, at: row.owned(6) });
        }
        Ok(past)
    }

    fn reaches(&self, floor: &str, migration: &Migration) -> bool {
        migration.version.as_str() <= floor
    }

    fn checksums(&self, migrations: &[Migration]) -> Result<Vec<Vec<String>>> {
        let Some(directory) = migrations.first().and_then(|migration| migration.up.path.parent()) else {
            return Ok(Vec::new());
        };
        let sums = atlas_sums(directory)?;
        let of = |migration: &Migration| {
            let name = file_name(&migration.up.path)?;
            Ok(sums.iter().filter(|(own, _)| own == name).map(|(_, hash)| hash.clone()).collect())
        };
        migrations.iter().map(of).collect()
    }

    fn applied(&self, at: &Mirror<'_>, migration: &Migration, run: &Run<'_>) -> Result<String> {
        let statements = run.statements;
        Ok(format!(
            "INSERT INTO {} (version, description, type, applied, total, executed_at, execution_time, hash, operator_version) \
             VALUES ({}, {}, {EXECUTED}, {statements}, {statements}, pg_catalog.now(), {}, {}, {})",
            at.table,
            literal(&migration.version),
            literal(&migration.name),
            elapsed(1_000_000_000),
            literal(run.checksum.unwrap_or_default()),
            literal(concat!("pgshift ", env!("CARGO_PKG_VERSION")))
        ))
    }

    fn reverted(&self, at: &Mirror<'_>, migration: &Migration, _: Option<&Migration>) -> Result<String> {
        Ok(format!("DELETE FROM {} WHERE version = {}", at.table, literal(&migration.version)))
    }
}
