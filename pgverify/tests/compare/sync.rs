//! `--sync-sql`: the script, run by psql, makes B equal to A; it hits nothing else; it is written whole and for its owner.

use crate::kit::{cluster, compare, two};
use std::os::unix::fs::PermissionsExt;
use testkit::{Database, TempDir, Tool};

/// The script that makes `b` equal to `a`.
fn script(a: &Database, b: &Database) -> String {
    let place = TempDir::new();
    let file = place.join("sync.sql");
    compare(a, b, &["-a", "--rows", "--sync-sql", file.to_str().unwrap()]).exit(1);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(place.files(), ["sync.sql"], "nothing else is left");
    std::fs::read_to_string(&file).unwrap()
}

/// Runs it, and sees that both are equal then.
fn synced(a: &Database, b: &Database) -> String {
    let script = script(a, b);
    b.run(&script);
    compare(a, b, &["-a", "--rows"]).success();
    script
}

const TYPES: &str = "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b text); CREATE DOMAIN positive AS int CHECK (VALUE > 0); \
    CREATE TABLE t (id int PRIMARY KEY, te text, nu numeric, f float8, f4 float4, ts timestamp, tz timestamptz, d date, i interval, b bytea, bo bool, \
    j json, jb jsonb, x xml, ia int[], ta text[], ip inet, r int4range, p point, m mood, c pair, po positive, ch char(5), bi bit(3), mo money, u uuid)";

const VALUES: [&str; 4] = [
    r#"(1, E'a\\b''c\n\t"', 'NaN', '-Infinity', 0.1, 'infinity', '0044-03-15 01:02:03 BC', '-infinity', '1 mon -3 days 04:05:06.7', '\x00ff5c', true,
        '{"a" : 1}', '{"a": 1.00}', '<a>b</a>', '{{1,2},{3,NULL}}', '{"NULL",NULL,"",a\\\\b}', '10.0.0.1/24', '[1,5)', '(1.5,-0)', 'ok', '(1,"x ""y""")', 5, 'ab', B'101', '-1.50', '00000000-0000-0000-0000-00000000000a')"#,
    "(2, '', 1.10, '-0', '-0', '2024-02-29 23:59:59.999999', '2024-01-01 00:00:00.000001+05:30', '4713-01-01 BC', '0', '', false, 'null', 'null', NULL, '{}', '{}', '::1', 'empty', NULL, 'sad', '(,)', 1, '', B'000', '0', NULL)",
    "(3, NULL, 1e30, 0.1 + 0.2, 1e38, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    "(4, E'\\u00e9 \\U0001F418', 0.000, 'NaN', 'Infinity', '2024-01-01', '2024-01-01Z', '2024-01-01', '1 year', '\\x01', true, '[]', '[]', '<a/>', '[0:1]={7,8}', '{x}', '1.2.3.4', '(,)', '(0,0)', 'ok', NULL, 2, 'x', B'111', '1', NULL)",
];

#[test]
fn values_of_every_kind_come_through() {
    let insert = |values: &[&str]| format!("{TYPES}; INSERT INTO t VALUES {}", values.join(", "));
    let [first, second, third, fourth] = VALUES;
    // One row is missing, one extra, and of two all values differ, in both directions.
    let (a, b) = two(
        "types",
        &insert(&[first, second, third, fourth]),
        &insert(&[&third.replacen("(3", "(1", 1), second, &first.replacen("(1", "(3", 1)]),
    );
    b.run("INSERT INTO t (id, te) VALUES (9, 'extra')");
    let there = synced(&a, &b);
    assert!(there.contains("BEGIN;") && there.contains("COMMIT;"));
    let (a, b) = two("types", &insert(&[third]), &insert(&[first, second, third, fourth]));
    synced(&a, &b);
}

#[test]
fn parents_and_children_in_every_direction() {
    let made = "CREATE TABLE c (id int PRIMARY KEY, parent int NOT NULL, code text UNIQUE); CREATE TABLE p (id int PRIMARY KEY, name text); \
                ALTER TABLE c ADD FOREIGN KEY (parent) REFERENCES p";
    let (a, b) = two(
        "family",
        &format!(
            "{made}; INSERT INTO p VALUES (1, 'one'), (2, 'two'), (4, 'four'); INSERT INTO c VALUES (1, 1, 'x'), (2, 4, 'y'), (3, 2, 'z')"
        ),
        &format!(
            "{made}; INSERT INTO p VALUES (1, 'ONE'), (2, 'two'), (3, 'three'); INSERT INTO c VALUES (1, 3, 'x'), (3, 2, 'y'), (5, 3, 'w')"
        ),
    );
    b.run("UPDATE c SET code = 'old' WHERE id = 3");
    synced(&a, &b);
}

#[test]
fn circles_of_foreign_keys_are_checked_at_the_end_and_left_as_they_were() {
    let made = "CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree); \
                CREATE TABLE man (id int PRIMARY KEY, wife int); CREATE TABLE woman (id int PRIMARY KEY, man int REFERENCES man DEFERRABLE); \
                ALTER TABLE man ADD FOREIGN KEY (wife) REFERENCES woman";
    let (a, b) = two(
        "circle",
        &format!(
            "{made}; INSERT INTO tree VALUES (5, NULL); INSERT INTO tree VALUES (1, 5); INSERT INTO tree VALUES (9, 1); \
                  INSERT INTO man VALUES (1, NULL); INSERT INTO woman VALUES (1, 1); UPDATE man SET wife = 1"
        ),
        &format!(
            "{made}; INSERT INTO tree VALUES (2, NULL); INSERT INTO tree VALUES (3, 2), (4, 3); \
                  INSERT INTO man VALUES (7, NULL); INSERT INTO woman VALUES (7, 7); UPDATE man SET wife = 7"
        ),
    );
    synced(&a, &b);
    assert_eq!(b.scalar("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND condeferrable"), "1");
}

#[test]
fn copies_identities_generated_columns_and_sequences() {
    let made = "CREATE TABLE free (a text, j json); CREATE TABLE ident (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) STORED); \
                CREATE TABLE none (); CREATE SEQUENCE s";
    let (a, b) = two(
        "copies",
        &format!(
            "{made}; INSERT INTO free VALUES ('x', '1'), ('x', '1'), ('x', '1'), ('y', NULL); INSERT INTO ident (a) SELECT g FROM generate_series(1, 5) g; \
                  INSERT INTO none DEFAULT VALUES; SELECT setval('s', 42)"
        ),
        &format!(
            "{made}; INSERT INTO free VALUES ('x', '1'), ('y', NULL), ('y', NULL), ('y', NULL), ('z', '2'); INSERT INTO ident (a) VALUES (7); \
                  INSERT INTO none DEFAULT VALUES; INSERT INTO none DEFAULT VALUES; INSERT INTO none DEFAULT VALUES; SELECT setval('s', 42, false)"
        ),
    );
    synced(&a, &b);
}

#[test]
fn partitions_views_and_names_that_need_quotes() {
    let made = |bound: u32| {
        format!(
            "CREATE SCHEMA \"a; b\"; CREATE TABLE \"a; b\".\"T\"\"1\" (\"k'ey\" int PRIMARY KEY, \"x\ny\" text) PARTITION BY RANGE (\"k'ey\"); \
             CREATE TABLE \"a; b\".one PARTITION OF \"a; b\".\"T\"\"1\" FOR VALUES FROM (0) TO ({bound}); \
             CREATE TABLE \"a; b\".two{bound} PARTITION OF \"a; b\".\"T\"\"1\" FOR VALUES FROM ({bound}) TO (100); \
             CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM \"a; b\".\"T\"\"1\""
        )
    };
    let (a, b) = two("odd", &made(10), &made(50));
    a.run("INSERT INTO \"a; b\".\"T\"\"1\" SELECT g, 'v''' || g FROM generate_series(1, 60) g; REFRESH MATERIALIZED VIEW m");
    b.run("INSERT INTO \"a; b\".\"T\"\"1\" SELECT g, 'v''' || g FROM generate_series(20, 80) g; UPDATE \"a; b\".\"T\"\"1\" SET \"x\ny\" = E'other\\n' WHERE \"k'ey\" = 30; REFRESH MATERIALIZED VIEW m");
    synced(&a, &b);
}

#[test]
fn a_row_that_changed_since_then_fails_the_whole_script() {
    let made = "CREATE TABLE t (id int PRIMARY KEY, v text, f float8); INSERT INTO t VALUES";
    let (a, b) = two(
        "since",
        &format!("{made} (1, 'a', 0), (2, 'b', 0)"),
        &format!("{made} (1, 'z', 0), (2, 'b', 0), (3, 'c', 0)"),
    );
    let place = TempDir::new();
    let file = place.write("sync.sql", script(&a, &b));
    for change in [
        "UPDATE t SET v = 'written since' WHERE id = 1",
        "UPDATE t SET f = '-0' WHERE id = 3",
        "DELETE FROM t WHERE id = 3",
    ] {
        let copy = cluster().database_with("since", &format!("TEMPLATE {}", b.name()));
        copy.run(change);
        let before = copy.rows("TABLE t ORDER BY id");
        let mut psql = copy.cluster().client("psql", copy.name());
        let output = psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"]).arg(&file).output().unwrap();
        assert!(!output.status.success(), "{change}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("rows are as they were compared"), "{said}");
        assert_eq!(copy.rows("TABLE t ORDER BY id"), before, "{change}");
    }
}

#[test]
fn a_snapshot_can_be_brought_back_row_by_row_but_not_changed() {
    let database = cluster().database("back");
    database.run("CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 100) g");
    let place = TempDir::new();
    Tool::pgsnap("create").database(&database).store(place.path()).run().success();
    database.run(
        "UPDATE t SET v = 'x' WHERE id = 5; DELETE FROM t WHERE id > 90; INSERT INTO t VALUES (500, 'y')",
    );
    let file = place.join("back.sql");
    let compare = |a: &str, b: &str| {
        let tool = Tool::named("pgverify").args(["compare", a, b, "-a", "--rows"]).store(place.path());
        tool.arg("--sync-sql").arg(&file).run()
    };
    compare("latest", &database.connection()).exit(1).says("for 12 rows");
    database.run(&std::fs::read_to_string(&file).unwrap());
    compare("latest", &database.connection()).exit(0);
    compare(&database.connection(), "latest").exit(2).says("never changed");
}
