//! sqlx: a row for each version, with SHA-384 of the file. One that is not a success was begun without a transaction.

use super::{Columns, Mirror, Past, Row, Run, Tool, checksum, elapsed};
use crate::source::{Migration, order};
use common::error::Result;
use common::name::{QualifiedName, literal};
use common::pg::session::Session;

pub(super) struct Sqlx;

impl Tool for Sqlx {
    fn name(&self) -> &'static str {
        "sqlx"
    }

    fn owns(&self, table: &Columns) -> bool {
        table.are(&["version", "description", "installed_on", "success", "checksum", "execution_time"])
    }

    fn read(&self, session: &mut Session, table: &QualifiedName) -> Result<Past> {
        let mut past = Past::default();
        let rows = session.query(&format!(
            "SELECT version, description, success, pg_catalog.encode(checksum, 'hex'), installed_on FROM {table} ORDER BY version"
        ))?;
        for row in rows {
            let shown = format!("{} {}", row.text(0), row.text(1));
            if row.is_true(2) {
                let key = order::number(row.text(0)).to_owned();
                past.rows.push(Row {
                    others: Vec::new(),
                    key,
                    shown,
                    checksum: row.owned(3),
                    at: row.owned(4),
                });
            } else {
                past.dirty.push(format!("{shown} did not succeed"));
            }
        }
        Ok(past)
    }

    fn checksums(&self, migrations: &[Migration]) -> Result<Vec<Vec<String>>> {
        let of = |migration: &Migration| Ok(vec![checksum::sha384(&checksum::bytes(&migration.up.path)?)]);
        migrations.iter().map(of).collect()
    }

    fn applied(&self, at: &Mirror<'_>, migration: &Migration, run: &Run<'_>) -> Result<String> {
        Ok(format!(
            "INSERT INTO {} (version, description, success, checksum, execution_time) VALUES ({}, {}, true, \
             pg_catalog.decode({}, 'hex'), {})",
            at.table,
            literal(&migration.version),
            literal(&migration.name.replace('_', " ")),
            literal(run.checksum.unwrap_or_default()),
            elapsed(1_000_000_000)
        ))
    }

    fn reverted(&self, at: &Mirror<'_>, migration: &Migration, _: Option<&Migration>) -> Result<String> {
        Ok(format!("DELETE FROM {} WHERE version = {}", at.table, literal(&migration.version)))
    }
}
