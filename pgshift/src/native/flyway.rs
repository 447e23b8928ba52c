//! Flyway: a row for each run, in the order of `installed_rank`.
//!
//! A baseline stands for all versions up to its own. Rows of type `DELETE` and `UNDO_…` cancel earlier ones. The checksum
//! of a versioned script is over its text as it lies there; of a repeatable one over what was run.

use super::{Columns, Mirror, Past, Row, Run, Tool, checksum, elapsed, file_name};
use crate::source::{Migration, MigrationKind, order};
use common::error::Result;
use common::name::{QualifiedName, literal};
use common::pg::session::Session;

pub(super) struct Flyway;

/// A repeatable script is known by its description.
fn described(description: &str) -> String {
    format!("R {description}")
}

fn shown_name(name: &str) -> String {
    name.replace('_', " ")
}

impl Tool for Flyway {
    fn name(&self) -> &'static str {
        "flyway"
    }

    fn owns(&self, table: &Columns) -> bool {
        table.has(&["installed_rank", "version", "description", "type", "script", "checksum", "success"])
    }

    fn read(&self, session: &mut Session, table: &QualifiedName) -> Result<Past> {
        let rows = session.query(&format!(
            "SELECT version, description, type, script, checksum, installed_on, success FROM {table} ORDER BY installed_rank"
        ))?;
        let mut past = Past::default();
        for row in rows {
            let kind = row.text(2);
            let key = match row.optional(0) {
                Some(version) => order::dotted_number(&version.replace('_', ".")),
                None => described(row.text(1)),
            };
            let earlier = |past: &mut Past| past.rows.retain(|row| row.key != key);
            if !row.is_true(6) {
                past.dirty.push(format!("{} failed", row.text(3)));
            } else if kind == "SCHEMA" {
            } else if kind == "DELETE" || kind.starts_with("UNDO") {
                earlier(&mut past);
            } else {
                if kind.ends_with("BASELINE") {
                    past.floor = Some(key.clone());
                }
                earlier(&mut past);
                let shown = row.text(3).to_owned();
                past.rows.push(Row {
                    others: Vec::new(),
                    key,
                    shown,
                    checksum: row.owned(4),
                    at: row.owned(5),
                });
            }
        }
        Ok(past)
    }

    fn key(&self, migration: &Migration) -> String {
        match migration.kind {
            MigrationKind::Repeatable => described(&shown_name(&migration.name)),
            _ => order::dotted_number(&migration.version),
        }
    }

    fn reaches(&self, floor: &str, migration: &Migration) -> bool {
        migration.kind != MigrationKind::Repeatable && order::dotted(&migration.version, floor).is_le()
    }

    fn checksums(&self, migrations: &[Migration]) -> Result<Vec<Vec<String>>> {
        let of = |migration: &Migration| {
            let sum = match migration.kind {
                MigrationKind::Repeatable => checksum::of_lines(&migration.up.text),
                _ => checksum::of_lines(&checksum::bytes(&migration.up.path)?),
            };
            Ok(vec![sum.to_string()])
        };
        migrations.iter().map(of).collect()
    }

    fn applied(&self, at: &Mirror<'_>, migration: &Migration, run: &Run<'_>) -> Result<String> {
        let inside = migration.up.path.strip_prefix(at.directory).unwrap_or(&migration.up.path);
        let (version, kind) = match migration.kind {
            MigrationKind::Versioned => (literal(&migration.version), "SQL"),
            MigrationKind::Baseline => (literal(&migration.version), "SQL_BASELINE"),
            MigrationKind::Repeatable => ("NULL".to_owned(), "SQL"),
        };
        let table = at.table;
        Ok(format!(
            "INSERT INTO {table} (installed_rank, version, description, type, script, checksum, installed_by, execution_time, \
             success) VALUES ((SELECT coalesce(pg_catalog.max(installed_rank), 0) + 1 FROM {table}), {version}, {}, {}, {}, {}, \
             CURRENT_USER, {}, true)",
            literal(&shown_name(&migration.name)),
            literal(kind),
            literal(&inside.to_string_lossy()),
            run.checksum.unwrap_or("NULL"),
            elapsed(1000),
        ))
    }

    fn reverted(&self, at: &Mirror<'_>, migration: &Migration, _: Option<&Migration>) -> Result<String> {
        let script =
            migration.down.as_ref().map(|down| file_name(&down.path)).transpose()?.unwrap_or_default();
        let table = at.table;
        Ok(format!(
            "INSERT INTO {table} (installed_rank, version, description, type, script, installed_by, execution_time, success) \
             VALUES ((SELECT coalesce(pg_catalog.max(installed_rank), 0) + 1 FROM {table}), {}, {}, 'UNDO_SQL', {}, CURRENT_USER, 0, true)",
            literal(&migration.version),
            literal(&shown_name(&migration.name)),
            literal(script),
        ))
    }
}
