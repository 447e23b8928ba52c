//! Reads the history; SELECT on its table is all that it needs.

use super::create::FORMAT;
use super::{Applied, History, Standing};
use crate::source::MigrationKind;
use common::error::{Error, Result};
use common::name::{ident, literal};
use common::pg::session::{Row, Session};

impl History {
    /// All rows in the order in which they were written; none when there is no history yet.
    pub(crate) fn read(&self, session: &mut Session) -> Result<Vec<Applied>> {
        let table = self.table();
        let about = session.query(&format!(
            "SELECT pg_catalog.obj_description(c.oid, 'pg_class') FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = {} AND c.relname = {} AND c.relkind = 'r'",
            literal(&table.schema),
            literal(&table.name)
        ))?;
        let Some(about) = about.first() else { return Ok(Vec::new()) };
        check_format(about.text(0), &table.to_string())?;
        let rows = session.query(&format!(
            "SELECT id, kind, version, name, checksum, state, statements, statements_done, done_checksum, \
             statement_under_way, started_at, \
             pg_catalog.to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), \
             pg_catalog.date_part('epoch', finished_at) - pg_catalog.date_part('epoch', started_at), \
             applied_by, gate, snapshot, store FROM {table} ORDER BY id"
        ));
        let rows = rows.map_err(|error| {
            let error = error.context(format!("cannot read the history {table}"));
            match error.sqlstate() {
                Some("42501") => error.hint(format!(
                    "GRANT USAGE ON SCHEMA {} TO …; GRANT SELECT ON TABLE {table} TO …",
                    ident(&table.schema)
                )),
                _ => error,
            }
        })?;
        rows.iter().map(applied).collect()
    }
}

fn check_format(comment: &str, table: &str) -> Result<()> {
    let format = comment.strip_prefix("pgshift, format ").and_then(|number| number.parse::<u32>().ok());
    match format {
        Some(format) if format <= FORMAT => Ok(()),
        Some(format) => Err(Error::failed(
            "newer_history",
            format!("the history {table} has format {format}, and this program knows format {FORMAT}"),
        )
        .hint("use a newer pgshift")),
        None => Err(Error::failed("not_a_history", format!("{table} is not a history of pgshift's"))
            .cause("its comment does not say so")
            .hint("name another schema with --history-schema")),
    }
}

fn applied(row: &Row) -> Result<Applied> {
    Ok(Applied {
        id: row.number(0)?,
        kind: match row.text(1) {
            "repeatable" => MigrationKind::Repeatable,
            "baseline" => MigrationKind::Baseline,
            _ => MigrationKind::Versioned,
        },
        version: row.text(2).to_owned(),
        name: row.text(3).to_owned(),
        checksum: row.text(4).to_owned(),
        standing: Standing::of(row.text(5)),
        statements: row.number(6)?,
        done: row.number(7)?,
        done_checksum: row.text(8).to_owned(),
        under_way: row.optional(9).map(|_| row.number(9)).transpose()?,
        started_at: row.text(10).to_owned(),
        finished_at: row.owned(11),
        seconds: row.optional(12).map(|_| row.number(12)).transpose()?,
        by: row.text(13).to_owned(),
        gate: row.text(14).to_owned(),
        snapshot: row.owned(15),
        store: row.owned(16),
    })
}
