//! Large objects as rows: who owns them, and their bytes in pieces, without a round trip for each.
//!
//! A first pass reads the first piece of every object of a range in one COPY; objects that fill it go into the
//! next pass. So the number of statements is that of the largest object's pieces, not that of the objects.

use super::read::{Totals, rows};
use crate::error::Result;
use crate::format::fingerprint::RowHash;
use crate::pg::session::Session;

/// Bytes of a piece.
pub const PIECE: u64 = 256 << 10;
/// OIDs of a segment; segments begin at multiples of it.
const RANGE: u32 = 1 << 14;

const CATALOG: &str = "COPY (SELECT m.oid, pg_catalog.pg_get_userbyid(m.lomowner), m.lomacl::pg_catalog.text, \
     pg_catalog.obj_description(m.oid, 'pg_largeobject') FROM pg_catalog.pg_largeobject_metadata m \
     ORDER BY m.oid) TO STDOUT";

/// The numbers of the ranges that hold an object, and how many objects there are.
pub fn ranges(session: &mut Session) -> Result<(Vec<u32>, u64)> {
    let rows = session.query(&format!(
        "SELECT m.oid::pg_catalog.int8 / {RANGE}, count(*) FROM pg_catalog.pg_largeobject_metadata m GROUP BY 1 ORDER BY 1"
    ))?;
    let mut ranges = Vec::with_capacity(rows.len());
    let mut count = 0;
    for row in rows {
        ranges.push(row.number(0)?);
        count += row.number::<u64>(1)?;
    }
    Ok((ranges, count))
}

/// Reads who owns them, who may use them, and what is said of them.
pub fn catalog(session: &mut Session, each: impl FnMut(&[u8], RowHash) -> Result<()>) -> Result<Totals> {
    rows(session, CATALOG, None, each)
}

/// Reads all pieces of the objects of one range; empty pieces are left out.
pub fn pieces(
    session: &mut Session,
    range: u32,
    mut each: impl FnMut(&[u8], RowHash) -> Result<()>,
) -> Result<Totals> {
    let first = u64::from(range) * u64::from(RANGE);
    let mut condition = format!(
        "m.oid >= {first}::pg_catalog.oid AND m.oid <= {}::pg_catalog.oid",
        first + u64::from(RANGE) - 1
    );
    let mut totals = Totals::default();
    for piece in 0_u64.. {
        let mut full = Vec::new();
        let sql = format!(
            "COPY (SELECT p.oid, {piece}, p.bytes FROM (SELECT m.oid, pg_catalog.lo_get(m.oid, {}, {PIECE}) AS bytes \
             FROM pg_catalog.pg_largeobject_metadata m WHERE {condition} ORDER BY m.oid) p \
             WHERE p.bytes <> '') TO STDOUT",
            piece * PIECE
        );
        totals.merge(&rows(session, &sql, None, |row, hash| {
            if row.len() as u64 > 2 * PIECE {
                let oid = row.split(|&byte| byte == b'\t').next().unwrap_or_default();
                full.push(String::from_utf8_lossy(oid).into_owned());
            }
            each(row, hash)
        })?);
        if full.is_empty() {
            break;
        }
        condition = format!("m.oid = ANY ('{{{}}}'::pg_catalog.oid[])", full.join(","));
    }
    Ok(totals)
}
