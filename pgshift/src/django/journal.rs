//! What is written down beside `django_migrations`, which knows names and times only: files as they were, how far a
//! migration outside of a transaction is, what let it pass.
//!
//! The row of an atomic migration is written in its transaction. Of one that is not atomic, each step writes how far it is,
//! in the step's own transaction or before and after what cannot have one.

use super::messages::Key;
use crate::history::Author;
use common::error::{Error, Result};
use common::name::{QualifiedName, ident, literal};
use common::pg::session::{Row as Fields, Session};

/// The version of the table's columns and of what they mean.
const FORMAT: &str = "pgshift for Django, format 1";

/// The app of the row that says that the signal after the last migration is still owed.
pub(crate) const SIGNAL: (&str, &str) = ("", "post_migrate");

/// The journal of a database.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    schema: String,
}

/// What became of a migration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) key: Key,
    pub(crate) checksum: String,
    /// `known` (applied by somebody else), `partial`, `applied`, `reverting`, `reverted`, `retired` or `owed`.
    pub(crate) state: String,
    pub(crate) operations_done: u32,
    /// Statements that the operations that are done have put off to the end.
    pub(crate) deferred: Vec<String>,
    /// Statements of the next operation that are done, by their hashes.
    pub(crate) statements_done: Vec<String>,
    /// What was begun, and of which no end is known.
    pub(crate) under_way: Option<String>,
    pub(crate) by: String,
    pub(crate) seconds: Option<f64>,
    pub(crate) gate: String,
    pub(crate) snapshot: Option<String>,
    pub(crate) store: Option<String>,
}

impl Journal {
    /// The journal in `schema`.
    pub(crate) fn new(schema: &str) -> Self {
        Self { schema: schema.to_owned() }
    }

    fn table(&self) -> QualifiedName {
        QualifiedName::new(&self.schema, "django")
    }

    /// Makes it where there is none. Whoever calls it holds the lock.
    pub(crate) fn create(&self, session: &mut Session) -> Result<()> {
        let (schema, table) = (ident(&self.schema), self.table());
        let there = session.query_one(&format!(
            "SELECT pg_catalog.to_regnamespace({}) IS NOT NULL, pg_catalog.to_regclass({}) IS NOT NULL",
            literal(&schema),
            literal(&table.to_string())
        ))?;
        if there.is_true(1) {
            return Ok(());
        }
        let make_schema = if there.is_true(0) { String::new() } else { format!("CREATE SCHEMA {schema};") };
        let make_table = include_str!("journal.sql").replace("TABLE_NAME", &table.to_string());
        let sql = format!(
            "BEGIN; {make_schema} {make_table} COMMENT ON TABLE {table} IS {}; COMMIT;",
            literal(FORMAT)
        );
        session.execute(&sql).map_err(|error| {
            // What failed inside of the transaction leaves it open.
            let _ = session.execute("ROLLBACK");
            error.context(format!("cannot make the journal {table}"))
        })
    }

    /// All rows; none where there is no journal yet.
    pub(crate) fn read(&self, session: &mut Session) -> Result<Vec<Row>> {
        let table = self.table();
        let about = session.query(&format!(
            "SELECT pg_catalog.obj_description(pg_catalog.to_regclass({0}), 'pg_class') \
             WHERE pg_catalog.to_regclass({0}) IS NOT NULL",
            literal(&table.to_string())
        ))?;
        let Some(about) = about.first() else { return Ok(Vec::new()) };
        if about.text(0) != FORMAT {
            return Err(Error::failed(
                "not_a_history",
                format!("{table} is not a journal that this pgshift knows"),
            )
            .cause("its comment does not say so")
            .hint("use a newer pgshift, or name another schema with --history-schema"));
        }
        let rows = session.query(&format!(
            "SELECT app, name, checksum, state, operations_done, pg_catalog.to_json(deferred), \
             pg_catalog.to_json(statements_done), under_way, applied_by, \
             pg_catalog.date_part('epoch', finished_at) - pg_catalog.date_part('epoch', started_at), \
             gate, snapshot, store FROM {table} ORDER BY started_at, app, name"
        ));
        let rows = rows.map_err(|error| error.context(format!("cannot read the journal {table}")))?;
        rows.iter().map(row).collect()
    }

    /// A row for a migration, in the place of an earlier one.
    pub(crate) fn put(&self, key: &Key, checksum: &str, state: &str, author: &Author) -> String {
        let optional = |value: &Option<String>| value.as_deref().map_or("NULL".to_owned(), literal);
        let finished = if state == "applied" { "pg_catalog.clock_timestamp()" } else { "NULL" };
        format!(
            "INSERT INTO {0} AS j (app, name, checksum, state, finished_at, host, tool_version, run, gate, snapshot, store) \
             VALUES ({1}, {2}, {3}, {4}, {finished}, {5}, {6}, {7}, {8}, {9}, {10}) ON CONFLICT (app, name) DO UPDATE SET \
             (checksum, state, operations_done, deferred, statements_done, under_way, started_at, finished_at, applied_by, host, \
             tool_version, run, gate, snapshot, store) = (excluded.checksum, excluded.state, 0, '{{}}', '{{}}', NULL, \
             excluded.started_at, excluded.finished_at, excluded.applied_by, excluded.host, excluded.tool_version, excluded.run, \
             excluded.gate, excluded.snapshot, excluded.store)",
            self.table(),
            literal(&key.0),
            literal(&key.1),
            literal(checksum),
            literal(state),
            literal(&author.host),
            literal(env!("CARGO_PKG_VERSION")),
            literal(&author.run),
            literal(&author.gate),
            optional(&author.snapshot),
            optional(&author.store),
        )
    }

    /// So many operations are done, and these statements are put off.
    pub(crate) fn operations(&self, key: &Key, done: u32, deferred: &[String]) -> String {
        let deferred: Vec<String> = deferred.iter().map(|statement| literal(statement)).collect();
        self.update(
            key,
            &format!(
                "operations_done = {done}, deferred = ARRAY[{}]::text[], statements_done = '{{}}', under_way = NULL",
                deferred.join(", ")
            ),
        )
    }

    /// One more statement of the operation is done.
    pub(crate) fn statement(&self, key: &Key, hash: &str) -> String {
        self.update(
            key,
            &format!("statements_done = statements_done || {}::text, under_way = NULL", literal(hash)),
        )
    }

    /// This begins.
    pub(crate) fn begins(&self, key: &Key, what: Option<&str>) -> String {
        self.update(key, &format!("under_way = {}", what.map_or("NULL".to_owned(), literal)))
    }

    /// What became of it.
    pub(crate) fn mark(&self, key: &Key, state: &str) -> String {
        self.update(
            key,
            &format!(
                "state = {}, under_way = NULL, finished_at = pg_catalog.clock_timestamp()",
                literal(state)
            ),
        )
    }

    /// The file as it is now is what was applied.
    pub(crate) fn accept(&self, key: &Key, checksum: &str) -> String {
        self.update(key, &format!("checksum = {}", literal(checksum)))
    }

    /// Nothing is owed any more.
    pub(crate) fn forget(&self, key: (&str, &str)) -> String {
        format!("DELETE FROM {} WHERE app = {} AND name = {}", self.table(), literal(key.0), literal(key.1))
    }

    fn update(&self, key: &Key, what: &str) -> String {
        format!(
            "UPDATE {} SET {what} WHERE app = {} AND name = {}",
            self.table(),
            literal(&key.0),
            literal(&key.1)
        )
    }
}

fn row(fields: &Fields) -> Result<Row> {
    let list = |index: usize| {
        serde_json::from_str(fields.text(index))
            .map_err(|error| Error::failed("not_a_history", format!("the journal cannot be read: {error}")))
    };
    Ok(Row {
        key: (fields.text(0).to_owned(), fields.text(1).to_owned()),
        checksum: fields.text(2).to_owned(),
        state: fields.text(3).to_owned(),
        operations_done: fields.number(4)?,
        deferred: list(5)?,
        statements_done: list(6)?,
        under_way: fields.owned(7),
        by: fields.text(8).to_owned(),
        seconds: fields.optional(9).map(|_| fields.number(9)).transpose()?,
        gate: fields.text(10).to_owned(),
        snapshot: fields.owned(11),
        store: fields.owned(12),
    })
}
