//! dbmate: a row for each version, and nothing else in it. Rails has the same table, and another one beside it.

use super::{Columns, Mirror, Past, Row, Run, Tool};
use crate::source::Migration;
use common::error::Result;
use common::name::{QualifiedName, literal};
use common::pg::session::Session;

pub(super) struct Dbmate;

impl Tool for Dbmate {
    fn name(&self) -> &'static str {
        "dbmate"
    }

    fn owns(&self, table: &Columns) -> bool {
        let named = table.table.name.contains("migration");
        table.are(&["version"]) && table.is("version", "character varying") && named && !table.beside_rails
    }

    fn read(&self, session: &mut Session, table: &QualifiedName) -> Result<Past> {
        let rows = session.query(&format!("SELECT version FROM {table} ORDER BY version COLLATE \"C\""))?;
        let rows = rows.into_iter().map(|row| {
            let version = row.text(0).to_owned();
            Row { key: version.clone(), shown: version, ..Row::default() }
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
