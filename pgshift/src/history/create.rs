//! Makes the table of the history where there is none.

use super::History;
use common::error::Result;
use common::name::{ident, literal};
use common::pg::session::Session;

/// The version of the table's columns and of what they mean.
pub(super) const FORMAT: u32 = 1;

impl History {
    /// Makes what is missing of schema and table, in one transaction. Whoever calls it holds the lock.
    pub(crate) fn create(&self, session: &mut Session) -> Result<()> {
        let (schema, table) = (ident(&self.schema), self.table());
        let there = session.query_one(&format!(
            "SELECT pg_catalog.to_regnamespace({}) IS NOT NULL, pg_catalog.to_regclass({}) IS NOT NULL",
            literal(&schema),
            literal(&table.to_string())
        ));
        let there = there?;
        if there.is_true(1) {
            return Ok(());
        }
        let make_schema = if there.is_true(0) { String::new() } else { format!("CREATE SCHEMA {schema};") };
        let make_table = include_str!("migrations.sql").replace("TABLE_NAME", &table.to_string());
        let sql = format!(
            "BEGIN; {make_schema} {make_table} COMMENT ON TABLE {table} IS 'pgshift, format {FORMAT}'; COMMIT;"
        );
        session.execute(&sql).map_err(|error| {
            // What failed inside of the transaction leaves it open.
            let _ = session.execute("ROLLBACK");
            let error = error.context(format!("cannot make the history {table}"));
            match error.sqlstate() {
                Some("42501") => error.hint(format!(
                    "CREATE SCHEMA {schema} AUTHORIZATION … as a role that may, or name another with --history-schema"
                )),
                _ => error,
            }
        })
    }
}
