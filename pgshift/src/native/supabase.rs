//! Supabase: a row for each version, with its name and its statements.

use super::{Columns, Mirror, Past, Row, Run, Tool};
use crate::source::Migration;
use common::error::Result;
use common::name::{QualifiedName, literal};
use common::pg::session::Session;

pub(super) struct Supabase;

impl Tool for Supabase {
    fn name(&self) -> &'static str {
        "supabase"
    }

    fn owns(&self, table: &Columns) -> bool {
        table.has(&["version", "statements", "name"]) && table.is("statements", "text[]")
    }

    fn read(&self, session: &mut Session, table: &QualifiedName) -> Result<Past> {
        let sql = format!("SELECT version, name FROM {table} ORDER BY version COLLATE \"C\"");
        let rows = session.query(&sql)?.into_iter().map(|row| Row {
            key: row.text(0).to_owned(),
            shown: format!("{} {}", row.text(0), row.text(1)),
            ..Row::default()
        });
        Ok(Past { rows: rows.collect(), ..Past::default() })
    }

    fn applied(&self, at: &Mirror<'_>, migration: &Migration, _: &Run<'_>) -> Result<String> {
        Ok(format!(
            "INSERT INTO {} (version, name, statements) VALUES ({}, {}, ARRAY[{}])",
            at.table,
            literal(&migration.version),
            literal(&migration.name),
            literal(&String::from_utf8_lossy(&migration.up.text))
        ))
    }

    fn reverted(&self, at: &Mirror<'_>, migration: &Migration, _: Option<&Migration>) -> Result<String> {
        Ok(format!("DELETE FROM {} WHERE version = {}", at.table, literal(&migration.version)))
    }
}
