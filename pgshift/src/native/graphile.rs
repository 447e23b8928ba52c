//! graphile-migrate: a row for each file, under its number alone, with the hash that is in the file's head.

use super::{Columns, Mirror, Past, Row, Run, Tool, file_name};
use crate::source::{CommittedHeader, Migration};
use common::error::{Error, Result};
use common::name::{QualifiedName, literal};
use common::pg::session::Session;
use std::path::Path;

pub(super) struct Graphile;

impl Tool for Graphile {
    fn name(&self) -> &'static str {
        "graphile-migrate"
    }

    fn owns(&self, table: &Columns) -> bool {
        table.are(&["hash", "previous_hash", "filename", "date"])
    }

    fn read(&self, session: &mut Session, table: &QualifiedName) -> Result<Past> {
        let sql = format!("SELECT filename, hash, date FROM {table} ORDER BY filename COLLATE \"C\"");
        let rows = session.query(&sql)?.into_iter().map(|row| Row {
            others: Vec::new(),
            key: row.text(0).to_owned(),
            shown: row.text(0).to_owned(),
            checksum: row.owned(1),
            at: row.owned(2),
        });
        Ok(Past { rows: rows.collect(), ..Past::default() })
    }

    fn key(&self, migration: &Migration) -> String {
        recorded(&migration.up.path).unwrap_or_default()
    }

    fn checksums(&self, migrations: &[Migration]) -> Result<Vec<Vec<String>>> {
        migrations.iter().map(|migration| Ok(vec![header(&migration.up.path)?.hash])).collect()
    }

    fn applied(&self, at: &Mirror<'_>, migration: &Migration, _: &Run<'_>) -> Result<String> {
        let header = header(&migration.up.path)?;
        Ok(format!(
            "INSERT INTO {} (hash, previous_hash, filename) VALUES ({}, {}, {})",
            at.table,
            literal(&header.hash),
            header.previous.as_deref().map_or("NULL".to_owned(), literal),
            literal(&recorded(&migration.up.path)?)
        ))
    }

    fn reverted(&self, at: &Mirror<'_>, migration: &Migration, _: Option<&Migration>) -> Result<String> {
        Ok(format!("DELETE FROM {} WHERE filename = {}", at.table, literal(&recorded(&migration.up.path)?)))
    }
}

/// The name that its table has for a file: `000001.sql` for `000001-message.sql`.
fn recorded(path: &Path) -> Result<String> {
    let number: String = file_name(path)?.chars().take_while(char::is_ascii_digit).collect();
    Ok(format!("{number}.sql"))
}

fn header(path: &Path) -> Result<CommittedHeader> {
    CommittedHeader::at(path).map_err(|error| {
        let message = format!("{} has no hash of graphile-migrate's", path.display());
        Error::failed("directive", message).cause(error.to_string())
    })
}
