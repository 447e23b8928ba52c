//! `pgverify restore` from outside: what it proves, says, runs, keeps and leaves behind.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod checks;
mod command;
mod keep;
mod proof;
mod server;

use std::ffi::OsString;
use std::path::Path;
use testkit::{Cluster, Database, TempDir, Tool, newest_major};

/// A small database of the newest server, with one of each thing that is proved.
fn shop() -> Database {
    let database = Cluster::shared(newest_major()).database("shop");
    database.run(
        "CREATE TABLE orders (id int PRIMARY KEY, total numeric(10,2), twice numeric GENERATED ALWAYS AS (total * 2) STORED); \
         INSERT INTO orders SELECT i, i * 1.10 FROM generate_series(1, 1000) i; \
         CREATE TABLE customers (id bigserial, name text); INSERT INTO customers (name) VALUES ('Ann'), (NULL); \
         CREATE MATERIALIZED VIEW totals AS SELECT count(*), sum(total) FROM orders; \
         SELECT lo_from_bytea(4711, 'a large object')",
    );
    database
}

/// A store with one snapshot of `database`.
fn stored(database: &Database) -> TempDir {
    let place = TempDir::new();
    Tool::pgsnap("create").database(database).store(place.path()).run().success();
    place
}

/// `pgverify restore` of the newest snapshot in `store`, with `psql` on its path.
fn restore(store: &TempDir) -> Tool {
    Tool::named("pgverify").arg("restore").arg("latest").store(store.path()).env("PATH", path())
}

/// The search path, with the directory of the tests' `psql` in front.
fn path() -> OsString {
    let psql = Cluster::shared(newest_major()).client("psql", "postgres");
    let mut path = Path::new(psql.get_program()).parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    path
}
