//! `pgshift adopt`: histories of other tools, as these tools write them, become ours.

mod conflicts;
mod mirror;
mod tools;

use std::sync::Arc;
use testkit::{Cluster, Database, TempDir, Tool, newest_major};

/// A database in which migration 1 was applied: it made table a.
fn database() -> Database {
    let cluster: Arc<Cluster> = Cluster::shared(newest_major());
    let database = cluster.database("adopted");
    database.run("CREATE TABLE a (id int)");
    database
}

/// Two migrations: the first made table a, the second is to make table b.
fn files(names: [&str; 2]) -> TempDir {
    let place = TempDir::new();
    place.write(names[0], "CREATE TABLE a (id int);\n");
    place.write(names[1], "CREATE TABLE b (id int);\n");
    place
}

/// `pgshift SUBCOMMAND` on both.
fn pgshift(subcommand: &str, database: &Database, place: &TempDir) -> Tool {
    Tool::named("pgshift").arg(subcommand).arg("--dir").arg(place.path()).database(database)
}

fn apply(database: &Database, place: &TempDir) {
    pgshift("apply", database, place).arg("--no-gate").run().success();
}

const SQLX: &str = "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL, \
    installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL, \
    execution_time bigint NOT NULL)";

/// A history of sqlx with migration 1 in it; the server computes the checksum.
fn sqlx(database: &Database) {
    database.run(&format!(
        "{SQLX}; INSERT INTO _sqlx_migrations VALUES (1, 'a', '2024-01-02 03:04:05+00', true, \
         sha384(convert_to(E'CREATE TABLE a (id int);\\n', 'UTF8')), 1000)"
    ));
}
