//! `--rows`: which rows, in which columns, with what values, and how much memory that takes.

use crate::kit::{cluster, compare, rows, two};
use testkit::Tool;

#[test]
fn values_are_shown_only_when_asked_for() {
    let made = |v: &str| {
        format!(
            "CREATE TABLE t (id int PRIMARY KEY, secret text, n int); INSERT INTO t VALUES (1, {v}, 5), (2, 'same', 6)"
        )
    };
    let (a, b) = two("values", &made("'hidden one'"), &made("NULL"));
    let outcome = compare(&a, &b, &["-a", "--rows"]).exit(1).hides("hidden one");
    assert!(outcome.record("row").get("a").is_none());
    let outcome = compare(&a, &b, &["-a", "--rows", "--show-values"]).exit(1);
    let row = outcome.record("row");
    assert_eq!(row["a"], serde_json::json!({"secret": "hidden one"}));
    assert_eq!(row["b"], serde_json::json!({"secret": null}));
    assert_eq!(row["columns"], serde_json::json!(["secret"]));
}

#[test]
fn rows_come_as_csv_for_a_spreadsheet() {
    let (a, b) = two(
        "csv",
        "CREATE TABLE \"T, 1\" (id int, k text, v text, w int, PRIMARY KEY (id, k)); INSERT INTO \"T, 1\" VALUES (1, 'x', 'say \"hi\"', 1), (2, 'y', '', 2), (3, 'z', 'same', 3)",
        "CREATE TABLE \"T, 1\" (id int, k text, v text, w int, PRIMARY KEY (id, k)); INSERT INTO \"T, 1\" VALUES (1, 'x', NULL, 7), (3, 'z', 'same', 3), (4, 'new', 'v', 4)",
    );
    let outcome = compare(&a, &b, &["-a", "--rows", "--format", "csv"]).exit(1);
    let lines = "schema,table,kind,key,column,a,b\n\
                 public,\"T, 1\",changed,\"id=1, k=x\",v,,\n\
                 public,\"T, 1\",changed,\"id=1, k=x\",w,,\n\
                 public,\"T, 1\",missing,\"id=2, k=y\",,,\n\
                 public,\"T, 1\",extra,\"id=4, k=new\",,,\n";
    assert_eq!(outcome.stdout(), lines);
    let outcome = compare(&a, &b, &["-a", "--rows", "--show-values", "--format", "csv"]).exit(1);
    assert!(outcome.stdout().contains("changed,\"id=1, k=x\",v,\"say \"\"hi\"\"\",\n"), "{outcome}");
    assert!(outcome.stdout().contains("missing,\"id=2, k=y\",v,\"\",\n"), "{outcome}");
    // Equal sides have a head and no lines.
    let copy = cluster().database_with("csv", &format!("TEMPLATE {}", a.name()));
    let outcome = compare(&a, &copy, &["-a", "--rows", "--format", "csv"]).exit(0);
    assert_eq!(outcome.stdout(), "schema,table,kind,key,column,a,b\n");
    compare(&a, &b, &["-a", "--format", "csv"]).exit(2).says("nothing to say as CSV");
}

#[test]
fn keys_are_primary_or_unique_and_never_null() {
    let made = "CREATE TABLE pk (a int, b text, c int, PRIMARY KEY (b, a)); INSERT INTO pk VALUES (1, 'x', 1); \
                CREATE TABLE uq (a int NOT NULL, b int, UNIQUE (a)); INSERT INTO uq VALUES (1, 1); \
                CREATE TABLE nullable (a int UNIQUE, b int); INSERT INTO nullable VALUES (1, 1); \
                CREATE TABLE partial (a int NOT NULL, b int); CREATE UNIQUE INDEX ON partial (a) WHERE b > 0; INSERT INTO partial VALUES (1, 1); \
                CREATE TABLE expression (a text NOT NULL); CREATE UNIQUE INDEX ON expression (lower(a)); INSERT INTO expression VALUES ('x')";
    let (a, b) = two("keys", made, made);
    let outcome = compare(&a, &b, &["-a", "--rows"]).success();
    let mut keys: Vec<_> = outcome
        .records_of("table")
        .iter()
        .map(|table| {
            format!(
                "{} {}",
                table["table"].as_str().unwrap(),
                table.get("key").map_or("none", |key| key.as_str().unwrap())
            )
        })
        .collect();
    keys.sort();
    assert_eq!(keys, ["expression none", "nullable none", "partial none", "pk b, a", "uq a"]);
}

#[test]
fn a_key_that_is_not_the_same_on_both_sides_is_none() {
    let (a, b) = two(
        "otherkey",
        "CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL); INSERT INTO t VALUES (1, 1)",
        "CREATE TABLE t (a int NOT NULL, b int PRIMARY KEY); INSERT INTO t VALUES (1, 2)",
    );
    let outcome = compare(&a, &b, &["-a", "--rows"]).exit(1);
    assert!(outcome.record("table").get("key").is_none());
    assert_eq!(outcome.records_of("row").len(), 2);
}

/// A unique index can be broken, by a library that sorts otherwise: then its rows are still counted.
#[test]
fn rows_that_share_a_key_are_not_lost() {
    let made = |values: &str| {
        format!(
            "CREATE TABLE t (id int NOT NULL, v text); INSERT INTO t VALUES {values}; CREATE UNIQUE INDEX t_id ON t (id) WHERE id > 1000; \
             UPDATE pg_index SET indpred = NULL WHERE indexrelid = 't_id'::regclass"
        )
    };
    let (a, b) = two(
        "shared",
        &made("(1, 'x'), (1, 'y'), (1, 'y'), (2, 'z')"),
        &made("(1, 'y'), (1, 'x'), (1, 'w'), (1, 'w'), (2, 'z')"),
    );
    let outcome = compare(&a, &b, &["-a", "--rows"]).exit(1);
    let table = outcome.record("table");
    assert_eq!(table["key"], "id");
    // y twice and w twice have x, y and z cancelled: one y became w, and one w is extra.
    assert_eq!((&table["changed"], &table["missing"], &table["extra"]), (&1.into(), &0.into(), &1.into()));
}

#[test]
fn a_table_without_columns_has_rows_all_the_same() {
    let (a, b) = two("columnless", "CREATE TABLE t (); INSERT INTO t DEFAULT VALUES", "CREATE TABLE t ()");
    let outcome = compare(&a, &b, &["-a", "--rows"]).exit(1);
    assert_eq!(outcome.record("table")["missing"], 1);
    let (a, b) = two(
        "columnless",
        "CREATE TABLE t (); INSERT INTO t DEFAULT VALUES",
        "CREATE TABLE t (); INSERT INTO t DEFAULT VALUES",
    );
    compare(&a, &b, &["-a", "--rows"]).success();
}

const LARGE: &str = "CREATE TABLE t (id int PRIMARY KEY, a text, b text); \
    INSERT INTO t SELECT g, md5(g::text), repeat(md5((g * 7)::text), 10) FROM generate_series(1, 100000) g; \
    CREATE TABLE free (a text); INSERT INTO free SELECT md5(g::text) || repeat('x', 900) FROM generate_series(1, 40000) g";

/// 75 MB of rows on each side, with one change, and with all rows changed: what does not fit is matched on disk.
#[test]
fn memory_stays_flat_whatever_differs() {
    let cluster = cluster();
    let a = cluster.database("large");
    a.run(LARGE);
    let b = cluster.database_with("large", &format!("TEMPLATE {}", a.name()));
    b.run("UPDATE t SET b = 'other' WHERE id = 54321; UPDATE free SET a = 'other' WHERE a LIKE md5('777') || '%'");
    let (outcome, peak) = measured(&a.connection(), &b.connection());
    assert_eq!(rows(&outcome).len(), 3);
    assert!(rows(&outcome).contains(&r#"changed {"id":"54321"} ["b"]"#.to_owned()));
    assert!(peak < 120 << 20, "{peak} bytes");
    b.run("UPDATE t SET a = a || '!'; UPDATE free SET a = a || '!'");
    let (outcome, peak) = measured(&a.connection(), &b.connection());
    let tables = outcome.records_of("table");
    let count = |name: &str, field: &str| {
        tables.iter().find(|table| table["table"] == name).unwrap()[field].as_u64().unwrap()
    };
    assert_eq!(
        (count("t", "changed"), count("free", "missing"), count("free", "extra")),
        (100_000, 40_000, 40_000)
    );
    assert!(peak < 200 << 20, "{peak} bytes");
}

/// A run, and the most memory that it had.
fn measured(a: &str, b: &str) -> (testkit::Outcome, u64) {
    let directory = testkit::TempDir::new();
    let script = "\"$0\" \"$@\" & p=$!; while grep -s VmHWM /proc/$p/status > \"$PEAK.new\"; do mv \"$PEAK.new\" \"$PEAK\"; sleep 0.02; done; wait $p";
    let peak = directory.join("peak");
    let outcome = Tool::named("pgverify")
        .args(["compare", a, b, "-a", "--rows"])
        .env("PGRUNBOOK_PEAK", &peak)
        .env("PEAK", &peak)
        .under("sh", ["-c", script])
        .run()
        .exit(1);
    let said = std::fs::read_to_string(&peak).unwrap();
    let kilobytes: u64 = said.split_whitespace().nth(1).unwrap().parse().unwrap();
    (outcome, kilobytes << 10)
}
