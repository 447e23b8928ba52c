//! A database of a test's cluster: statements by `psql`, and its whole content as text to compare.

use crate::Cluster;
use crate::cluster::output;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;

/// A database, and the cluster that holds it.
#[derive(Clone, Debug)]
pub struct Database {
    cluster: Arc<Cluster>,
    name: String,
}

impl Database {
    pub(crate) fn new(cluster: Arc<Cluster>, name: &str) -> Self {
        Self { cluster, name: name.to_owned() }
    }

    /// Its cluster.
    pub fn cluster(&self) -> &Arc<Cluster> {
        &self.cluster
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What leads a tool to it with `-d`: a key=value string.
    pub fn connection(&self) -> String {
        let quoted = |value: &str| format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"));
        let host = self.cluster.host().display().to_string();
        format!(
            "host={} port={} user=postgres dbname={}",
            quoted(&host),
            self.cluster.port(),
            quoted(&self.name)
        )
    }

    /// Runs statements, one transaction each; the test fails at the first that does.
    pub fn run(&self, sql: &str) {
        self.psql(&[], sql);
    }

    /// The only value of the only row.
    pub fn scalar(&self, sql: &str) -> String {
        let rows = self.rows(sql);
        let [row] = rows.as_slice() else { panic!("{sql}: {} rows: {rows:?}", rows.len()) };
        let [value] = row.as_slice() else { panic!("{sql}: {} columns: {row:?}", row.len()) };
        value.clone()
    }

    /// All rows as text; NULL is empty.
    pub fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let said = self.psql(&["-At", "-F", "\u{1f}", "-R", "\u{1e}"], sql);
        let said = said.trim_end_matches('\n');
        if said.is_empty() {
            return Vec::new();
        }
        said.split('\u{1e}').map(|row| row.split('\u{1f}').map(str::to_owned).collect()).collect()
    }

    /// Runs a file of SQL.
    pub fn load(&self, file: &Path) {
        let sql = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.run(&sql);
    }

    fn psql(&self, arguments: &[&str], sql: &str) -> String {
        let mut psql = self.cluster.client("psql", &self.name);
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1"]).args(arguments).args(["-f", "-"]);
        output(&mut psql, sql)
    }

    /// A session of somebody else that has run `sql` and stays until the value goes: its locks, its transaction.
    pub fn hold(&self, sql: &str) -> Held {
        let mut psql = self.cluster.client("psql", &self.name);
        psql.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = psql.spawn().expect("run psql");
        writeln!(child.stdin.as_mut().unwrap(), "{sql};\nSELECT 'it is held';").unwrap();
        let said = BufReader::new(child.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
        assert!(said.into_iter().any(|line| line == "it is held"), "{sql}: it ended");
        Held(child)
    }

    /// A plain dump without what differs from run to run and between equal databases: tokens, versions, the order of rows.
    /// Bytes that are not UTF-8 (of a SQL_ASCII database) look all alike in it.
    pub fn dump_text(&self) -> String {
        self.dump_of(&[])
    }

    /// As [`Database::dump_text`], of what `pg_dump` chooses with these arguments.
    pub fn dump_of(&self, arguments: &[&str]) -> String {
        let mut dump = self.cluster.client("pg_dump", &self.name);
        if self.scalar("SHOW server_encoding") == "SQL_ASCII" {
            dump.env("PGCLIENTENCODING", "SQL_ASCII");
        }
        normalised(&output(dump.args(["--format=plain", "--no-sync"]).args(arguments), ""))
    }
}

/// A session that stays until this value goes.
#[derive(Debug)]
pub struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Rows of COPY are sorted; outside of them, `\restrict` tokens and the versions in comments are left out.
fn normalised(dump: &str) -> String {
    const DIFFERS: [&str; 4] =
        ["\\restrict ", "\\unrestrict ", "-- Dumped from database version", "-- Dumped by pg_dump version"];
    let mut text = String::new();
    let mut lines = dump.lines();
    while let Some(line) = lines.next() {
        if DIFFERS.iter().any(|start| line.starts_with(start)) {
            continue;
        }
        let _ = writeln!(text, "{line}");
        if line.starts_with("COPY ") && line.ends_with(" FROM stdin;") {
            let mut rows: Vec<&str> = lines.by_ref().take_while(|row| *row != "\\.").collect();
            rows.sort_unstable();
            rows.push("\\.");
            for row in rows {
                let _ = writeln!(text, "{row}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_normalised_dump_keeps_rows_that_look_like_comments() {
        let dump = |token, rows: &str| {
            format!(
                "\\restrict {token}\n-- Dumped by pg_dump version 1\nCOPY t (a) FROM stdin;\n{rows}\\.\n-- end\n"
            )
        };
        let first = normalised(&dump("aaa", "-- Dumped by pg_dump version x\nb\n"));
        assert_eq!(first, normalised(&dump("bbb", "b\n-- Dumped by pg_dump version x\n")));
        assert_ne!(first, normalised(&dump("aaa", "b\n")));
        assert!(!first.contains("restrict"), "{first}");
    }
}
