//! Facts out of a live database, in a transaction that only reads.

use super::take::Stats;
use crate::records::{ColumnStats, ConstraintStats, DatabaseStats, IndexStats, RelationStats, ViewStats};
use common::error::{Context as _, Result};
use common::pg::session::{Row, Session};
use std::collections::BTreeMap;

/// How long sizes wait for somebody who holds a table exclusively.
const PATIENCE: &str = "SET LOCAL lock_timeout = '2s'";

/// Reads what is known of the database; nothing of its rows.
pub(crate) fn collect(session: &mut Session) -> Result<Stats> {
    gather(session).context(|| format!("cannot read the catalogs of {}", session.target().describe()))
}

fn gather(session: &mut Session) -> Result<Stats> {
    // As the user's sessions have it: pinning the session changes both.
    let own = session.query_one(
        "SELECT pg_catalog.current_database(), pg_catalog.current_setting('server_version_num'), \
         pg_catalog.current_setting('TimeZone'), pg_catalog.to_json(pg_catalog.current_schemas(false))",
    )?;
    session.pin()?;
    session.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let mut stats = Stats {
        database: DatabaseStats {
            database: own.text(0).to_owned(),
            server_version_num: own.number(1)?,
            time_zone: own.text(2).to_owned(),
            search_path: serde_json::from_str(own.text(3)).unwrap_or_default(),
        },
        ..Stats::default()
    };
    for row in session.query(include_str!("relations.sql"))? {
        stats.relations.push(relation(&row)?);
    }
    for row in session.query(include_str!("columns.sql"))? {
        stats.columns.push(ColumnStats {
            schema: text(&row, 0),
            relation: text(&row, 1),
            name: text(&row, 2),
            type_name: text(&row, 3),
            not_null: row.is_true(4),
        });
    }
    for row in session.query(include_str!("constraints.sql"))? {
        stats.constraints.push(constraint(&row));
    }
    for row in session.query(include_str!("indexes.sql"))? {
        stats.indexes.push(IndexStats {
            schema: text(&row, 0),
            relation: text(&row, 1),
            name: text(&row, 2),
            unique: row.is_true(3),
            valid: row.is_true(4),
            partial: row.is_true(5),
            columns: common::pg::catalog::array(row.text(6)),
            uses: common::pg::catalog::array(row.text(7)),
            bytes: None,
        });
    }
    for row in session.query(include_str!("views.sql"))? {
        stats.views.push(ViewStats {
            schema: text(&row, 0),
            name: text(&row, 1),
            reads_schema: text(&row, 2),
            reads_name: text(&row, 3),
        });
    }
    weigh(session, &mut stats)?;
    session.execute("ROLLBACK")?;
    Ok(stats)
}

/// Fills in the sizes. Who waits too long takes what was counted last.
fn weigh(session: &mut Session, stats: &mut Stats) -> Result<()> {
    session.execute("SAVEPOINT sizes")?;
    session.execute(PATIENCE)?;
    let rows = match session.query(include_str!("sizes.sql")) {
        Err(error) if error.sqlstate() == Some("55P03") => {
            session.execute("ROLLBACK TO SAVEPOINT sizes")?;
            session.query(include_str!("pages.sql"))?
        }
        rows => rows?,
    };
    let mut sizes = BTreeMap::new();
    for row in &rows {
        let bytes = row.optional(3).map(|_| row.number::<u64>(3)).transpose()?;
        sizes.insert((text(row, 0), text(row, 1), row.is_true(2)), bytes);
    }
    for relation in &mut stats.relations {
        relation.bytes =
            sizes.get(&(relation.schema.clone(), relation.name.clone(), false)).copied().flatten();
    }
    for index in &mut stats.indexes {
        index.bytes = sizes.get(&(index.schema.clone(), index.name.clone(), true)).copied().flatten();
    }
    Ok(())
}

fn relation(row: &Row) -> Result<RelationStats> {
    Ok(RelationStats {
        schema: text(row, 0),
        name: text(row, 1),
        kind: text(row, 2),
        rows: row.optional(3).map(|_| row.number(3)).transpose()?,
        bytes: None,
        parent_schema: row.owned(4),
        parent_name: row.owned(5),
        default_partition: row.is_true(6),
        triggers: common::pg::catalog::array(row.text(7)),
        writes_per_second: row.optional(8).map(|_| row.number(8)).transpose()?,
    })
}

fn constraint(row: &Row) -> ConstraintStats {
    let columns = common::pg::catalog::array(row.text(5));
    ConstraintStats {
        schema: text(row, 0),
        relation: text(row, 1),
        name: text(row, 2),
        kind: text(row, 3),
        validated: row.is_true(4),
        proves_not_null: if row.is_true(6) { columns.clone() } else { Vec::new() },
        columns,
        references_schema: row.owned(7),
        references_name: row.owned(8),
        inherited: row.is_true(9),
    }
}

fn text(row: &Row, index: usize) -> String {
    row.text(index).to_owned()
}
