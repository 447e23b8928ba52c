//! golang-migrate: one row, with the version that was applied last, and whether that went wrong.

use super::{Columns, Mirror, Past, Run, Tool};
use crate::source::{Migration, order};
use common::error::Result;
use common::name::{QualifiedName, literal};
use common::pg::session::Session;

pub(super) struct GolangMigrate;

impl Tool for GolangMigrate {
    fn name(&self) -> &'static str {
        "golang-migrate"
    }

    fn owns(&self, table: &Columns) -> bool {
        table.are(&["version", "dirty"]) && table.is("version", "bigint") && table.is("dirty", "boolean")
    }

    fn read(&self, session: &mut Session, table: &QualifiedName) -> Result<Past> {
        let mut past = Past::default();
        // A version below zero is none.
        for row in session.query(&format!("SELECT version, dirty FROM {table} WHERE version >= 0"))? {
            if row.is_true(1) {
                past.dirty.push(format!("version {} is dirty", row.text(0)));
            } else {
                past.floor = row.owned(0);
            }
        }
        Ok(past)
    }

    fn reaches(&self, floor: &str, migration: &Migration) -> bool {
        order::numeric(&migration.version, floor).is_le()
    }

    fn applied(&self, at: &Mirror<'_>, migration: &Migration, _: &Run<'_>) -> Result<String> {
        // Its one row says that everything up to a version is applied: one that came late does not set it back.
        let (table, version) = (at.table, literal(&migration.version));
        Ok(format!(
            "WITH passed AS (DELETE FROM {table} WHERE version < {version}) INSERT INTO {table} (version, dirty) SELECT {version}::bigint, false \
             WHERE NOT EXISTS (SELECT FROM {table} WHERE version >= {version})"
        ))
    }

    fn reverted(&self, at: &Mirror<'_>, _: &Migration, before: Option<&Migration>) -> Result<String> {
        Ok(only(at, before))
    }
}

/// Makes this version the only row.
fn only(at: &Mirror<'_>, migration: Option<&Migration>) -> String {
    let emptied = format!("DELETE FROM {}", at.table);
    match migration {
        None => emptied,
        Some(migration) => format!(
            "WITH emptied AS ({emptied} WHERE version <> {version}) INSERT INTO {} (version, dirty) VALUES ({version}, false) \
             ON CONFLICT DO NOTHING",
            at.table,
            version = literal(&migration.version)
        ),
    }
}
