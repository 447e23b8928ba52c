//! How far backfills are: a table beside the history, made when there is a first one. Its row changes in the transaction of
//! the batch.

use super::{Direction, History, kind_word};
use crate::source::MigrationKind;
use common::error::{Error, Result};
use common::name::{QualifiedName, literal};
use common::pg::session::{Row, Session};

/// Which backfill.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BackfillOf<'a> {
    /// The migration's kind.
    pub(crate) kind: MigrationKind,
    /// Its version.
    pub(crate) version: &'a str,
    /// Which of its scripts.
    pub(crate) direction: Direction,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// The fingerprint of its script.
    pub(crate) checksum: String,
    /// The columns of the key.
    pub(crate) columns: Vec<String>,
    /// The last key that is done; none before the first batch.
    pub(crate) last: Option<Vec<String>>,
    /// The highest key there was when it began; none when there were no rows.
    pub(crate) highest: Option<Vec<String>>,
    /// Rows that were gone along.
    pub(crate) rows_done: u64,
    /// Rows that there were, by the server's estimate.
    pub(crate) rows_estimated: Option<u64>,
    /// Batches that were committed.
    pub(crate) batches: u64,
    /// Rows of the next batch.
    pub(crate) batch_rows: u64,
}

impl History {
    /// How far a backfill is; nothing when it has not begun.
    pub(crate) fn checkpoint(&self, session: &mut Session, of: BackfillOf<'_>) -> Result<Option<Checkpoint>> {
        if !self.has_backfills(session)? {
            return Ok(None);
        }
        let table = self.backfills();
        let rows = session.query(&format!(
            "SELECT checksum, pg_catalog.array_to_json(key_columns), pg_catalog.array_to_json(last_key), \
             pg_catalog.array_to_json(highest_key), rows_done, rows_estimated, batches, batch_rows FROM {table} WHERE {}",
            of.condition()
        ));
        let rows = rows.map_err(|error| {
            let denied = error.sqlstate() == Some("42501");
            let error = error.context(format!("cannot read how far backfills are: {table}"));
            if denied { error.hint(format!("GRANT SELECT ON TABLE {table} TO …")) } else { error }
        })?;
        rows.first().map(checkpoint).transpose()
    }

    /// What makes the table where there is none; and what begins a backfill.
    pub(crate) fn begin_backfill(
        &self,
        session: &mut Session,
        of: BackfillOf<'_>,
        checkpoint: &Checkpoint,
    ) -> Result<Vec<String>> {
        let table = self.backfills();
        let mut statements = Vec::new();
        if self.has_backfills(session)? {
            statements.push(format!("DELETE FROM {table} WHERE {}", of.condition()));
        } else {
            statements.push(include_str!("backfills.sql").replace("TABLE_NAME", &table.to_string()));
        }
        statements.push(format!(
            "INSERT INTO {table} (kind, version, direction, checksum, key_columns, highest_key, rows_estimated, batch_rows) \
             VALUES ({}, {}, {}, {}, {}, {}, {}, {})",
            literal(kind_word(of.kind)),
            literal(of.version),
            literal(word(of.direction)),
            literal(&checkpoint.checksum),
            array(Some(&checkpoint.columns)),
            array(checkpoint.highest.as_deref()),
            checkpoint.rows_estimated.map_or("NULL".to_owned(), |rows| rows.to_string()),
            checkpoint.batch_rows
        ));
        Ok(statements)
    }

    /// Says how far a backfill is.
    pub(crate) fn advance_backfill(&self, of: BackfillOf<'_>, checkpoint: &Checkpoint) -> String {
        format!(
            "UPDATE {} SET last_key = {}, rows_done = {}, batches = {}, batch_rows = {}, \
             updated_at = pg_catalog.clock_timestamp() WHERE {}",
            self.backfills(),
            array(checkpoint.last.as_deref()),
            checkpoint.rows_done,
            checkpoint.batches,
            checkpoint.batch_rows,
            of.condition()
        )
    }

    /// What makes a backfill begin anew.
    pub(crate) fn forget_backfill(&self, of: BackfillOf<'_>) -> String {
        format!("DELETE FROM {} WHERE {}", self.backfills(), of.condition())
    }

    fn backfills(&self) -> QualifiedName {
        QualifiedName::new(self.schema(), "backfills")
    }

    fn has_backfills(&self, session: &mut Session) -> Result<bool> {
        let row = session.query_one(&format!(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = {} AND c.relname = 'backfills')",
            literal(self.schema())
        ))?;
        Ok(row.is_true(0))
    }
}

impl BackfillOf<'_> {
    fn condition(self) -> String {
        format!(
            "kind = {} AND version = {} AND direction = {}",
            literal(kind_word(self.kind)),
            literal(self.version),
            literal(word(self.direction))
        )
    }
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "up",
        Direction::Down => "down",
    }
}

fn array(values: Option<&[String]>) -> String {
    let Some(values) = values else { return "NULL".to_owned() };
    let values: Vec<String> = values.iter().map(|value| literal(value)).collect();
    format!("ARRAY[{}]::pg_catalog.text[]", values.join(", "))
}

fn checkpoint(row: &Row) -> Result<Checkpoint> {
    let list = |index: usize| {
        let list = row.optional(index).map(serde_json::from_str::<Vec<String>>).transpose();
        list.map_err(|error| {
            Error::failed("protocol", "a checkpoint's key is no list").cause(error.to_string())
        })
    };
    Ok(Checkpoint {
        checksum: row.text(0).to_owned(),
        columns: list(1)?.unwrap_or_default(),
        last: list(2)?,
        highest: list(3)?,
        rows_done: row.number(4)?,
        rows_estimated: row.optional(5).map(|_| row.number(5)).transpose()?,
        batches: row.number(6)?,
        batch_rows: row.number(7)?,
    })
}
