//! The proof sees every change of what it compares, and names what changed.

use common::format::manifest::Manifest;
use common::pg::target::{ConnectOptions, Target};
use common::proof::compare::{Comparison, Difference};
use common::store::{Location, Store};
use testkit::{Cluster, Database, TempDir, Tool, newest_major};

const MADE: &str = "
    CREATE TABLE t (id int, b text, f float8, d date, ts timestamptz, n numeric);
    INSERT INTO t VALUES (1, 'one', 0.1, '2024-02-29', 'infinity', 'NaN'), (2, '', 1e308, '0044-03-15 BC', '-infinity', 1.10),
        (3, NULL, 'NaN', 'infinity', '2024-01-01 00:00:00.000001+00', 0), (4, 'Ünïcode', '-0', '-infinity', NULL, 10000);
    CREATE TABLE g (a int, twice int GENERATED ALWAYS AS (a * 2) STORED); INSERT INTO g VALUES (1), (2);
    CREATE TABLE parted (a int, b text) PARTITION BY LIST (a);
    CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1); INSERT INTO parted VALUES (1, 'x');
    CREATE TABLE no_columns (); INSERT INTO no_columns DEFAULT VALUES; INSERT INTO no_columns DEFAULT VALUES;
    CREATE SEQUENCE counter; SELECT nextval('counter'), nextval('counter'); CREATE SEQUENCE fresh;
    CREATE MATERIALIZED VIEW seen AS SELECT id, b FROM t;
    CREATE ROLE somebody_of_proofs;
    SELECT lo_from_bytea(4711, 'large object'), lo_from_bytea(4712, '');
";

const ROLE_GONE: &str = "DROP OWNED BY somebody_of_proofs; DROP ROLE somebody_of_proofs";

/// What is done to a copy, and where it must be seen.
const CHANGES: &[(&str, &str)] = &[
    ("DELETE FROM t WHERE id = 1", T),
    ("INSERT INTO t SELECT * FROM t WHERE id = 3", T),
    ("TRUNCATE t", T),
    ("UPDATE t SET b = 'onf' WHERE id = 1", T),
    ("UPDATE t SET b = 'one ' WHERE id = 1", T),
    ("UPDATE t SET f = 0.1::float8 + 1.3877787807814457e-17 WHERE id = 1", T),
    ("UPDATE t SET f = 0 WHERE id = 4", T),
    ("UPDATE t SET f = 'Infinity' WHERE id = 2", T),
    ("UPDATE t SET b = NULL WHERE id = 2", T),
    ("UPDATE t SET b = '' WHERE id = 3", T),
    (r"UPDATE t SET b = '\N' WHERE id = 3", T),
    ("UPDATE t SET ts = '294276-12-31 23:59:59.999999+00' WHERE id = 1", T),
    ("UPDATE t SET d = '0044-03-15' WHERE id = 2", T),
    ("UPDATE t SET d = '-infinity' WHERE id = 3", T),
    ("UPDATE t SET ts = '2024-01-01 00:00:00+00' WHERE id = 3", T),
    ("UPDATE t SET n = 1.1 WHERE id = 2", T),
    ("UPDATE t SET b = CASE id WHEN 1 THEN 'Ünïcode' ELSE 'one' END WHERE id IN (1, 4)", T),
    ("UPDATE t SET b = 'U\u{308}nïcode' WHERE id = 4", T),
    ("DELETE FROM parted", "table \"public\".\"parted_1\""),
    ("DELETE FROM no_columns WHERE ctid = '(0,1)'", "table \"public\".\"no_columns\""),
    ("DROP TABLE g", "table \"public\".\"g\""),
    ("SELECT setval('counter', 1)", "sequence \"public\".\"counter\""),
    ("SELECT setval('counter', 2, false)", "sequence \"public\".\"counter\""),
    ("SELECT nextval('fresh')", "sequence \"public\".\"fresh\""),
    ("DROP SEQUENCE fresh", "sequence \"public\".\"fresh\""),
    ("SELECT lo_put(4711, 6, 'O')", "large objects"),
    ("SELECT lo_unlink(4711)", "large objects"),
    ("SELECT lo_unlink(4712)", OBJECT_CATALOG),
    ("ALTER LARGE OBJECT 4711 OWNER TO somebody_of_proofs", OBJECT_CATALOG),
    ("GRANT SELECT ON LARGE OBJECT 4711 TO somebody_of_proofs", OBJECT_CATALOG),
    ("COMMENT ON LARGE OBJECT 4712 IS 'empty'", OBJECT_CATALOG),
    ("REFRESH MATERIALIZED VIEW seen WITH NO DATA", "materialized view \"public\".\"seen\""),
];

const T: &str = "table \"public\".\"t\"";
const OBJECT_CATALOG: &str = "owners, privileges and comments of large objects";

fn differences(manifest: &Manifest, database: &Database) -> (u64, Vec<Difference>) {
    let options = ConnectOptions { dbname: Some(database.connection()), ..ConnectOptions::default() };
    let target = Target::resolve(&options).unwrap();
    let comparison = Comparison {
        target: &target,
        manifest,
        tables: manifest.tables.iter().collect(),
        sequences: manifest.sequences.iter().collect(),
        matviews: manifest.materialized_views.iter().collect(),
        large_objects: manifest.large_objects.as_ref(),
        large_object_catalog: true,
        role: None,
        jobs: 2,
        fail_fast: false,
        stop: || false,
        advanced: &|_| {},
    };
    let (compared, differences) = comparison.run().unwrap();
    (compared.rows, differences)
}

#[test]
fn every_change_is_seen_and_named() {
    let cluster = Cluster::shared(newest_major());
    let source = cluster.database("proved");
    source.run(MADE);
    let place = TempDir::new();
    let made = Tool::pgsnap("create").database(&source).store(place.path()).run().success();
    let store = Store::open(&Location::Directory(place.path().to_owned())).unwrap();
    let manifest = store.manifest(&store.find(made.result()["snapshot"].as_str().unwrap()).unwrap()).unwrap();
    let copy = || cluster.database_with("copy", &format!("TEMPLATE {}", source.name()));
    assert_eq!(differences(&manifest, &copy()), (9, Vec::new()));
    for (change, object) in CHANGES {
        let copy = copy();
        copy.run(change);
        let (_, found) = differences(&manifest, &copy);
        let objects: Vec<_> = found.iter().map(|difference| difference.object.as_str()).collect();
        assert!(objects.contains(object), "{change}: {found:?}");
        assert!(
            found.iter().all(|difference| difference.expected != difference.found),
            "{change}: {found:?}"
        );
        cluster.existing("postgres").run(&format!("DROP DATABASE {}", copy.name()));
    }
    source.run(ROLE_GONE);
}

/// A generated column is made again by the target: a target that computes another value is found out.
#[test]
fn a_generated_column_that_comes_out_otherwise_is_seen() {
    let cluster = Cluster::shared(newest_major());
    let source = cluster.database("generated");
    source.run(
        "CREATE FUNCTION factor() RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 2'; \
         CREATE TABLE g (a int, twice int GENERATED ALWAYS AS (a * factor()) STORED); INSERT INTO g VALUES (1), (2)",
    );
    let place = TempDir::new();
    Tool::pgsnap("create").database(&source).store(place.path()).run().success();
    source.run("CREATE OR REPLACE FUNCTION factor() RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 3'; UPDATE g SET a = a");
    let store = Store::open(&Location::Directory(place.path().to_owned())).unwrap();
    let manifest = store.manifest(&store.find("latest").unwrap()).unwrap();
    let (_, found) = differences(&manifest, &source);
    let objects: Vec<_> = found.iter().map(|difference| difference.object.as_str()).collect();
    assert_eq!(objects, ["generated columns of table \"public\".\"g\""]);
}
