//! Keys and values of all types, on servers of the same and of other versions.

use super::{Kind, TINY, Told, compare, compare_with, pair, pair_on, shape};
use common::throttle;
use testkit::{Cluster, Database, newest_major, oldest_major};

/// Changes every seventh row, deletes every eleventh, and checks that just these are found.
fn finds_changes_by(sides: &(Database, Database), columns: &str, key: &[&str], rows: &str) {
    let both = format!(
        "DROP TABLE IF EXISTS t; CREATE TABLE t ({columns}, n integer, v text, PRIMARY KEY ({})); INSERT INTO t {rows}",
        key.join(", ")
    );
    sides.0.run(&both);
    sides
        .1
        .run(&format!("{both}; UPDATE t SET v = v || '.' WHERE n % 7 = 0; DELETE FROM t WHERE n % 11 = 5"));
    let shape = shape(sides, key);
    let found = compare(sides, &shape);
    let expected = |condition: &str| {
        sides.0.rows(&format!("SELECT count(*) FROM t WHERE {condition}"))[0][0].parse::<u64>().unwrap()
    };
    assert_eq!(found.counts.changed, expected("n % 7 = 0 AND n % 11 <> 5"), "{columns}: {found:?}");
    assert_eq!(found.counts.missing, expected("n % 11 = 5"), "{columns}: {found:?}");
    assert_eq!(found.counts.extra, 0, "{columns}: {found:?}");
}

#[test]
fn rows_are_found_by_keys_of_any_type_with_an_order_of_its_own() {
    let n = "FROM generate_series(1, 90) n";
    let sides = pair("SELECT", "", "");
    for (columns, key, rows) in [
        ("k bigint", vec!["k"], format!("SELECT (n - 45) * 10000000000, n, 'v' {n}")),
        ("k smallint", vec!["k"], format!("SELECT n - 45, n, 'v' {n}")),
        ("k uuid", vec!["k"], format!("SELECT md5(n::text)::uuid, n, 'v' {n}")),
        ("k date", vec!["k"], format!("SELECT date '0001-02-01' - n, n, 'v' {n}")),
        (
            "k timestamptz",
            vec!["k"],
            format!("SELECT timestamptz 'epoch' - n * interval '1 s 1 us', n, 'v' {n}"),
        ),
        ("k numeric", vec!["k"], format!("SELECT (n - 45) / 7.0, n, 'v' {n}")),
        ("k float8", vec!["k"], format!("SELECT ((n - 45) / 7.0)::float8, n, 'v' {n}")),
        ("k bytea", vec!["k"], format!("SELECT decode(md5(n::text), 'hex'), n, 'v' {n}")),
        ("k inet", vec!["k"], format!("SELECT inet '10.0.0.0' + n * 1000, n, 'v' {n}")),
        ("k interval", vec!["k"], format!("SELECT n * interval '1 h 1 s', n, 'v' {n}")),
        ("k text COLLATE \"C\"", vec!["k"], format!("SELECT E'\\'\\\\\\t' || chr(200 + n) || n, n, 'v' {n}")),
        ("k char(9) COLLATE \"C\"", vec!["k"], format!("SELECT 'x ' || n, n, 'v' {n}")),
        ("k varchar(20) COLLATE \"C\"", vec!["k"], format!("SELECT 'x ' || n, n, 'v' {n}")),
        ("k name", vec!["k"], format!("SELECT 'Ä ' || n, n, 'v' {n}")),
        ("k integer[]", vec!["k"], format!("SELECT ARRAY[n / 10, n], n, 'v' {n}")),
        (
            "\"a b\" integer, \"c\"\"d\" text COLLATE \"C\"",
            vec!["\"a b\"", "\"c\"\"d\""],
            format!("SELECT n / 9, 'x' || n, n, 'v' {n}"),
        ),
        (
            "a integer, b uuid, c date",
            vec!["b", "c", "a"],
            format!("SELECT n, md5((n / 8)::text)::uuid, date 'epoch' + n / 4, n, 'v' {n}"),
        ),
    ] {
        if key[0].starts_with('"') {
            odd_names(columns, &rows);
        } else {
            finds_changes_by(&sides, columns, &key, &rows);
        }
    }
}

fn odd_names(columns: &str, rows: &str) {
    let both = format!(
        "CREATE TABLE t ({columns}, n integer, v text, PRIMARY KEY (\"a b\", \"c\"\"d\")); INSERT INTO t {rows}"
    );
    let sides = pair(&both, "", "UPDATE t SET v = NULL WHERE n = 50");
    let shape = shape(&sides, &["a b", "c\"d"]);
    assert_eq!(compare(&sides, &shape).keys(&shape, Kind::Changed), ["5,x50"]);
}

#[test]
fn keys_that_two_servers_may_sort_differently_are_left_to_the_other_engine() {
    for (columns, value) in [
        ("k text COLLATE \"en-x-icu\" PRIMARY KEY", "i::text"),
        ("k mood PRIMARY KEY", "'sad'"),
        ("k regclass PRIMARY KEY", "'pg_class'"),
        ("k jsonb PRIMARY KEY", "to_jsonb(i)"),
        ("k text[] PRIMARY KEY", "ARRAY[i::text]"),
    ] {
        let both = format!(
            "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t ({columns}); INSERT INTO t SELECT {value} FROM generate_series(1, 1) i"
        );
        let sides = pair(&both, "", "");
        let shape = shape(&sides, &["k"]);
        let sink = Told::default();
        let taken = compare_with(&sides, &shape, TINY, &sink, throttle::Limits::default()).is_some();
        // An array of text in a database of collation C sorts by bytes.
        assert_eq!(taken, columns.starts_with("k text[]"), "{columns}");
    }
}

#[test]
fn a_text_key_is_left_to_the_other_engine_when_one_side_sorts_it_otherwise() {
    let both = "CREATE TABLE t (k text PRIMARY KEY, v text); INSERT INTO t SELECT 'x' || i, i FROM generate_series(1, 50) i";
    let sides = pair(both, "", "ALTER TABLE t ALTER k TYPE text COLLATE \"en-x-icu\"");
    let shape = shape(&sides, &["k"]);
    let sink = Told::default();
    assert!(compare_with(&sides, &shape, TINY, &sink, throttle::Limits::default()).is_none());
    assert!(sink.rows.into_inner().unwrap().is_empty());
}

/// Values that others take for equal: each pair is one row's.
const LOOK_ALIKES: &[(&str, &str, &str)] = &[
    ("float8", "0", "'-0'"),
    ("float8", "0.1", "0.10000000000000002"),
    ("float8", "1e-20", "2e-20"),
    ("float8", "'infinity'", "'-infinity'"),
    ("float4", "1.1", "1.1000001"),
    ("numeric", "1.0", "1.00"),
    ("numeric", "'NaN'", "NULL"),
    ("text", "''", "NULL"),
    ("text", "'NULL'", "NULL"),
    ("text", "'a'", "'a '"),
    ("text", "'<null>'", "NULL"),
    ("text", "'\u{e9}'", "'e\u{301}'"),
    ("char(5)", "'a'", "'A'"),
    ("timestamptz", "'infinity'", "'-infinity'"),
    ("timestamptz", "'infinity'", "NULL"),
    ("timestamp", "'0044-03-15 BC'", "'0044-03-15'"),
    ("timestamp", "'2024-01-01 00:00:00.000001'", "'2024-01-01'"),
    ("interval", "'1 month'", "'30 days'"),
    ("interval", "'24 h'", "'1 day'"),
    ("timetz", "'12:00+00'", "'13:00+01'"),
    ("json", "'{\"a\":1}'", "'{\"a\": 1}'"),
    ("jsonb", "'{\"a\":1.0}'", "'{\"a\":1.00}'"),
    ("xml", "'<a/>'", "'<a></a>'"),
    ("bytea", "'\\x00'", "'\\x'"),
    ("bigint", "4294967296", "1"),
    ("bigint", "9007199254740993", "9007199254740992"),
    ("integer[]", "'{1,NULL}'", "'{1}'"),
    ("integer[]", "'[0:1]={1,2}'", "'{1,2}'"),
    ("integer[]", "'{{1,2}}'", "'{1,2}'"),
    ("text[]", "'{\"NULL\"}'", "'{NULL}'"),
    ("inet", "'10.0.0.0/24'", "'10.0.0.0/25'"),
    ("bit varying", "B'0'", "B'00'"),
    ("numrange", "'[1,2)'", "'[1,2]'"),
    ("mood", "'sad'", "'ok'"),
    ("pair", "'(1,)'", "'(1,\"\")'"),
    ("pair", "'(,)'", "NULL"),
    ("short", "'a'", "'b'"),
    ("mood[]", "'{sad,ok}'", "'{ok,sad}'"),
    ("regclass", "'pg_class'", "'pg_type'"),
];

const TYPES: &str = "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a integer, b text); CREATE DOMAIN short AS varchar(3)";

#[test]
fn values_that_others_take_for_equal_are_told_apart_on_the_same_and_on_another_version() {
    let columns: Vec<String> =
        LOOK_ALIKES.iter().enumerate().map(|(i, (kind, ..))| format!("c{i} {kind}")).collect();
    let values: Vec<&str> = LOOK_ALIKES.iter().map(|(_, a, _)| *a).collect();
    let both = format!(
        "{TYPES}; CREATE TABLE t (id integer PRIMARY KEY, {}); INSERT INTO t SELECT i, {} FROM generate_series(1, 60) i",
        columns.join(", "),
        values.join(", ")
    );
    let damage: Vec<String> = LOOK_ALIKES
        .iter()
        .enumerate()
        .map(|(i, (.., b))| format!("UPDATE t SET c{i} = {b} WHERE id = {}", i + 10))
        .collect();
    // Types that are made after others have other OIDs: their values are the same.
    let others = "CREATE TYPE mood0 AS ENUM (); CREATE TYPE pair0 AS (a integer)";
    for majors in [(newest_major(), newest_major()), (oldest_major(), newest_major())] {
        let sides = pair_on(majors, "SELECT", &both, &format!("{others};{both};{}", damage.join(";")));
        let shape = shape(&sides, &["id"]);
        let found = compare(&sides, &shape);
        assert_eq!(found.rows.len(), LOOK_ALIKES.len(), "{majors:?}: {found:#?}");
        for row in &found.rows {
            let id: usize = row.a.as_ref().unwrap()[0].as_deref().unwrap().parse().unwrap();
            assert_eq!(row.columns(), [id - 9], "{majors:?}: {row:?}");
        }
    }
}

#[test]
fn types_that_differ_are_compared_by_their_text() {
    let a = "CREATE TABLE t (id integer PRIMARY KEY, n integer, c char(6), s varchar(9)); \
             INSERT INTO t SELECT i, i, 'abc', 's' FROM generate_series(1, 40) i";
    let b = "CREATE TABLE t (id integer PRIMARY KEY, n bigint, c text, s text); \
             INSERT INTO t SELECT i, i, 'abc   ', 's' FROM generate_series(1, 40) i; UPDATE t SET c = 'abc' WHERE id = 9; UPDATE t SET n = -n WHERE id = 4";
    let sides = pair("SELECT", a, b);
    let shape = shape(&sides, &["id"]);
    assert_eq!(compare(&sides, &shape).keys(&shape, Kind::Changed), ["4", "9"]);
}

#[test]
fn partitioned_tables_are_compared_through_their_root() {
    let a = "CREATE TABLE t (id integer PRIMARY KEY, v text) PARTITION BY RANGE (id); \
             CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (50); CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (50) TO (500)";
    let b = "CREATE TABLE t (id integer PRIMARY KEY, v text) PARTITION BY HASH (id); \
             CREATE TABLE t1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE t2 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1)";
    let rows = "INSERT INTO t SELECT i, 'v' FROM generate_series(1, 120) i";
    let sides = pair("SELECT", &format!("{a};{rows}"), &format!("{b};{rows}; DELETE FROM t WHERE id = 50"));
    let shape = shape(&sides, &["id"]);
    assert_eq!(compare(&sides, &shape).keys(&shape, Kind::Missing), ["50"]);
}

#[test]
fn only_the_rows_of_the_table_itself_are_compared_not_those_of_its_children() {
    let both = "CREATE TABLE t (id integer PRIMARY KEY, v text); CREATE TABLE child () INHERITS (t); \
                INSERT INTO t SELECT i, 'v' FROM generate_series(1, 40) i";
    let sides = pair(both, "", "INSERT INTO child VALUES (7, 'not ours')");
    let shape = shape(&sides, &["id"]);
    let sink = Told::default();
    let (counts, _) = compare_with(&sides, &shape, TINY, &sink, throttle::Limits::default()).unwrap();
    assert!(counts.equal(), "{counts:?}");
    assert_eq!((counts.a_rows, counts.b_rows), (40, 40));
}

#[test]
fn databases_of_other_encodings_compare_by_characters() {
    let cluster = Cluster::shared(newest_major());
    let a = cluster.database_with("utf8", "TEMPLATE template0 ENCODING 'UTF8'");
    let b = cluster.database_with("latin1", "TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
    let both = "CREATE TABLE t (id integer PRIMARY KEY, v text); INSERT INTO t SELECT i, 'caf\u{e9} ' || i FROM generate_series(1, 40) i";
    a.run(both);
    b.run(&format!("{both}; UPDATE t SET v = 'cafe 7' WHERE id = 7"));
    let sides = (a, b);
    let shape = shape(&sides, &["id"]);
    assert_eq!(compare(&sides, &shape).keys(&shape, Kind::Changed), ["7"]);
}
