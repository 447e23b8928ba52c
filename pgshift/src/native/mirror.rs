//! That another tool's table is written to with every migration, so that going back to the tool stays possible.
//!
//! A row in a table beside our history says which table that is. What can't be written is an error before anything is run.

use super::{ALL, Mirror, Run, Tool};
use crate::source::Migration;
use common::error::{Error, Result};
use common::name::{QualifiedName, literal};
use common::pg::session::Session;
use std::path::Path;

/// A table that is written to.
#[derive(Clone)]
pub(crate) struct Kept {
    tool: &'static dyn Tool,
    table: QualifiedName,
}

/// What to write of a migration.
#[derive(Clone, Debug)]
pub(crate) struct Strokes {
    /// When it was applied.
    pub(crate) applied: String,
    /// When it was taken back.
    pub(crate) reverted: String,
}

fn place(schema: &str) -> QualifiedName {
    QualifiedName::new(schema, "mirror")
}

impl Kept {
    /// The tool's table.
    pub(crate) fn new(tool: &'static dyn Tool, table: QualifiedName) -> Self {
        Self { tool, table }
    }

    /// Which table is written to beside the history in `schema`, if any.
    pub(crate) fn read(session: &mut Session, schema: &str) -> Result<Option<Self>> {
        let place = place(schema);
        let there = format!("SELECT pg_catalog.to_regclass({}) IS NOT NULL", literal(&place.to_string()));
        if !session.query_one(&there)?.is_true(0) {
            return Ok(None);
        }
        let rows = session.query(&format!("SELECT tool, table_schema, table_name FROM {place}"))?;
        let Some(row) = rows.first() else { return Ok(None) };
        let tool = ALL.into_iter().find(|tool| tool.name() == row.text(0)).ok_or_else(|| {
            let message = format!("{place} names a tool that is not known: {}", row.text(0));
            Error::failed("newer_history", message).hint("use a newer pgshift")
        })?;
        Ok(Some(Self { tool, table: QualifiedName::new(row.text(1), row.text(2)) }))
    }

    /// The statements that say from now on the table is written to.
    pub(crate) fn keep(&self, schema: &str) -> Vec<String> {
        let place = place(schema);
        let (tool, table) = (literal(self.tool.name()), &self.table);
        vec![
            format!(
                "CREATE TABLE IF NOT EXISTS {place} (tool text NOT NULL, table_schema text NOT NULL, table_name text NOT NULL)"
            ),
            format!("DELETE FROM {place}"),
            format!(
                "INSERT INTO {place} VALUES ({tool}, {}, {})",
                literal(&table.schema),
                literal(&table.name)
            ),
        ]
    }

    /// What to write of each migration; each comes with how many statements it has.
    pub(crate) fn strokes(
        &self,
        directory: &Path,
        migrations: &[(&Migration, usize)],
    ) -> Result<Vec<Strokes>> {
        let at = Mirror { table: &self.table, directory };
        let all: Vec<Migration> = migrations.iter().map(|(migration, _)| (*migration).clone()).collect();
        let checksums = self.tool.checksums(&all)?;
        let mut before: Option<&Migration> = None;
        let mut strokes = Vec::with_capacity(all.len());
        for ((migration, statements), own) in migrations.iter().zip(&checksums) {
            let run = Run { checksum: own.first().map(String::as_str), statements: *statements };
            strokes.push(Strokes {
                applied: self.tool.applied(&at, migration, &run)?,
                reverted: self.tool.reverted(&at, migration, before)?,
            });
            before = Some(migration);
        }
        Ok(strokes)
    }
}
