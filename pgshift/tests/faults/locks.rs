//! Locks of others.

use super::Shop;
use testkit::{Bouncer, Tool};

const TWO: [(&str, &str); 2] = [
    ("1_a.sql", "CREATE TABLE a (x int);"),
    ("2_a.sql", "CREATE TABLE b (); ALTER TABLE a ADD COLUMN y int;"),
];

#[test]
fn a_lock_that_is_held_for_long_is_told_of_and_given_up_with_nothing_done() {
    let shop = Shop::with(&TWO);
    shop.apply().args(["--to", "1"]).run().success();
    let held = shop.database.hold("SET application_name = 'reporting'; BEGIN; SELECT * FROM a");
    let failed = shop
        .apply()
        .args(["--lock-timeout", "400ms", "--lock-retries", "1"])
        .run()
        .exit(5)
        .says("reporting")
        .says("2_a.sql:1:20: ALTER TABLE a ADD COLUMN y int: canceling statement due to lock timeout (55P03)")
        .says("tried 2 times");
    let blocked = failed.records_of("blocked");
    assert_eq!(blocked.len(), 2, "once each try: {failed}");
    assert_eq!(blocked[0]["application"], "reporting");
    assert_eq!(blocked[0]["object"], "public.a");
    assert_eq!(blocked[0]["mode"], "AccessExclusiveLock");
    assert_eq!(blocked[0]["state"], "idle in transaction");
    assert!(blocked[0].get("query").is_none(), "{failed}");
    assert_eq!(shop.history(), [["1", "applied", "1"]]);
    assert_eq!(shop.count("pg_class WHERE relname = 'b'"), "0");

    let shown =
        shop.apply().args(["--lock-timeout", "400ms", "--lock-retries", "0", "--show-queries"]).run().exit(5);
    assert!(shown.record("blocked")["query"].as_str().unwrap().contains("it is held"), "{shown}");
    drop(held);
}

#[test]
fn it_goes_on_when_the_lock_is_let_go() {
    let shop = Shop::with(&TWO);
    shop.apply().args(["--to", "1"]).run().success();
    let held = shop.database.hold("BEGIN; LOCK TABLE a");
    let mut started = shop.apply().args(["--lock-timeout", "100ms", "--lock-retries", "1000"]).start();
    shop.until_it_waits(&mut started);
    drop(held);
    started.finish().success();
    assert_eq!(shop.history(), [["1", "applied", "1"], ["2", "applied", "2"]]);
}

#[test]
fn an_index_that_is_built_concurrently_waits_for_old_transactions_as_long_as_it_takes() {
    let shop = Shop::with(&[
        ("1_a.sql", "CREATE TABLE a (x int)"),
        ("2_i.sql", "CREATE INDEX CONCURRENTLY i ON a (x)"),
    ]);
    shop.apply().args(["--to", "1"]).run().success();
    shop.database.run(&format!("ALTER DATABASE {} SET lock_timeout = '20ms'", shop.database.name()));
    let held = shop.database.hold("BEGIN; INSERT INTO a VALUES (1)");
    let mut started = shop.apply().args(["--lock-timeout", "1ms", "--lock-retries", "0"]).start();
    shop.until_it_waits(&mut started);
    // It waits for much longer than a lock timeout.
    std::thread::sleep(std::time::Duration::from_millis(300));
    drop(held);
    let applied = started.finish().success();
    assert_eq!(applied.record("blocked")["object"], "virtualxid", "{applied}");
    assert_eq!(shop.count("pg_index WHERE indexrelid = 'i'::regclass AND indisvalid"), "1");
}

#[test]
fn a_files_own_lock_timeout_is_left_alone() {
    let shop = Shop::with(&[
        ("1_a.sql", "CREATE TABLE a (x int)"),
        (
            "2_b.sql",
            "SET lock_timeout = '123ms'; ALTER TABLE a ADD COLUMN y int; CREATE TABLE s AS SELECT current_setting('lock_timeout') AS it",
        ),
        ("3_c.sql", "CREATE TABLE u AS SELECT current_setting('lock_timeout') AS it"),
    ]);
    shop.apply().run().success();
    assert_eq!(shop.database.scalar("SELECT it FROM s"), "123ms");
    assert_eq!(shop.database.scalar("SELECT it FROM u"), "3s");
}

#[test]
fn a_deadlock_is_tried_again() {
    let shop = Shop::with(&[
        ("1_ab.sql", "CREATE TABLE a (); CREATE TABLE b ();"),
        (
            "2_ba.sql",
            "LOCK TABLE b; \
          DO $$BEGIN WHILE NOT EXISTS (SELECT FROM go) AND NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'a'::regclass \
          AND mode = 'AccessExclusiveLock' AND granted) LOOP PERFORM pg_sleep(0.01); END LOOP; END$$; ALTER TABLE a ADD COLUMN x int;",
        ),
    ]);
    shop.database.run("CREATE TABLE go ()");
    shop.apply().args(["--to", "1"]).run().success();
    let other = shop.database.clone();
    let started = shop.apply().args(["--lock-timeout", "60s"]).start();
    let thread = std::thread::spawn(move || {
        other.run(
            "SET deadlock_timeout = '100s'; BEGIN; LOCK TABLE a; \
             DO $$BEGIN WHILE NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'b'::regclass \
             AND mode = 'AccessExclusiveLock' AND granted) LOOP PERFORM pg_sleep(0.01); END LOOP; END$$; \
             LOCK TABLE b; INSERT INTO go DEFAULT VALUES; COMMIT",
        );
    });
    let applied = started.finish().success();
    thread.join().unwrap();
    assert_eq!(applied.record("warning")["code"], "deadlock", "{applied}");
    assert_eq!(shop.history(), [["1", "applied", "2"], ["2", "applied", "3"]]);
}

#[test]
fn only_one_is_at_work_and_the_other_waits_or_says_who_it_is() {
    let shop = Shop::with(&[("1_a.sql", "CREATE TABLE a (); SELECT pg_advisory_xact_lock(42);")]);
    let held = shop.database.hold("SELECT pg_advisory_lock(42)");
    let mut first = shop.apply().start();
    shop.until_it_waits(&mut first);
    let refused = shop.apply().args(["--wait", "0"]).run().exit(5).says("another pgshift is at work");
    assert_eq!(refused.record("error")["code"], "locked");
    let mut second = shop.apply().start();
    // It asks again and again, and never waits for a lock: whatever waits is the first one.
    second.wait_until("it is there, too", || {
        shop.count("pg_stat_activity WHERE datname = current_database() AND application_name = 'pgshift'")
            == "3"
    });
    assert_eq!(shop.waiting(), 1);
    drop(held);
    assert_eq!(first.finish().success().result()["applied"], 1);
    let second = second.finish().success();
    assert_eq!(second.result()["applied"], 0);
    assert_eq!(second.record("warning")["code"], "locked");
    assert_eq!(shop.history(), [["1", "applied", "2"]]);
}

#[test]
fn a_pool_of_transactions_is_refused_before_it_gets_a_lock_and_one_of_sessions_serves() {
    let shop = Shop::with(&[("1_a.sql", "CREATE TABLE a ();")]);
    for (mode, code) in [("transaction", 3), ("statement", 3), ("session", 0)] {
        let Some(bouncer) = Bouncer::start(shop.database.cluster(), mode) else { return };
        let apply =
            Tool::named("pgshift").args(["apply", "-d", &bouncer.connection(&shop.database), "--dir"]);
        let outcome = apply.arg(shop.directory.path()).run().exit(code);
        if code == 3 {
            assert_eq!(outcome.record("error")["code"], "transaction_pooling", "{outcome}");
            assert_eq!(shop.count("pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"), "0");
            assert_eq!(shop.count("pg_namespace WHERE nspname = 'pgshift'"), "0");
        }
    }
    assert_eq!(shop.history(), [["1", "applied", "1"]]);
}

#[test]
fn whoever_only_looks_leaves_nothing_behind_in_a_pool() {
    let shop = Shop::with(&[("1_a.sql", "CREATE TABLE a ();")]);
    let Some(bouncer) = Bouncer::start(shop.database.cluster(), "transaction") else { return };
    let connection = bouncer.connection(&shop.database);
    let status =
        Tool::named("pgshift").args(["status", "-d", &connection, "--dir"]).arg(shop.directory.path());
    assert_eq!(status.run().exit(3).record("error")["code"], "transaction_pooling");
    // The pool hands out the server session that it had last.
    let settings = "SELECT pg_catalog.string_agg(name, ',') FROM pg_catalog.pg_settings WHERE source = 'session' \
                    AND name NOT IN ('application_name', 'client_encoding', 'DateStyle', 'TimeZone')";
    let mut next = shop.database.cluster().client("psql", shop.database.name());
    let said = next.args(["-XAt", "-d", &connection, "-c", settings]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), "", "{said:?}");
    assert!(said.status.success(), "{said:?}");
}
