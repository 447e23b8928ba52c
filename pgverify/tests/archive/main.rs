//! `pgverify archive` from outside: other people's dumps, whole and damaged, honest and hostile.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod corpus;
mod damage;
mod formats;
mod hostile;
mod odd;
mod source;
mod versions;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use testkit::{Cluster, Database, Outcome, TempDir, Tool, newest_major};

/// A small database with something of each kind that a dump holds.
fn shop() -> Database {
    let database = Cluster::shared(newest_major()).database("shop");
    database.run(
        "CREATE TABLE orders (id int PRIMARY KEY, total numeric(10,2), note text DEFAULT 'it''s; \\here'); \
         INSERT INTO orders SELECT i, i * 1.10, E'tab\\t\\\\.\\nline ' || i FROM generate_series(1, 500) i; \
         CREATE TABLE customers (id bigserial PRIMARY KEY, name text); \
         INSERT INTO customers (name) VALUES ('Ann'), (NULL), ('\\!touch x'); \
         CREATE VIEW cheap AS SELECT * FROM orders WHERE total < 5; \
         CREATE INDEX ON orders (total); \
         CREATE FUNCTION f(a int) RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT 'a;b'; SELECT CASE a WHEN 1 THEN 'x' END; END; \
         SELECT lo_from_bytea(0, 'a large object')",
    );
    database
}

/// What `pg_dump` or `pg_dumpall` writes to its standard output.
fn dump_by(program: &str, database: &Database, arguments: &[&str]) -> Vec<u8> {
    let output = database.cluster().client(program, database.name()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn dump(database: &Database, arguments: &[&str]) -> Vec<u8> {
    dump_by("pg_dump", database, arguments)
}

/// A file with this content, in a directory of its own.
struct Dump(TempDir);

impl Dump {
    fn of(content: impl AsRef<[u8]>) -> Self {
        let dump = Self(TempDir::new());
        fs::write(dump.path(), content).unwrap();
        dump
    }

    fn path(&self) -> PathBuf {
        self.0.join("dump")
    }
}

/// `pgverify archive` of `file`; whatever it makes for itself has to be gone afterwards.
fn archive(file: &Path) -> Tool {
    Tool::named("pgverify").arg("archive").arg(file)
}

/// Runs it, with a directory for its cluster that has to be empty again.
fn verify(content: impl AsRef<[u8]>, arguments: &[&str]) -> Outcome {
    let dump = Dump::of(content);
    let place = TempDir::new();
    let outcome = archive(&dump.path()).arg("--work-dir").arg(place.path()).args(arguments).run();
    assert_eq!(place.files(), Vec::<String>::new(), "something is left");
    outcome
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 1).unwrap()
}

fn lz4(content: &[u8]) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Rows of `table` as the records tell.
fn rows(outcome: &Outcome, table: &str) -> Option<u64> {
    let records = outcome.records_of("restored_table");
    records.iter().find(|record| record["schema"] == "public" && record["table"] == table)?["rows"].as_u64()
}
