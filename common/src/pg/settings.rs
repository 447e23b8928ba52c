//! The settings under which rows are written and read, so that the same row is the same text everywhere.
//!
//! pg_dump pins what a reload needs; a fingerprint needs more (time zone, money, bytea, XML).

use super::pooler;
use super::session::Session;
use crate::error::Result;
use crate::name::literal;

/// What every session of the tools sets. A server that doesn't know one of them skips it.
pub const PINNED: &[(&str, &str)] = &[
    ("search_path", ""),
    ("DateStyle", "ISO"),
    ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"),
    ("bytea_output", "hex"),
    ("extra_float_digits", "3"),
    ("lc_monetary", "C"),
    ("xmloption", "content"),
    ("xmlbinary", "base64"),
    ("row_security", "off"),
    ("synchronize_seqscans", "off"),
    ("standard_conforming_strings", "on"),
    ("quote_all_identifiers", "off"),
    ("check_function_bodies", "off"),
    ("client_min_messages", "warning"),
    ("statement_timeout", "0"),
    ("lock_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
    ("transaction_timeout", "0"),
    ("idle_session_timeout", "0"),
    // CVE-2024-7348: what was a table must not have become a view that runs its owner's code.
    ("restrict_nonsystem_relation_kind", "view,foreign-table"),
];

/// Settings of a session that writes to a target: as [`PINNED`], but for what a view or foreign table may need.
const FOR_WRITING: &[(&str, &str)] = &[
    ("restrict_nonsystem_relation_kind", ""),
    ("default_transaction_read_only", "off"),
    ("default_transaction_isolation", "read committed"),
    // Off, NULL in an array would come back as the string "NULL".
    ("array_nulls", "on"),
    ("transform_null_equals", "off"),
];

impl Session {
    /// Sets what the proof and the copy rest on; names travel as UTF-8, or as they are in a SQL_ASCII database.
    pub fn pin(&mut self) -> Result<()> {
        self.lift_timeout()?;
        let encoding = if self.is_sql_ascii() { "SQL_ASCII" } else { "UTF8" };
        self.set(PINNED.iter().copied().chain([("client_encoding", encoding)]))
    }

    /// Lets statements take as long as they need, whatever the role or the database says. Behind a pooler that gives each
    /// transaction another server session, nothing is set: somebody else would go on with it.
    pub fn lift_timeout(&mut self) -> Result<()> {
        let mut lift = || {
            pooler::refuse_shared(self)?;
            self.execute("SET statement_timeout = 0")
        };
        // A limit of milliseconds may hit these statements, too.
        for _ in 0..20 {
            match lift() {
                Err(error) if error.sqlstate() == Some("57014") => {}
                done => return done,
            }
        }
        lift()
    }

    /// As [`Session::pin`], for a session that will write.
    pub fn pin_for_writing(&mut self) -> Result<()> {
        self.pin()?;
        self.set(FOR_WRITING.iter().copied())
    }

    /// Whether the database knows no encoding.
    pub fn is_sql_ascii(&self) -> bool {
        self.parameter("server_encoding") == Some("SQL_ASCII")
    }

    fn set<'a>(&mut self, settings: impl Iterator<Item = (&'a str, &'a str)>) -> Result<()> {
        self.execute(&statement(settings))
    }
}

/// The statement that sets in a session of psql what [`Session::pin_for_writing`] sets, for a script in `encoding`.
pub fn for_writing(encoding: &str) -> String {
    statement(PINNED.iter().chain(FOR_WRITING).copied().chain([("client_encoding", encoding)]))
}

fn statement<'a>(settings: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let values: Vec<_> =
        settings.map(|(name, value)| format!("({}, {})", literal(name), literal(value))).collect();
    format!(
        "SELECT pg_catalog.count(pg_catalog.set_config(name, value, false)) FROM (VALUES {}) AS pinned(name, value) \
         WHERE pg_catalog.current_setting(name, true) IS NOT NULL",
        values.join(", ")
    )
}
