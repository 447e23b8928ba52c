//! The key that batches go along: any columns that can be ordered and are never NULL. It need not be unique.

use super::Directive;
use common::error::{Class, Error, Result};
use common::name::{ident, literal};
use common::pg::session::Session;

/// What stands before a column: without it, ORDER BY would take the text that is shown under the same name.
const SOURCE: &str = "source.";

/// A table and the columns of its key.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// The table, quoted.
    pub(crate) table: String,
    /// Rows that it has by the server's own estimate, where it has one.
    pub(crate) estimate: Option<u64>,
    /// Whether an index leads along the key.
    pub(crate) has_index: bool,
    columns: Vec<Column>,
}

#[derive(Clone, Debug)]
struct Column {
    name: String,
    of_type: String,
}

/// The rows of one batch: how many were seen, and the key of the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Rows of the table in it.
    pub(crate) rows: u64,
    /// The last row's key.
    pub(crate) last: Vec<String>,
}

impl Key {
    /// Looks up what the directive names.
    pub(crate) fn of(session: &mut Session, directive: &Directive) -> Result<Self> {
        let table = literal(&directive.table);
        let found = session.query_one(&format!("SELECT pg_catalog.to_regclass({table})::pg_catalog.oid"))?;
        let Some(oid) = found.optional(0) else {
            let what = format!("the table {} of the backfill is not there", directive.table);
            return Err(Error::failed("no_table", what).hint("name it with its schema"));
        };
        let oid = oid.to_owned();
        let wanted: Vec<String> = directive.key.iter().map(|name| literal(name)).collect();
        let sql = include_str!("key.sql")
            .replace("TABLE_OID", &oid)
            .replace("WANTED", &format!("ARRAY[{}]::pg_catalog.text[]", wanted.join(", ")));
        let rows = session.query(&sql)?;
        let table = session.query_one(&include_str!("table.sql").replace("TABLE_OID", &oid))?;
        let name = table.text(0).to_owned();
        if rows.is_empty() {
            return Err(Error::usage(format!("{name} has no primary key to go along"))
                .code_is("no_key")
                .hint("name columns that are NOT NULL and have an index: key=…"));
        }
        for (row, wanted) in rows.iter().zip(&directive.key) {
            if row.optional(1).is_none() {
                return Err(Error::usage(format!("{name} has no column {wanted}")).code_is("no_key"));
            }
        }
        if let Some(row) = rows.iter().find(|row| !row.is_true(2)) {
            let what =
                format!("column {} of {name} may be NULL: no batch would have such rows", ident(row.text(0)));
            return Err(Error::usage(what).code_is("no_key").hint("name columns that are NOT NULL: key=…"));
        }
        let estimate = table.optional(1).map(|_| table.number(1)).transpose()?;
        let columns =
            rows.iter().map(|row| Column { name: row.text(0).to_owned(), of_type: row.text(1).to_owned() });
        Ok(Self {
            table: name,
            estimate,
            has_index: rows.first().is_some_and(|row| row.is_true(3)),
            columns: columns.collect(),
        })
    }

    /// The columns' names.
    pub(crate) fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The highest key that there is.
    pub(crate) fn highest(&self, session: &mut Session) -> Result<Option<Vec<String>>> {
        let order: Vec<String> = self.quoted(SOURCE).iter().map(|column| format!("{column} DESC")).collect();
        let sql = format!(
            "SELECT {} FROM {} AS source ORDER BY {} LIMIT 1",
            self.as_text().join(", "),
            self.table,
            order.join(", ")
        );
        Ok(self.read(session, &sql, 0)?.map(|(_, key)| key))
    }

    /// The next rows, at most so many, behind `after` and up to `highest`; none when there are no more.
    pub(crate) fn next(
        &self,
        session: &mut Session,
        after: Option<&[String]>,
        highest: &[String],
        rows: u64,
    ) -> Result<Option<Batch>> {
        let order = self.quoted(SOURCE).join(", ");
        let named: Vec<String> =
            self.quoted(SOURCE).iter().enumerate().map(|(at, column)| format!("{column} AS k{at}")).collect();
        let shown: Vec<String> =
            (0..self.columns.len()).map(|at| format!("k{at}::pg_catalog.text")).collect();
        let sql = format!(
            "SELECT n, {} FROM (SELECT {}, pg_catalog.row_number() OVER (ORDER BY {order}) AS n FROM {} AS source \
             WHERE {} ORDER BY {order} LIMIT {rows}) AS batch ORDER BY n DESC LIMIT 1",
            shown.join(", "),
            named.join(", "),
            self.table,
            self.condition(Some("source"), after, highest)
        );
        let Some((rows, last)) = self.read(session, &sql, 1)? else { return Ok(None) };
        Ok(Some(Batch { rows, last }))
    }

    /// That a row's key is behind `after` and not behind `upto`.
    pub(crate) fn condition(&self, alias: Option<&str>, after: Option<&[String]>, upto: &[String]) -> String {
        let prefix = alias.map(|alias| format!("{alias}.")).unwrap_or_default();
        let columns = self.quoted(&prefix).join(", ");
        let values = |key: &[String]| {
            let values = key.iter().zip(&self.columns);
            let values: Vec<String> =
                values.map(|(value, column)| format!("{}::{}", literal(value), column.of_type)).collect();
            values.join(", ")
        };
        let behind = after.map(|after| format!("({columns}) > ({}) AND ", values(after))).unwrap_or_default();
        format!("({behind}({columns}) <= ({}))", values(upto))
    }

    fn quoted(&self, prefix: &str) -> Vec<String> {
        self.columns.iter().map(|column| format!("{prefix}{}", ident(&column.name))).collect()
    }

    fn as_text(&self) -> Vec<String> {
        self.quoted(SOURCE).iter().map(|column| format!("{column}::pg_catalog.text")).collect()
    }

    /// The only row of a query: a number, when one stands before the key, and the key. Values are written in a form that
    /// every session reads back as the same, whatever it has set.
    fn read(&self, session: &mut Session, sql: &str, before: usize) -> Result<Option<(u64, Vec<String>)>> {
        let sql = format!(
            "BEGIN READ ONLY; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'iso_8601'; \
             SET LOCAL extra_float_digits = 3; {sql}; COMMIT"
        );
        let rows = session.query(&sql).inspect_err(|error| {
            if error.server_error().is_some() {
                // What failed inside of the transaction leaves it open.
                let _ = session.execute("ROLLBACK");
            }
        });
        let rows = rows.map_err(|error| {
            let unordered = error.sqlstate() == Some("42883");
            let error = error.context(format!("cannot read the key of {}", self.table));
            if unordered {
                error.class_is(Class::Usage).hint("name columns that can be ordered: key=…")
            } else {
                error
            }
        })?;
        let Some(row) = rows.first() else { return Ok(None) };
        let number = if before == 0 { 0 } else { row.number(0)? };
        let key = (0..self.columns.len()).map(|at| row.text(at + before).to_owned());
        Ok(Some((number, key.collect())))
    }
}
