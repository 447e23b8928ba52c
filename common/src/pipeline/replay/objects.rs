//! Large objects back into a database, many in one statement.

use super::Replay;
use crate::error::{Context as _, Result};
use crate::format::manifest::{LargeObjects, Segment};
use crate::pg::session::Session;
use crate::store::Store;

/// Objects whose owners and privileges are set in one transaction: each is locked until its end.
const BATCH: u32 = 500;

/// Makes all objects, empty, with owners, privileges and comments.
pub(super) fn create(
    session: &mut Session,
    store: &Store,
    objects: &LargeObjects,
    replay: &Replay<'_>,
) -> Result<()> {
    let spelling = &replay.spelling;
    session.execute(
        "CREATE TEMP TABLE pgsnap_objects (id pg_catalog.oid PRIMARY KEY, owner pg_catalog.text, acl pg_catalog.text, \
         comment pg_catalog.text)",
    )?;
    copy(session, store, &objects.catalog, "COPY pg_temp.pgsnap_objects FROM STDIN")?;
    if replay.clean {
        unlink(session)?;
    }
    session
        .execute("SELECT count(pg_catalog.lo_create(id)) FROM pg_temp.pgsnap_objects")
        .context(|| "cannot make the large objects".to_owned())?;
    if spelling.no_privileges {
        // Their roles may not be there, and then the server can't even read them.
        session.execute("UPDATE pg_temp.pgsnap_objects SET acl = NULL")?;
    }
    let mut last = String::from("0");
    loop {
        let rows = session.query(&format!(
            "{} LIMIT {BATCH}",
            include_str!("../../pg/sql/large_object_statements.sql").trim_end().replace("$1", &last)
        ))?;
        let Some(row) = rows.last() else { break };
        row.text(0).clone_into(&mut last);
        let mut statements = String::new();
        for row in &rows {
            for (column, wanted) in [(1, !spelling.no_owner), (2, !spelling.no_comments), (3, true)] {
                if wanted {
                    statements.push_str(row.text(column));
                }
            }
        }
        session.execute(&statements).context(|| "cannot set who owns the large objects".to_owned())?;
    }
    session.execute("DROP TABLE pg_temp.pgsnap_objects")
}

/// Drops those that are in the way.
fn unlink(session: &mut Session) -> Result<()> {
    let sql = format!(
        "SELECT count(pg_catalog.lo_unlink(o.id)) FROM (SELECT m.oid AS id FROM pg_catalog.pg_largeobject_metadata m \
         JOIN pg_temp.pgsnap_objects n ON n.id = m.oid LIMIT {BATCH}) o"
    );
    while session.query_one(&sql).context(|| "cannot drop large objects".to_owned())?.text(0) != "0" {}
    Ok(())
}

/// Writes the bytes of one range of objects.
pub(super) fn fill(session: &mut Session, store: &Store, segment: &Segment, piece: u64) -> Result<()> {
    session.execute(
        "CREATE TEMP TABLE IF NOT EXISTS pgsnap_pieces (id pg_catalog.oid, number pg_catalog.int8, bytes pg_catalog.bytea)",
    )?;
    for block in &segment.blocks {
        let mut rows = session.copy_in("COPY pg_temp.pgsnap_pieces FROM STDIN")?;
        rows.write(&store.block(block, "large objects")?)?;
        rows.finish()?;
        session.execute(&format!(
            "SELECT count(*) FROM (SELECT pg_catalog.lo_put(id, number * {piece}, bytes) FROM pg_temp.pgsnap_pieces) done; \
             TRUNCATE pg_temp.pgsnap_pieces"
        ))?;
    }
    Ok(())
}

fn copy(session: &mut Session, store: &Store, segment: &Segment, sql: &str) -> Result<()> {
    let mut rows = session.copy_in(sql)?;
    for block in &segment.blocks {
        rows.write(&store.block(block, "large objects")?)?;
    }
    rows.finish().map(drop)
}
