//! Tables, sequences, materialised views, and what hangs together.

use super::array;
use crate::error::Result;
use crate::format::manifest::Column;
use crate::name::QualifiedName;
use crate::pg::session::Session;
use std::collections::{HashMap, HashSet};

/// Something that holds rows or counts.
#[expect(clippy::struct_excessive_bools, reason = "each is a column of the catalog")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Its OID.
    pub oid: u32,
    /// Its name.
    pub name: QualifiedName,
    /// `r` table, `p` partitioned table, `m` materialised view, `S` sequence, `f` foreign table.
    pub kind: char,
    /// Whether it is an unlogged one.
    pub unlogged: bool,
    /// Whether it belongs to a session alone.
    pub temporary: bool,
    /// Its file node.
    pub filenode: u32,
    /// Whether its access method is `heap`.
    pub heap: bool,
    /// Bytes of its main fork.
    pub main_bytes: u64,
    /// Bytes of its TOAST table.
    pub toast_bytes: u64,
    /// Whether it was filled, of materialised views.
    pub populated: bool,
    /// Its owner.
    pub owner: String,
    /// The extension that it belongs to.
    pub extension: Option<String>,
    /// Whether the extension declares it as configuration: its rows are the user's.
    pub configuration: bool,
    /// Of a configuration table: which rows are the user's, as a WHERE clause, or empty.
    pub condition: String,
    /// Of a sequence: the OID of the table that owns it.
    pub owned_by: Option<u32>,
    /// Of a sequence: whether it is that of an identity column.
    pub identity: bool,
}

/// A column, and what else is known of it.
pub struct Known {
    /// The column.
    pub column: Column,
    /// Whether it is generated.
    pub generated: bool,
    /// Whether its type is PostgreSQL's own.
    pub builtin: bool,
}

/// All relations outside the system's schemas.
pub fn relations(session: &mut Session) -> Result<Vec<Relation>> {
    let rows = session.query(include_str!("../sql/relations.sql"))?;
    rows.iter()
        .map(|row| {
            Ok(Relation {
                oid: row.number(0)?,
                name: QualifiedName::new(row.text(1), row.text(2)),
                kind: row.text(3).chars().next().unwrap_or('?'),
                unlogged: row.text(4) == "u",
                temporary: row.text(4) == "t",
                filenode: row.number(5)?,
                heap: row.text(6) == "heap",
                main_bytes: row.number(7)?,
                toast_bytes: row.number(8)?,
                populated: row.is_true(9),
                owner: row.text(10).to_owned(),
                extension: row.owned(11),
                configuration: row.is_true(12),
                condition: row.text(13).to_owned(),
                owned_by: row.optional(14).map(|_| row.number(14)).transpose()?,
                identity: row.is_true(15),
            })
        })
        .collect()
}

/// Columns by relation.
pub fn columns(session: &mut Session) -> Result<HashMap<u32, Vec<Known>>> {
    let mut columns: HashMap<u32, Vec<Known>> = HashMap::new();
    for row in session.query(include_str!("../sql/columns.sql"))? {
        let column = Column { name: row.text(1).to_owned(), type_name: row.text(2).to_owned() };
        let known = Known { column, generated: !row.text(3).is_empty(), builtin: row.is_true(4) };
        columns.entry(row.number(0)?).or_default().push(known);
    }
    Ok(columns)
}

/// A text that changes when a type of the database's own changes.
pub fn types(session: &mut Session) -> Result<String> {
    let rows = session.query(include_str!("../sql/types.sql"))?;
    Ok(rows.iter().flat_map(|row| [row.text(0), "\n"]).collect())
}

/// Partitions that must be loaded through a root, by OID.
pub fn partition_roots(session: &mut Session) -> Result<HashMap<u32, QualifiedName>> {
    let rows = session.query(include_str!("../sql/partition_roots.sql"))?;
    rows.iter().map(|row| Ok((row.number(0)?, QualifiedName::new(row.text(1), row.text(2))))).collect()
}

/// The columns of each key of a table by the table's OID, the best key first: unique, valid, never NULL.
pub fn keys(session: &mut Session) -> Result<HashMap<u32, Vec<Vec<String>>>> {
    let mut keys: HashMap<u32, Vec<Vec<String>>> = HashMap::new();
    for row in session.query(include_str!("../sql/keys.sql"))? {
        keys.entry(row.number(0)?).or_default().push(array(row.text(1)));
    }
    Ok(keys)
}

/// The partitioned table at the top of each partition that holds rows, by the partition's OID.
pub fn partitions(session: &mut Session) -> Result<HashMap<u32, QualifiedName>> {
    let rows = session.query(include_str!("../sql/partitions.sql"))?;
    rows.iter().map(|row| Ok((row.number(0)?, QualifiedName::new(row.text(1), row.text(2))))).collect()
}

/// These materialised views in an order in which they can be filled.
pub fn matview_order(session: &mut Session, matviews: &[u32]) -> Result<Vec<u32>> {
    order(session, include_str!("../sql/view_dependencies.sql"), matviews)
}

/// These tables in an order in which foreign keys between them allow them to be filled, as far as there is one.
pub fn reference_order(session: &mut Session, tables: &[u32]) -> Result<Vec<u32>> {
    order(session, include_str!("../sql/references.sql"), tables)
}

/// `oids`, each behind those that it leads to by the pairs that `sql` gives.
fn order(session: &mut Session, sql: &str, oids: &[u32]) -> Result<Vec<u32>> {
    let mut leads: HashMap<u32, Vec<u32>> = HashMap::new();
    for row in session.query(sql)? {
        leads.entry(row.number(0)?).or_default().push(row.number(1)?);
    }
    let wanted: HashSet<u32> = oids.iter().copied().collect();
    let mut order = Vec::new();
    let mut seen = HashSet::new();
    // Depth first without recursion: views may be nested deeper than a stack likes.
    let mut pending: Vec<(u32, bool)> = oids.iter().rev().map(|&oid| (oid, false)).collect();
    while let Some((oid, done)) = pending.pop() {
        if done {
            order.push(oid);
        } else if seen.insert(oid) {
            pending.push((oid, true));
            pending.extend(leads.get(&oid).into_iter().flatten().map(|&lead| (lead, false)));
        }
    }
    order.retain(|oid| wanted.contains(oid));
    Ok(order)
}
