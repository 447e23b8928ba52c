//! One side's table as its own catalog has it.

use crate::diff::Shape;
use common::error::{Context as _, Error, Result};
use common::name::literal;
use common::pg::session::Session;
use std::collections::HashMap;

/// What one side's catalog says of the table.
pub(super) struct Face {
    /// Bytes of the table, TOAST included.
    pub(super) bytes: u64,
    /// Whether its rows are its own alone: a partitioned table has none but those of its partitions.
    pub(super) only: bool,
    /// The encoding of the database.
    pub(super) encoding: String,
    /// What this server's hash functions make of a value that all servers have.
    pub(super) probe: String,
    columns: HashMap<String, Known>,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Its type's OID.
    pub(super) type_oid: u32,
    /// Its type without modifiers: a cast to `character(5)` would cut.
    pub(super) type_name: String,
    /// Whether the binary form of its values means the same in every database.
    pub(super) image: bool,
    /// What its order rests on, when that is the same on every server.
    pub(super) order: Option<String>,
}

impl Face {
    /// Asks the server of `session` about the table of `shape`.
    pub(super) fn of(session: &mut Session, shape: &Shape) -> Result<Self> {
        let name = literal(&shape.table.to_string());
        let rows = session.query(&format!("{} {name}::pg_catalog.regclass", include_str!("table.sql")))?;
        let mut face = Self {
            bytes: 0,
            only: true,
            encoding: session.parameter("server_encoding").unwrap_or_default().to_owned(),
            probe: session.query_one(PROBE)?.text(0).to_owned(),
            columns: HashMap::new(),
        };
        for row in &rows {
            face.only = row.is_true(5);
            face.bytes = row.number(6)?;
            let known = Known {
                type_oid: row.number(1)?,
                type_name: row.text(2).to_owned(),
                image: row.is_true(3),
                order: row.owned(4),
            };
            face.columns.insert(row.text(0).to_owned(), known);
        }
        Ok(face)
    }

    /// The column of that name.
    pub(super) fn column(&self, name: &str) -> Result<&Known> {
        self.columns
            .get(name)
            .ok_or_else(|| Error::failed("moving", "it is not there any more"))
            .context(|| format!("cannot find column {}", common::name::ident(name)))
    }
}

/// What a table's rows are hashed with, tried on a row of several types.
const PROBE: &str = "SELECT pg_catalog.hash_array_extended(ARRAY[r], 1) || ' ' || pg_catalog.hash_array_extended(ARRAY[r], 2) || ' ' \
     || pg_catalog.hashint8extended(-7, 0) FROM (SELECT pg_catalog.record_send(ROW(1::pg_catalog.int8, 'a \u{e9}'::pg_catalog.text, \
     1.50::pg_catalog.numeric, -0.0::pg_catalog.float8, NULL::pg_catalog.date, '{1,NULL}'::pg_catalog.int4[])) AS r) AS probe";
