//! The schema, in both directions, and what counts of it.

use crate::kit::{compare, differences, two};
use testkit::{Cluster, TempDir, Tool, newest_major, oldest_major};

const MADE: &str = "CREATE TABLE t (id int PRIMARY KEY, a text DEFAULT 'x'); CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT a FROM t; \
                    CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE SCHEMA other; CREATE TABLE other.u (id int)";

#[test]
fn a_schema_that_differs_is_told_and_data_only_leaves_it_out() {
    let (a, b) = two("schema", MADE, MADE);
    let outcome = compare(&a, &b, &[]).success();
    assert!(outcome.result()["objects"].as_u64().unwrap() > 10);
    b.run("DROP INDEX i; ALTER TABLE t ALTER a DROP DEFAULT; CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'; CREATE VIEW w AS SELECT 1 AS one");
    let outcome = compare(&a, &b, &["-s"]).exit(1);
    let mut said = differences(&outcome);
    said.sort();
    let begins = [
        "column \"public\".\"t\".\"a\": default",
        "function \"public\".\"f\"()",
        "index \"public\".\"i\": presence",
        "view \"public\".\"w\": presence",
    ];
    assert_eq!(said.len(), begins.len(), "{said:?}");
    assert!(said.iter().zip(begins).all(|(said, begin)| said.starts_with(begin)), "{said:?}");
    assert!(outcome.records_of("table").is_empty(), "only the schema");
    compare(&a, &b, &["-a"]).success();
    compare(&a, &b, &["-n", "other"]).success();
    compare(&a, &b, &["-t", "t"]).exit(1);
}

#[test]
fn a_table_or_column_of_one_side_is_one_difference() {
    let (a, b) = two("once", MADE, MADE);
    b.run("ALTER TABLE t ADD more int; CREATE TABLE extra (id int PRIMARY KEY); CREATE SEQUENCE s");
    let outcome = compare(&a, &b, &[]).exit(1);
    let mut said = differences(&outcome);
    said.sort();
    assert_eq!(said, ["column \"public\".\"t\".\"more\": presence", "sequence \"public\".\"s\": presence"]);
    assert_eq!(outcome.result()["differences"], 3);
}

#[test]
fn the_stored_schema_of_a_snapshot_counts() {
    let (a, b) = two("stored", MADE, MADE);
    let place = TempDir::new();
    Tool::pgsnap("create").database(&a).store(place.path()).run().success();
    let run = |b: &str, arguments: &[&str]| {
        Tool::named("pgverify")
            .args(["compare", "latest", b])
            .store(place.path())
            .args(arguments.iter().copied())
            .run()
    };
    run(&a.connection(), &[]).success();
    run(&b.connection(), &["-t", "t"]).success();
    b.run("ALTER TABLE t ALTER a SET NOT NULL");
    let outcome = run(&b.connection(), &["-n", "public"]).exit(1);
    assert!(!differences(&outcome).is_empty());
    Tool::pgsnap("create").database(&a).store(place.path()).args(["-n", "other"]).run().success();
    run(&a.connection(), &[]).success();
}

#[test]
fn another_version_spells_the_same_schema_differently() {
    let (old, new) = (Cluster::shared(oldest_major()), Cluster::shared(newest_major()));
    let (a, b) = (old.database("spelling"), new.database("spelling"));
    for database in [&a, &b] {
        database.run("CREATE TABLE t (id int PRIMARY KEY, a text CHECK (a IN ('x', 'y'))); CREATE VIEW v AS SELECT t.id, t.a FROM t WHERE t.a = ANY (ARRAY['x', 'y'])");
    }
    compare(&a, &b, &["-n", "public"]).success();
}
