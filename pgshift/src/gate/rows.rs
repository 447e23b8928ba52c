//! Whether a database holds rows that could be lost.

use common::error::Result;
use common::name::literal;
use common::pg::session::Session;

/// A table that holds rows, other than of the history and of extensions; when that cannot be looked at, one that may.
pub(super) fn first(session: &mut Session, history: &str) -> Result<Option<String>> {
    let tables = session.query(&include_str!("rows.sql").replace("HISTORY_SCHEMA", &literal(history)))?;
    for table in tables {
        let name = table.text(0).to_owned();
        if table.is_true(1) {
            return Ok(Some(name));
        }
        let found = session.query_one(&format!("SELECT EXISTS (SELECT FROM ONLY {name})"));
        if found.map_or(true, |row| row.is_true(0)) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}
