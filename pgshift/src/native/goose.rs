//! goose: a row for each run of a version; the last of them says whether it is applied.

use super::{Columns, Mirror, Past, Row, Run, Tool};
use crate::source::{Migration, order};
use common::error::Result;
use common::name::{QualifiedName, literal};
use common::pg::session::Session;

pub(super) struct Goose;

impl Tool for Goose {
    fn name(&self) -> &'static str {
        "goose"
    }

    fn owns(&self, table: &Columns) -> bool {
        table.are(&["id", "version_id", "is_applied", "tstamp"])
    }

    fn read(&self, session: &mut Session, table: &QualifiedName) -> Result<Past> {
        // Version 0 is the row that the tool makes with the table.
        let rows = session.query(&format!(
            "SELECT version_id, tstamp FROM (SELECT DISTINCT ON (version_id) * FROM {table} WHERE version_id <> 0 \
             ORDER BY version_id, id DESC) AS last WHERE is_applied ORDER BY id"
        ))?;
        let rows = rows.into_iter().map(|row| Row {
            others: Vec::new(),
            key: order::number(row.text(0)).to_owned(),
            shown: row.text(0).to_owned(),
            checksum: None,
            at: row.owned(1),
        });
        Ok(Past { rows: rows.collect(), ..Past::default() })
    }

    fn applied(&self, at: &Mirror<'_>, migration: &Migration, _: &Run<'_>) -> Result<String> {
        let version = literal(&migration.version);
        Ok(format!("INSERT INTO {} (version_id, is_applied) VALUES ({version}, true)", at.table))
    }

    fn reverted(&self, at: &Mirror<'_>, migration: &Migration, _: Option<&Migration>) -> Result<String> {
        Ok(format!("DELETE FROM {} WHERE version_id = {}", at.table, literal(&migration.version)))
    }
}
