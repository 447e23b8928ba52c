//! Diesel: a row for each version.

use super::{Columns, Mirror, Past, Row, Run, Tool};
use crate::source::Migration;
use common::error::Result;
use common::name::{QualifiedName, literal};
use common::pg::session::Session;

pub(super) struct Diesel;

impl Tool for Diesel {
    fn name(&self) -> &'static str {
        "diesel"
    }

    fn owns(&self, table: &Columns) -> bool {
        table.are(&["version", "run_on"])
    }

    fn read(&self, session: &mut Session, table: &QualifiedName) -> Result<Past> {
        let sql = format!("SELECT version, run_on FROM {table} ORDER BY version COLLATE \"C\"");
        let rows = session.query(&sql)?.into_iter().map(|row| Row {
            others: Vec::new(),
            key: row.text(0).to_owned(),
            shown: row.text(0).to_owned(),
            checksum: None,
            at: row.owned(1),
        });
        Ok(Past { rows: rows.collect(), ..Past::default() })
    }

    fn applied(&self, at: &Mirror<'_>, migration: &Migration, _: &Run<'_>) -> Result<String> {
        Ok(format!("INSERT INTO {} (version) VALUES ({})", at.table, literal(&migration.version)))
    }

    fn reverted(&self, at: &Mirror<'_>, migration: &Migration, _: Option<&Migration>) -> Result<String> {
        Ok(format!("DELETE FROM {} WHERE version = {}", at.table, literal(&migration.version)))
    }
}
