//! Lost connections, and signals.

use super::Shop;
use rustix::process::Signal;

const SLOW: [(&str, &str); 2] = [
    ("1_a.sql", "CREATE TABLE a (x int);"),
    ("2_b.sql", "CREATE TABLE b (); SELECT pg_advisory_xact_lock(42); CREATE TABLE c ();"),
];

fn end(shop: &Shop, which: &str) {
    let ended = shop.database.rows(&format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
         AND application_name = 'pgshift' AND {which}"
    ));
    assert_eq!(ended, [["t"]]);
}

#[test]
fn a_lost_connection_leaves_the_whole_migration_or_nothing() {
    let shop = Shop::with(&SLOW);
    let held = shop.database.hold("SELECT pg_advisory_lock(42)");
    let mut started = shop.apply().start();
    shop.until_it_waits(&mut started);
    end(&shop, "wait_event_type = 'Lock'");
    started.finish().exit(5).says("2_b.sql:1:20");
    drop(held);
    assert_eq!(shop.history(), [["1", "applied", "1"]]);
    assert_eq!(shop.count("pg_class WHERE relname IN ('b', 'c')"), "0");
    shop.apply().run().success();
    assert_eq!(shop.history(), [["1", "applied", "1"], ["2", "applied", "3"]]);
}

#[test]
fn without_the_session_that_holds_the_lock_nothing_goes_on() {
    let shop = Shop::with(&SLOW);
    let held = shop.database.hold("SELECT pg_advisory_lock(42)");
    let mut started = shop.apply().start();
    shop.until_it_waits(&mut started);
    end(&shop, "wait_event_type IS DISTINCT FROM 'Lock'");
    let failed = started.finish().exit(5).says("the session that holds the lock was lost");
    assert_eq!(failed.record("error")["code"], "lock_lost");
    assert_eq!(shop.count("pg_class WHERE relname IN ('b', 'c')"), "0");
    drop(held);
    shop.apply().run().success();
}

#[test]
fn an_interrupt_takes_the_statement_back_and_the_next_run_goes_on() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let shop = Shop::with(&SLOW);
        let held = shop.database.hold("SELECT pg_advisory_lock(42)");
        let mut started = shop.apply().start();
        shop.until_it_waits(&mut started);
        started.signal(signal);
        started.finish().exit(code);
        assert_eq!(shop.history(), [["1", "applied", "1"]]);
        drop(held);
        shop.apply().run().success();
        assert_eq!(shop.count("pg_class WHERE relname IN ('b', 'c')"), "2");
    }
}

#[test]
fn an_index_that_was_interrupted_is_built_again() {
    let shop = Shop::with(&[
        ("1_a.sql", "CREATE TABLE a (x int)"),
        ("2_i.sql", "CREATE INDEX CONCURRENTLY i ON a (x)"),
    ]);
    shop.apply().args(["--to", "1"]).run().success();
    let held = shop.database.hold("BEGIN; INSERT INTO a VALUES (1)");
    let mut started = shop.apply().start();
    shop.until_it_waits(&mut started);
    started.signal(Signal::INT);
    started.finish().exit(130);
    drop(held);
    let status = shop.tool("status").run().success();
    assert_eq!(status.records_of("migration")[1]["statement_in_doubt"], 1, "{status}");
    shop.tool("check").run().exit(8).says("it is in doubt whether statement 1 is");
    shop.apply().run().success();
    assert_eq!(shop.count("pg_index WHERE indexrelid = 'i'::regclass AND indisvalid"), "1");
    assert_eq!(shop.count("pg_index WHERE NOT indisvalid"), "0");
}
