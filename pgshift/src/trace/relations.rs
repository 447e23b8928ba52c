//! The relations of a database, as they were at one moment: what they are called, and in which file their rows are.
//!
//! Knows no locks. System catalogs, TOAST tables and temporary tables are left out.

use super::eyes::{Eyes, Fields, number, optional, text};
use common::error::Result;
use common::name::QualifiedName;
use std::collections::HashMap;

/// Every relation with its name, its kind, its file, and the table that it is an index of.
const QUERY: &str = "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relfilenode, i.indrelid FROM pg_catalog.pg_class c \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid \
    WHERE c.oid >= 16384 AND c.relpersistence <> 't' AND n.nspname <> 'pg_toast'";

/// A relation.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    /// What it is called.
    pub(super) name: QualifiedName,
    /// What it is, as `pg_class` says it: `r`, `i` and so on.
    pub(super) kind: String,
    /// The file of its rows; 0 where it has none.
    pub(super) file: u32,
    /// Of an index: the table.
    pub(super) index_of: Option<u32>,
}

/// The relations of a database by their OIDs.
#[derive(Clone, Debug, Default)]
pub(super) struct Relations(pub(super) HashMap<u32, Relation>);

impl Relations {
    /// As they are now.
    pub(super) fn read(session: &mut impl Eyes) -> Result<Self> {
        let relation = |row: &Fields| {
            let relation = Relation {
                name: QualifiedName::new(text(row, 1), text(row, 2)),
                kind: text(row, 3).to_owned(),
                file: number(row, 4)?,
                index_of: optional(row, 5)?,
            };
            Ok((number(row, 0)?, relation))
        };
        session.rows(QUERY, 6)?.iter().map(relation).collect::<Result<_>>().map(Self)
    }

    /// The relation that somebody waits for who waits for this one: planning a query locks the indexes of its tables.
    pub(super) fn table_of(&self, oid: u32) -> u32 {
        self.0.get(&oid).and_then(|relation| relation.index_of).unwrap_or(oid)
    }

    /// What it is called.
    pub(super) fn name(&self, oid: u32) -> String {
        self.0.get(&oid).map_or_else(|| format!("OID {oid}"), |relation| relation.name.to_string())
    }

    /// What it is, in a word.
    pub(super) fn kind(&self, oid: u32) -> &'static str {
        match self.0.get(&oid).map(|relation| relation.kind.as_str()) {
            Some("i" | "I") => "index",
            Some("S") => "sequence",
            Some("v") => "view",
            Some("m") => "materialized view",
            Some("f") => "foreign table",
            Some("c") => "type",
            _ => "table",
        }
    }

    /// Those whose file differs between `before` and `after`; of an index only when its table's does not.
    pub(super) fn rewritten(
        &self,
        before: impl Fn(u32) -> Option<u32>,
        after: impl Fn(u32) -> Option<u32>,
    ) -> Vec<u32> {
        let moved =
            |oid: u32| matches!((before(oid), after(oid)), (Some(before), Some(after)) if before != after);
        let with_table = |oid: u32| self.table_of(oid) != oid && moved(self.table_of(oid));
        let all = self.0.keys().copied();
        let mut moved: Vec<u32> = all.filter(|oid| moved(*oid) && !with_table(*oid)).collect();
        moved.sort_unstable();
        moved
    }

    /// The file of its rows.
    pub(super) fn file(&self, oid: u32) -> Option<u32> {
        self.0.get(&oid).map(|relation| relation.file)
    }
}
