//! `kill -9` at every statement of a mixed history.

use super::Shop;
use rustix::process::Signal;
use testkit::Held;

/// Each statement can be held up from outside by what is named beside it.
const STATEMENTS: [(&str, &str); 9] = [
    ("CREATE TABLE t (a int)", "BEGIN; CREATE TABLE t ()"),
    ("INSERT INTO t SELECT 1 FROM pg_advisory_xact_lock(2)", "SELECT pg_advisory_lock(2)"),
    ("CREATE INDEX CONCURRENTLY i ON t (a)", "BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE"),
    ("INSERT INTO t SELECT 2 FROM pg_advisory_xact_lock(4)", "SELECT pg_advisory_lock(4)"),
    ("VACUUM t", "BEGIN; LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE"),
    ("REINDEX INDEX CONCURRENTLY i", "BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE"),
    ("DROP INDEX CONCURRENTLY i", "BEGIN; SELECT * FROM t"),
    ("BEGIN; INSERT INTO t SELECT 3 FROM pg_advisory_xact_lock(8); COMMIT", "SELECT pg_advisory_lock(8)"),
    (
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)",
        "BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE",
    ),
];

fn text(statements: &[(&str, &str)]) -> String {
    statements.iter().flat_map(|(statement, _)| [statement, ";\n"]).collect()
}

/// A history with the statements in one file that cannot be one transaction, and files around it.
fn shop() -> Shop {
    let mixed = text(&STATEMENTS);
    Shop::with(&[
        ("1_before.sql", "CREATE TABLE before AS SELECT 1 AS a;"),
        ("2_mixed.sql", &mixed),
        ("3_after.sql", "INSERT INTO before VALUES (2);"),
    ])
}

/// Holds up statement number `index`, from 0, once those before it are done.
fn hold_up(shop: &Shop, index: usize) -> Held {
    let before = text(&STATEMENTS[..index]);
    if !before.is_empty() {
        // A first run that ends there, at a file that has no more yet.
        let whole = std::fs::read_to_string(shop.directory.join("2_mixed.sql")).unwrap();
        shop.directory.write("2_mixed.sql", format!("{before}VACUUM nothing_there;\n"));
        shop.apply().run().exit(3);
        shop.directory.write("2_mixed.sql", whole);
    }
    shop.database.hold(STATEMENTS[index].1)
}

fn is_in_transaction(index: usize) -> bool {
    ["CREATE TABLE", "INSERT", "BEGIN"].iter().any(|start| STATEMENTS[index].0.starts_with(start))
}

/// The number of a statement in the file: the transaction has three.
fn number(index: usize) -> usize {
    if index > 7 { index + 3 } else { index + 1 }
}

fn killed_at(index: usize, let_it_end: bool) {
    let shop = shop();
    let held = hold_up(&shop, index);
    let mut started = shop.apply().start();
    shop.until_it_waits(&mut started);
    started.signal(Signal::KILL);
    started.finish().exit(137);

    let status = shop.tool("status").run().success();
    let mixed = status.records_of("migration")[1];
    let what = format!("{}: {status}", STATEMENTS[index].0);
    if index == 0 {
        assert_eq!(mixed["state"], "pending", "{what}");
    } else {
        assert_eq!(mixed["state"], "partial", "{what}");
        assert_eq!(mixed["statements_done"], number(index) - 1, "{what}");
        let doubt = mixed.get("statement_in_doubt").and_then(serde_json::Value::as_u64);
        let expected = (!is_in_transaction(index)).then_some(number(index) as u64);
        assert_eq!(doubt, expected, "{what}");
        shop.tool("check").run().exit(8);
    }
    let sessions = |which: &str| {
        shop.count(&format!(
            "pg_stat_activity WHERE datname = current_database() AND application_name = 'pgshift' AND {which}"
        ))
    };
    let applied = if let_it_end {
        // What the killed one left at work comes to its end, and may commit, while the next one is there.
        let mut next = shop.apply().start();
        next.wait_until("it asks for the lock of who works", || {
            sessions("query ~ 'pg_try_advisory_lock.*, 2|pg_locks.* l.objid = 2 '") == "1"
        });
        drop(held);
        next.finish().success()
    } else {
        shop.database.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
             AND application_name = 'pgshift'",
        );
        drop(held);
        while sessions("true") != "0" {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        shop.apply().run().success()
    };
    let waited = applied.records_of("warning").iter().any(|warning| warning["code"] == "left_at_work");
    assert_eq!(waited, let_it_end, "{applied}");
    assert_eq!(
        shop.history(),
        [["1", "applied", "1"], ["2", "applied", "11"], ["3", "applied", "1"]],
        "{what}"
    );
    assert_eq!(shop.database.scalar("SELECT string_agg(a::text, ',' ORDER BY a) FROM t"), "1,2,3", "{what}");
    assert_eq!(
        shop.database.scalar("SELECT string_agg(a::text, ',' ORDER BY a) FROM before"),
        "1,2",
        "{what}"
    );
    assert_eq!(
        shop.database.rows("SELECT indexrelid::regclass, indisvalid, indisunique FROM pg_index WHERE indrelid = 't'::regclass"),
        [["i", "t", "t"]],
        "{what}"
    );
}

#[test]
fn at_every_statement_the_truth_is_told_and_the_next_run_finishes() {
    for index in 0..STATEMENTS.len() {
        killed_at(index, false);
    }
}

#[test]
fn what_a_killed_run_left_at_work_is_waited_for() {
    for index in 0..STATEMENTS.len() {
        killed_at(index, true);
    }
}

#[test]
fn a_statement_of_which_nothing_can_be_told_is_decided_by_somebody() {
    let shop = Shop::with(&[(
        "1_p.sql",
        "-- no-transaction\nCREATE TABLE log (n int);\n\
         CREATE PROCEDURE p() LANGUAGE plpgsql AS $$BEGIN INSERT INTO log VALUES (1); COMMIT; PERFORM pg_advisory_xact_lock(42); END$$;\n\
         CALL p();\nINSERT INTO log VALUES (2);\n",
    )]);
    let held = shop.database.hold("SELECT pg_advisory_lock(42)");
    let mut started = shop.apply().start();
    shop.until_it_waits(&mut started);
    started.signal(Signal::KILL);
    started.finish().exit(137);
    drop(held);
    let failed =
        shop.apply().run().exit(8).says("1_p.sql:4:1: CALL p()").says("--resume done or --resume again");
    assert_eq!(failed.record("error")["code"], "in_doubt");
    assert_eq!(shop.count("log"), "1");
    shop.apply().args(["--resume", "done"]).run().success();
    assert_eq!(shop.database.scalar("SELECT string_agg(n::text, ',' ORDER BY n) FROM log"), "1,2");
    assert_eq!(shop.history(), [["1", "applied", "4"]]);
}
