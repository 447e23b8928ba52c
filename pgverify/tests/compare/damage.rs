//! One thing changed at a time, each seen and named; nothing compared is never equal.

use crate::kit::{cluster, compare, differences, rows, two};
use testkit::Tool;

const MADE: &str = "CREATE TABLE t (id int PRIMARY KEY, a text, f float8, d date, ts timestamptz); \
    INSERT INTO t SELECT g, 'row ' || g, g / 3.0, date '2024-01-01' + g, 'infinity' FROM generate_series(1, 50) g; \
    CREATE TABLE free (a int, b text); INSERT INTO free SELECT g % 5, 'x' FROM generate_series(1, 20) g; \
    CREATE SEQUENCE s; SELECT setval('s', 10); \
    CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n, sum(id) AS total FROM t; \
    SELECT lo_from_bytea(4711, '\\x0102030405'); COMMENT ON LARGE OBJECT 4711 IS 'a picture'; GRANT SELECT ON LARGE OBJECT 4711 TO public";

/// What is done to the copy, what is said of it, and the rows that are told.
const CHANGES: &[(&str, &str, &[&str])] = &[
    ("DELETE FROM t WHERE id = 7", "table \"public\".\"t\": rows", &[r#"missing {"id":"7"} []"#]),
    ("INSERT INTO t VALUES (99)", "table \"public\".\"t\": rows", &[r#"extra {"id":"99"} []"#]),
    (
        "UPDATE t SET a = 'Row 3' WHERE id = 3",
        "table \"public\".\"t\": rows",
        &[r#"changed {"id":"3"} ["a"]"#],
    ),
    (
        "UPDATE t SET f = f + 4.5e-16 WHERE id = 2",
        "table \"public\".\"t\": rows",
        &[r#"changed {"id":"2"} ["f"]"#],
    ),
    (
        "UPDATE t SET a = '' WHERE id = 4; UPDATE t SET a = NULL WHERE id = 5",
        "table \"public\".\"t\": rows",
        &[r#"changed {"id":"4"} ["a"]"#, r#"changed {"id":"5"} ["a"]"#],
    ),
    (
        "UPDATE t SET ts = '-infinity' WHERE id = 1",
        "table \"public\".\"t\": rows",
        &[r#"changed {"id":"1"} ["ts"]"#],
    ),
    (
        "UPDATE t SET d = '2024-01-11 BC' WHERE id = 10",
        "table \"public\".\"t\": rows",
        &[r#"changed {"id":"10"} ["d"]"#],
    ),
    (
        "UPDATE t SET id = 1000 WHERE id = 50",
        "table \"public\".\"t\": rows",
        &[r#"missing {"id":"50"} []"#, r#"extra {"id":"1000"} []"#],
    ),
    ("INSERT INTO free VALUES (1, 'x')", "table \"public\".\"free\": rows", &["extra {} []"]),
    ("SELECT setval('s', 9)", "sequence \"public\".\"s\": state", &[]),
    ("SELECT setval('s', 10, false)", "sequence \"public\".\"s\": state", &[]),
    ("DROP SEQUENCE s", "sequence \"public\".\"s\": presence", &[]),
    ("CREATE SEQUENCE more", "sequence \"public\".\"more\": presence", &[]),
    ("SELECT lo_put(4711, 2, '\\xff')", "large object 4711: content", &[]),
    ("SELECT lo_put(4711, 5, '\\x06')", "large object 4711: content", &[]),
    ("SELECT lo_create(4712)", "large object 4712: presence", &[]),
    ("SELECT lo_unlink(4711)", "large object 4711: presence", &[]),
    ("ALTER LARGE OBJECT 4711 OWNER TO pg_monitor", "large object 4711: owner", &[]),
    ("REVOKE SELECT ON LARGE OBJECT 4711 FROM public", "large object 4711: privileges", &[]),
    ("COMMENT ON LARGE OBJECT 4711 IS NULL", "large object 4711: comment", &[]),
    ("REFRESH MATERIALIZED VIEW m WITH NO DATA", "materialized view \"public\".\"m\": rows", &[]),
    ("DROP MATERIALIZED VIEW m", "materialized view \"public\".\"m\": presence", &[]),
];

#[test]
fn every_change_is_seen_and_named() {
    let cluster = cluster();
    let source = cluster.database("damage");
    source.run(MADE);
    let copy = || cluster.database_with("damaged", &format!("TEMPLATE {}", source.name()));
    let equal = compare(&source, &copy(), &["-a", "--rows"]).success();
    let counted = |field: &str| equal.result()[field].as_u64().unwrap();
    assert_eq!(
        (counted("tables"), counted("sequences"), counted("materialized_views"), counted("large_objects")),
        (3, 1, 1, 1)
    );
    assert_eq!((counted("expected_rows"), counted("found_rows")), (71, 71));
    for (change, object, told) in CHANGES {
        let copy = copy();
        copy.run(change);
        // With an owner the grantor of privileges changes.
        let (of, _) = object.rsplit_once(": ").unwrap();
        let named = |said: &[String]| {
            assert!(said.iter().any(|line| line == object), "{change}: {said:?}");
            assert!(said.iter().all(|line| line.starts_with(of)), "{change}: {said:?}");
        };
        named(&differences(&compare(&source, &copy, &["-a"]).exit(1)));
        let outcome = compare(&source, &copy, &["-a", "--rows"]).exit(1);
        named(&differences(&outcome));
        let mut found = rows(&outcome);
        found.sort();
        let mut told = told.to_vec();
        told.sort_unstable();
        assert_eq!(found, told, "{change}");
        assert_eq!(outcome.result()["proved"], false);
        cluster.existing("postgres").run(&format!("DROP DATABASE {}", copy.name()));
    }
}

#[test]
fn a_view_that_is_stale_differs_between_two_live_sides() {
    let made = "CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE MATERIALIZED VIEW m AS SELECT a FROM t; \
                INSERT INTO t VALUES (2)";
    let (a, b) = two("stale", made, &format!("{made}; REFRESH MATERIALIZED VIEW m"));
    let outcome = compare(&a, &b, &["-a"]).exit(1);
    assert_eq!(differences(&outcome), ["materialized view \"public\".\"m\": rows"]);
}

#[test]
fn tables_of_one_side_alone_are_told_in_both_directions() {
    let (a, b) = two(
        "alone",
        "CREATE TABLE t (a int); CREATE TABLE here (a int)",
        "CREATE TABLE t (a int); CREATE TABLE there (a int)",
    );
    let outcome = compare(&a, &b, &["-a"]).exit(1);
    let mut verdicts: Vec<_> = outcome
        .records_of("table")
        .iter()
        .map(|table| format!("{} {}", table["table"].as_str().unwrap(), table["verdict"].as_str().unwrap()))
        .collect();
    verdicts.sort();
    assert_eq!(verdicts, ["here only_a", "t equal", "there only_b"]);
    assert_eq!(outcome.result()["differences"], 2);
}

#[test]
fn nothing_compared_is_not_equal() {
    let (a, b) = two("nothing", "", "");
    let outcome = compare(&a, &b, &["-a"]).exit(3).says("nothing was compared");
    assert!(outcome.result().get("proved").is_none());
    // A database with tables, of which none is left.
    let (a, b) = two("nothing", "CREATE TABLE t (a int)", "CREATE TABLE t (a int)");
    compare(&a, &b, &["-a", "-T", "t"]).exit(3).says("nothing was compared");
}

#[test]
fn a_database_is_not_compared_with_itself() {
    let (a, _) = two("itself", "CREATE TABLE t (a int)", "");
    compare(&a, &a, &[]).exit(2).says("with itself");
}

#[test]
fn what_may_not_be_read_is_skipped_and_the_rest_compared() {
    let made = "CREATE TABLE open (id int PRIMARY KEY); CREATE TABLE shut (id int PRIMARY KEY); \
                CREATE TABLE rowwise (id int PRIMARY KEY); ALTER TABLE rowwise ENABLE ROW LEVEL SECURITY; \
                GRANT SELECT ON open, rowwise TO reader";
    let cluster = cluster();
    cluster.existing("postgres").run("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN");
    let (a, b) = two("rights", made, made);
    let reader = |database: &testkit::Database| database.connection().replace("user=postgres", "user=reader");
    let run = || Tool::named("pgverify").arg("compare").arg(reader(&a)).arg(reader(&b)).arg("-a").run();
    let outcome = run().exit(3);
    let skipped: Vec<_> =
        outcome.records_of("skipped").iter().map(|record| record["object"].as_str().unwrap()).collect();
    assert_eq!(skipped, ["table \"public\".\"rowwise\"", "table \"public\".\"shut\""]);
    assert_eq!(outcome.result()["tables"], 1);
    // A difference is certain, whatever else could not be seen.
    b.run("INSERT INTO open VALUES (1)");
    run().exit(1);
    let arguments = ["-T", "shut", "-T", "rowwise"];
    Tool::named("pgverify")
        .arg("compare")
        .arg(reader(&a))
        .arg(reader(&a).replace(a.name(), b.name()))
        .args(arguments)
        .arg("-a")
        .run()
        .exit(1);
    for database in [&a, &b] {
        database.run("DROP OWNED BY reader");
    }
    cluster.existing("postgres").run("DROP ROLE reader");
}

#[test]
fn the_first_difference_is_enough_with_fail_fast() {
    let made = |value: &str| {
        let table = |table: u32| {
            format!(
                "CREATE TABLE t{table} (id int PRIMARY KEY, v text); INSERT INTO t{table} VALUES (1, '{value}');"
            )
        };
        (0..20).map(table).collect::<Vec<_>>().concat()
    };
    let (a, b) = two("fast", &made("a"), &made("b"));
    for arguments in [&["-a", "--fail-fast"][..], &["-a", "--fail-fast", "--rows"]] {
        let outcome = compare(&a, &b, arguments).exit(1);
        let told = outcome.records_of("difference").len() + outcome.records_of("row").len();
        assert!((1..20).contains(&told), "{outcome}");
    }
    let outcome = compare(&a, &b, &["-a", "--rows"]).exit(1);
    assert_eq!(outcome.records_of("row").len(), 20);
}
