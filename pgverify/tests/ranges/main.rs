//! `pgverify compare --rows` of large tables of two live databases, from outside.

#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use testkit::{Cluster, Database, Outcome, Tool, newest_major, oldest_major};

/// A table that is large enough for its server to be asked about.
const LARGE: &str = "CREATE TABLE orders (id bigint PRIMARY KEY, code uuid NOT NULL UNIQUE, name text COLLATE \"C\" NOT NULL, note text, at timestamptz); \
     INSERT INTO orders SELECT i, md5(i::text)::uuid, 'name ' || i, repeat('note ', 8), timestamptz 'epoch' + i * interval '1 s' FROM generate_series(1, 100000) i; \
     VACUUM ANALYZE orders";

fn pair_on(majors: (u32, u32), sql: &str) -> (Database, Database) {
    let sides = (Cluster::shared(majors.0).database("left"), Cluster::shared(majors.1).database("right"));
    sides.0.run(sql);
    sides.1.run(sql);
    sides
}

fn pair(sql: &str) -> (Database, Database) {
    pair_on((newest_major(), newest_major()), sql)
}

fn compare(sides: &(Database, Database), more: &[&str]) -> Outcome {
    let tool = Tool::named("pgverify").arg("compare").arg(sides.0.connection()).arg(sides.1.connection());
    tool.args(["--rows", "--data-only"]).args(more).run()
}

fn number(record: &Value, field: &str) -> u64 {
    record[field].as_u64().unwrap_or_else(|| panic!("{field} of {record}"))
}

/// The values of the only key column of the rows of one kind, sorted.
fn keys(outcome: &Outcome, kind: &str, column: &str) -> Vec<String> {
    let rows = outcome.records_of("row");
    let of_kind = rows.iter().filter(|row| row["kind"] == kind);
    let mut keys: Vec<String> = of_kind.map(|row| row["key"][column].as_str().unwrap().to_owned()).collect();
    keys.sort();
    keys
}

#[test]
fn a_changed_row_of_a_large_table_is_found_for_a_fiftieth_of_its_bytes() {
    let sides = pair(LARGE);
    let equal = compare(&sides, &[]).success();
    assert_eq!(number(equal.result(), "found_rows"), 100_000);
    assert!(number(equal.result(), "read_bytes") < 20_000, "{equal}");
    sides.1.run("UPDATE orders SET note = NULL WHERE id = 77777");
    let outcome = compare(&sides, &[]).exit(1);
    let row = outcome.record("row");
    assert_eq!((&row["key"]["id"], &row["columns"]), (&Value::from("77777"), &serde_json::json!(["note"])));
    let table = outcome.record("table");
    assert_eq!((&table["key"], &table["verdict"]), (&Value::from("id"), &Value::from("differs")));
    let result = outcome.result();
    assert!(number(result, "read_bytes") * 50 < number(result, "expected_bytes") * 2, "{outcome}");
}

#[test]
fn rows_at_both_ends_and_between_are_found_on_the_oldest_and_the_newest_version() {
    let sides = pair_on((oldest_major(), newest_major()), LARGE);
    sides.1.run(
        "DELETE FROM orders WHERE id IN (1, 50000, 100000); UPDATE orders SET name = name || ' ' WHERE id IN (2, 99999); \
         INSERT INTO orders SELECT i, md5('n' || i)::uuid, 'new', NULL, NULL FROM unnest(ARRAY[-5, 0, 100001, 9000000000]) i",
    );
    let outcome = compare(&sides, &[]).exit(1);
    assert_eq!(keys(&outcome, "missing", "id"), ["1", "100000", "50000"]);
    assert_eq!(keys(&outcome, "changed", "id"), ["2", "99999"]);
    assert_eq!(keys(&outcome, "extra", "id"), ["-5", "0", "100001", "9000000000"]);
}

#[test]
fn tables_with_keys_of_text_are_compared_whatever_each_side_sorts_them_by() {
    let sql = format!("{LARGE}; ALTER TABLE orders DROP CONSTRAINT orders_pkey, ADD PRIMARY KEY (name)");
    let sides = pair(&sql);
    for collation in ["C", "en-x-icu"] {
        sides.1.run(&format!("ALTER TABLE orders ALTER name TYPE text COLLATE \"{collation}\""));
        sides.1.run("UPDATE orders SET note = 'x' WHERE id = 5000; DELETE FROM orders WHERE id = 60000");
        let outcome = compare(&sides, &[]).exit(1);
        assert_eq!(keys(&outcome, "changed", "name"), ["name 5000"], "{collation}");
        assert_eq!(keys(&outcome, "missing", "name"), ["name 60000"], "{collation}");
    }
}

#[test]
fn fail_fast_ends_it_at_the_first_row() {
    let sides = pair(LARGE);
    sides.1.run("UPDATE orders SET note = 'x'");
    let outcome = compare(&sides, &["--fail-fast"]).exit(1);
    let told = outcome.records_of("row").len();
    assert!((1..1000).contains(&told), "{told} rows");
}

#[test]
fn a_rate_is_kept_by_pauses() {
    let sides = pair(LARGE);
    let outcome = compare(&sides, &["--max-rate", "20M"]).success();
    assert!(number(outcome.result(), "pauses") > 2, "{outcome}");
    let outcome = compare(&sides, &["--max-active", "100"]).success();
    assert_eq!(number(outcome.result(), "pauses"), 0, "{outcome}");
}

/// A writer on A whose changes reach B a moment later, as those of a replica do.
struct Writer {
    over: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    fn on(sides: &(Database, Database)) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (sides, ends) = (sides.clone(), Arc::clone(&over));
        let thread = std::thread::spawn(move || {
            for round in 0_u64.. {
                if ends.load(Ordering::Relaxed) {
                    return;
                }
                let sql = format!(
                    "UPDATE orders SET note = 'round {round}' WHERE id BETWEEN {0} AND {0} + 50; INSERT INTO log VALUES ({round})",
                    round * 2003 % 90_000
                );
                sides.0.run(&sql);
                sides.1.run(&sql);
            }
        });
        Self { over, thread: Some(thread) }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().ok();
    }
}

#[test]
fn what_was_written_meanwhile_is_in_flight_and_what_lasts_is_told() {
    let sides = pair(&format!(
        "{LARGE}; CREATE TABLE log (round integer); CREATE TABLE other (id integer PRIMARY KEY, v text); INSERT INTO other VALUES (1, 'a')"
    ));
    sides.1.run("UPDATE orders SET note = 'lost' WHERE id = 95000; DELETE FROM other");
    let outcome = {
        let _writer = Writer::on(&sides);
        compare(&sides, &["--recheck", "300ms", "-T", "log"]).exit(1)
    };
    let changed = keys(&outcome, "changed", "id");
    assert!(changed.contains(&"95000".to_owned()), "{outcome}");
    // At the second look, too, one statement of the writer may be on one side only.
    assert!(changed.len() <= 1 + 51, "{outcome}");
    assert_eq!(keys(&outcome, "missing", "id"), ["1"]);
    assert!(outcome.result()["rows_in_flight"].is_u64(), "{outcome}");
}

#[test]
fn a_table_without_a_key_is_compared_anew_as_a_whole() {
    let sides = pair("CREATE TABLE log (round integer); INSERT INTO log SELECT generate_series(1, 10)");
    sides.1.run("DELETE FROM log WHERE round = 3; INSERT INTO log VALUES (4)");
    let outcome = compare(&sides, &["--recheck", "0s"]).exit(1);
    assert_eq!(outcome.records_of("row").len(), 2, "each is told once: {outcome}");
    assert_eq!(outcome.records_of("table").len(), 1, "{outcome}");
}

#[test]
fn a_second_look_at_a_snapshot_is_refused() {
    let sides = pair("CREATE TABLE log (round integer)");
    let store = testkit::TempDir::new();
    Tool::pgsnap("create").database(&sides.0).store(store.path()).run().success();
    let tool =
        Tool::named("pgverify").args(["compare", "latest"]).arg(sides.1.connection()).store(store.path());
    tool.args(["--rows", "--recheck", "1s"])
        .run()
        .exit(2)
        .says("--recheck looks again at two live databases");
}
