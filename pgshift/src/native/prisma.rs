//! Prisma: a row for each attempt, with SHA-256 of the script. One that neither finished nor was rolled back is stuck.

use super::{Columns, Mirror, Past, Row, Run, Tool, checksum};
use crate::source::Migration;
use common::error::Result;
use common::name::{QualifiedName, literal};
use common::pg::session::Session;

pub(super) struct Prisma;

impl Tool for Prisma {
    fn name(&self) -> &'static str {
        "prisma"
    }

    fn owns(&self, table: &Columns) -> bool {
        table.has(&[
            "id",
            "checksum",
            "finished_at",
            "migration_name",
            "rolled_back_at",
            "applied_steps_count",
        ])
    }

    fn read(&self, session: &mut Session, table: &QualifiedName) -> Result<Past> {
        let mut past = Past::default();
        let rows = session.query(&format!(
            "SELECT migration_name, checksum, finished_at FROM {table} WHERE rolled_back_at IS NULL ORDER BY started_at"
        ))?;
        for row in rows {
            let name = row.text(0).to_owned();
            if row.optional(2).is_none() {
                past.dirty.push(format!("{name} did not finish"));
                continue;
            }
            past.rows.push(Row {
                others: Vec::new(),
                key: name.clone(),
                shown: name,
                checksum: row.owned(1),
                at: row.owned(2),
            });
        }
        Ok(past)
    }

    fn checksums(&self, migrations: &[Migration]) -> Result<Vec<Vec<String>>> {
        let of = |migration: &Migration| Ok(vec![checksum::sha256(&checksum::bytes(&migration.up.path)?)]);
        migrations.iter().map(of).collect()
    }

    fn applied(&self, at: &Mirror<'_>, migration: &Migration, run: &Run<'_>) -> Result<String> {
        Ok(format!(
            "INSERT INTO {} (id, checksum, finished_at, migration_name, started_at, applied_steps_count) VALUES \
             (pg_catalog.md5(pg_catalog.random()::text || pg_catalog.clock_timestamp()::text)::uuid::text, {}, \
             pg_catalog.clock_timestamp(), {}, pg_catalog.now(), 1)",
            at.table,
            literal(run.checksum.unwrap_or_default()),
            literal(&migration.version)
        ))
    }

    fn reverted(&self, at: &Mirror<'_>, migration: &Migration, _: Option<&Migration>) -> Result<String> {
        Ok(format!(
            "UPDATE {} SET rolled_back_at = pg_catalog.now() WHERE migration_name = {} AND rolled_back_at IS NULL",
            at.table,
            literal(&migration.version)
        ))
    }
}
