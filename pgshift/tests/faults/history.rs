//! `kill -9` anywhere in a history of all kinds of migrations: in a transaction, among rows of COPY, in a batch of a
//! backfill, outside of any transaction.

use super::Shop;
use rustix::process::Signal;
use testkit::Outcome;

/// Who writes row N of t waits for the advisory lock N, once for each time that it is written.
const BEGIN: &str = "CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 0);
CREATE TABLE log (id int, a int);
CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(NEW.id);
  INSERT INTO log VALUES (NEW.id, NEW.a);
  RETURN NEW;
END $$;
CREATE TRIGGER gate BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION gate();
";

const FILES: [(&str, &str); 6] = [
    ("1_begin.sql", BEGIN),
    (
        "2_one.sql",
        "INSERT INTO t SELECT i FROM generate_series(1, 20) i;\nCOPY t (id) FROM stdin;\n21\n22\n23\n\\.\nALTER TABLE t ADD COLUMN b int;\n\
         UPDATE t SET a = 1 WHERE id = 5;\n",
    ),
    (
        "3_alone.sql",
        "CREATE INDEX CONCURRENTLY i ON t (a);\nCOPY t (id) FROM stdin;\n31\n32\n\\.\nVACUUM t;\nINSERT INTO t VALUES (33);\n",
    ),
    ("4_fill.sql", "-- pgshift: backfill table=t batch=4\nUPDATE t SET a = a + 10, b = id WHERE :batch;\n"),
    ("5_more.sql", "ALTER TABLE t ALTER b SET NOT NULL;\nINSERT INTO t VALUES (41, 0, 41);\n"),
    ("6_end.sql", "DROP INDEX CONCURRENTLY i;\nCREATE INDEX CONCURRENTLY i ON t (b);\n"),
];

/// What holds a statement up, once those before version TO are applied; and what is applied then.
const POINTS: [(&str, &str, &str); 11] = [
    ("2", "SELECT pg_advisory_lock(7)", "an INSERT in a transaction"),
    ("2", "SELECT pg_advisory_lock(22)", "rows of COPY in a transaction"),
    ("2", "BEGIN; LOCK TABLE t IN ACCESS SHARE MODE", "an ALTER TABLE in a transaction"),
    ("3", "BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE", "an index that is built concurrently"),
    ("3", "SELECT pg_advisory_lock(32)", "rows of COPY outside of a transaction"),
    ("3", "SELECT pg_advisory_lock(33)", "the last statement outside of a transaction"),
    ("4", "SELECT pg_advisory_lock(2)", "the first batch"),
    ("4", "SELECT pg_advisory_lock(18)", "a batch"),
    ("5", "SELECT pg_advisory_lock(41)", "the last statement of a transaction"),
    ("6", "BEGIN; SELECT * FROM t", "an index that is dropped concurrently"),
    ("6", "BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE", "an index after one that was dropped"),
];

/// Rows, what was written how often, indexes, history: what a run without faults leaves.
fn left(shop: &Shop) -> Vec<Vec<String>> {
    let rows = "SELECT string_agg(concat_ws(':', id, a, b), ' ' ORDER BY id) FROM t";
    let writes = "SELECT string_agg(concat_ws(':', id, a), ' ' ORDER BY id, a) FROM log";
    let indexes = "SELECT string_agg(concat_ws(':', indexrelid::regclass, indisvalid, indkey), ' ' ORDER BY 1) FROM pg_index WHERE indrelid = 't'::regclass";
    let mut all: Vec<Vec<String>> =
        vec![[rows, writes, indexes].map(|sql| shop.database.scalar(sql)).to_vec()];
    all.extend(shop.history());
    all
}

fn states(outcome: &Outcome) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let all = outcome.records_of("migration").into_iter();
    all.map(|record| (text(&record["version"]), text(&record["state"]))).collect()
}

fn killed(point: usize, let_it_end: bool, expected: &[Vec<String>]) {
    let (version, hold, what) = POINTS[point];
    let what = format!("{what}, left at work: {let_it_end}");
    let shop = Shop::with(&FILES);
    let before: u32 = version.parse::<u32>().unwrap() - 1;
    shop.apply().args(["--to", &before.to_string()]).run().success();
    let locked = shop.database.hold(hold);
    let mut run = shop.apply().args(["--lock-timeout", "100s"]).start();
    shop.until_it_waits(&mut run);
    run.signal(Signal::KILL);
    run.finish().exit(137);

    let status = shop.tool("status").run().success();
    for (known, state) in states(&status) {
        let fitting: &[&str] = match known.cmp(&version.to_owned()) {
            std::cmp::Ordering::Less => &["applied"],
            std::cmp::Ordering::Equal => &["pending", "partial"],
            std::cmp::Ordering::Greater => &["pending"],
        };
        assert!(fitting.contains(&state.as_str()), "{what}: {known} is {state}");
    }
    let sessions = "pg_stat_activity WHERE datname = current_database() AND application_name = 'pgshift'";
    let applied = if let_it_end {
        let mut next = shop.apply().start();
        next.wait_until("it asks for the lock of who works", || {
            shop.count(&format!("{sessions} AND query ~ 'pg_try_advisory_lock.*, 2|pg_locks.* l.objid = 2 '"))
                == "1"
        });
        drop(locked);
        next.finish().success()
    } else {
        shop.database.run(&format!("SELECT pg_terminate_backend(pid) FROM {sessions}"));
        drop(locked);
        while shop.count(sessions) != "0" {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        shop.apply().run().success()
    };
    assert_eq!(left(&shop), expected, "{what}: {applied}");
    shop.tool("check").run().success();
}

fn everywhere(let_it_end: bool) {
    let undisturbed = Shop::with(&FILES);
    undisturbed.apply().run().success();
    let expected = left(&undisturbed);
    for point in 0..POINTS.len() {
        killed(point, let_it_end, &expected);
    }
}

#[test]
fn wherever_a_run_is_killed_the_next_one_leaves_what_one_alone_would_have_left() {
    everywhere(false);
}

#[test]
fn what_a_killed_run_left_at_work_ends_and_nothing_is_done_twice() {
    everywhere(true);
}
