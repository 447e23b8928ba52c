//! refinery: a row for each version, with a checksum over name, version and text.

use super::{Columns, Mirror, Past, Row, Run, Tool, checksum};
use crate::source::{Migration, order};
use common::error::Result;
use common::name::{QualifiedName, literal};
use common::pg::session::Session;

pub(super) struct Refinery;

impl Tool for Refinery {
    fn name(&self) -> &'static str {
        "refinery"
    }

    fn owns(&self, table: &Columns) -> bool {
        table.are(&["version", "name", "applied_on", "checksum"])
    }

    fn read(&self, session: &mut Session, table: &QualifiedName) -> Result<Past> {
        let sql = format!("SELECT version, name, checksum, applied_on FROM {table} ORDER BY version");
        let rows = session.query(&sql)?.into_iter().map(|row| Row {
            others: Vec::new(),
            key: order::number(row.text(0)).to_owned(),
            shown: format!("V{}__{}", row.text(0), row.text(1)),
            checksum: row.owned(2),
            at: row.owned(3),
        });
        Ok(Past { rows: rows.collect(), ..Past::default() })
    }

    fn checksums(&self, migrations: &[Migration]) -> Result<Vec<Vec<String>>> {
        let of = |migration: &Migration| {
            let bytes = checksum::bytes(&migration.up.path)?;
            let parts = std::str::from_utf8(&bytes).ok().zip(migration.version.parse::<i64>().ok());
            Ok(parts
                .map(|(sql, version)| checksum::of_parts(&migration.name, version, sql))
                .unwrap_or_default())
        };
        migrations.iter().map(of).collect()
    }

    fn applied(&self, at: &Mirror<'_>, migration: &Migration, run: &Run<'_>) -> Result<String> {
        Ok(format!(
            "INSERT INTO {} (version, name, applied_on, checksum) VALUES ({}, {}, \
             pg_catalog.to_char(pg_catalog.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), {})",
            at.table,
            literal(&migration.version),
            literal(&migration.name),
            literal(run.checksum.unwrap_or_default())
        ))
    }

    fn reverted(&self, at: &Mirror<'_>, migration: &Migration, _: Option<&Migration>) -> Result<String> {
        Ok(format!("DELETE FROM {} WHERE version = {}", at.table, literal(&migration.version)))
    }
}
