//! Kills, signals, locks of others, replicas that are behind, files that change.

use super::{DOUBLE, Shop};
use rustix::process::Signal;
use testkit::{Cluster, newest_major};

/// A run that was killed in the batch of row 55.
fn killed(let_it_end: bool) {
    let shop = Shop::new(&[("1_double.sql", DOUBLE)]);
    let held = shop.database.hold("SELECT pg_advisory_lock(7)");
    let mut started = shop.apply().args(["--lock-timeout", "100s"]).start();
    shop.until_it_waits(&mut started);
    started.signal(Signal::KILL);
    started.finish().exit(137);

    let status = shop.tool("status").run().success();
    assert_eq!(status.record("migration")["state"], "partial", "{status}");
    let told = status.record("backfill");
    assert_eq!(told["state"], "partial", "{status}");
    assert_eq!(told["rows_done"].to_string(), shop.logged(), "{status}");
    assert!(told["rows_done"].as_u64().unwrap() >= 10, "{status}");
    shop.tool("check").run().exit(8);

    // Rows that come later are not the backfill's.
    shop.database.run("INSERT INTO t VALUES (1000, 1)");
    let applied = if let_it_end {
        let mut next = shop.apply().start();
        next.wait_until("it asks for the lock of who works", || {
            let asking = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                          AND application_name = 'pgshift' AND query ~ 'pg_try_advisory_lock.*, 2|pg_locks.* l.objid = 2 '";
            shop.database.scalar(asking) == "1"
        });
        drop(held);
        next.finish().success()
    } else {
        shop.database.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
             AND application_name = 'pgshift'",
        );
        drop(held);
        shop.apply().run().success()
    };
    shop.each_once(&applied);
    assert_eq!(shop.database.scalar("SELECT a FROM t WHERE id = 1000"), "1");
    assert_eq!(shop.history(), [["1", "applied", "1"]]);
    let before = applied.records_of("backfill")[0]["rows_done"].as_u64().unwrap();
    assert_eq!(before >= 55, let_it_end, "the batch under way was committed or not: {applied}");
}

#[test]
fn after_a_kill_it_goes_on_where_it_stopped() {
    killed(false);
}

#[test]
fn a_batch_that_a_killed_run_left_at_work_counts() {
    killed(true);
}

#[test]
fn a_signal_ends_it_after_the_batch() {
    let shop = Shop::new(&[("1_double.sql", DOUBLE)]);
    let held = shop.database.hold("SELECT pg_advisory_lock(7)");
    let mut started = shop.apply().args(["--lock-timeout", "100s"]).start();
    shop.until_it_waits(&mut started);
    started.signal(Signal::TERM);
    // Longer than it takes to notice a signal.
    std::thread::sleep(std::time::Duration::from_millis(1200));
    assert!(started.is_running());
    drop(held);
    let stopped = started.finish().exit(143);
    let told = stopped.records_of("backfill").last().copied().unwrap().clone();
    assert_eq!(told["state"], "partial", "{stopped}");
    assert!(told["rows_done"].as_u64().unwrap() >= 55, "the batch was committed: {stopped}");
    assert_eq!(told["rows_done"].to_string(), shop.logged(), "{stopped}");
    let applied = shop.apply().run().success();
    shop.each_once(&applied);
}

#[test]
fn a_lock_in_the_way_makes_batches_smaller_and_is_given_up_with_what_was_done() {
    let shop = Shop::new(&[("1_double.sql", DOUBLE)]);
    let held = shop.database.hold("BEGIN; SELECT FROM t WHERE id = 150 FOR UPDATE");
    let failed = shop
        .apply()
        .args(["--lock-timeout", "40ms", "--lock-retries", "2"])
        .run()
        .exit(5)
        .says("1_double.sql:2:1: UPDATE t SET")
        .says("tried 3 times");
    let told = failed.records_of("backfill");
    let (first, last) = (told[0], told.last().unwrap());
    let rows = |record: &serde_json::Value, field: &str| record[field].as_u64().unwrap();
    assert!(rows(last, "rows_done") > 0 && rows(last, "rows_done") < 150, "{failed}");
    assert_eq!(last["rows_done"].to_string(), shop.logged(), "{failed}");
    assert_eq!(rows(first, "rows_done"), 0);
    let warnings = failed.records_of("warning");
    assert!(
        warnings.len() >= 2 && warnings.iter().all(|warning| warning["code"] == "lock_timeout"),
        "{failed}"
    );
    drop(held);
    let applied = shop.apply().run().success();
    shop.each_once(&applied);
}

#[test]
fn another_statement_does_not_go_on_for_the_first() {
    let shop = Shop::new(&[("1_double.sql", DOUBLE)]);
    let held = shop.database.hold("BEGIN; SELECT FROM t WHERE id = 150 FOR UPDATE");
    shop.apply().args(["--lock-timeout", "40ms", "--lock-retries", "0"]).run().exit(5);
    drop(held);
    shop.directory.write("1_double.sql", DOUBLE.replace("a * 2", "a * 3"));
    let failed = shop.apply().run().exit(7).says("put the old file back");
    assert_eq!(failed.record("error")["code"], "edited_backfill", "{failed}");
    // Comments and the size of batches are no part of what it does.
    shop.directory.write("1_double.sql", DOUBLE.replace("batch=10", "batch=7"));
    let applied = shop.apply().run().success();
    shop.each_once(&applied);
}

#[test]
fn an_error_names_the_place_in_the_file() {
    let text = "-- pgshift: backfill table=t\nUPDATE t SET a = 1\nWHERE :batch AND nonsense";
    let shop = Shop::new(&[("1_t.sql", text)]);
    shop.apply().run().exit(3).says("1_t.sql:3:18: UPDATE t SET a = 1").says("\"nonsense\" does not exist");
    assert_eq!(shop.logged(), "0");
}

#[test]
fn a_replica_that_stays_behind_ends_it_and_what_was_done_is_kept() {
    let primary = Cluster::start(newest_major(), &[]);
    let replica = primary.replica();
    let slow = DOUBLE.replace("batch=10", "batch=10 pause=200ms");
    let shop = Shop::on(primary.database("shop"), &[("1_double.sql", &slow)]);
    replica.catch_up_with(&primary);
    let there = replica.existing("postgres");
    there.run("SELECT pg_wal_replay_pause()");
    let failed = shop.apply().args(["--max-lag", "100ms", "--max-replica-wait", "100ms"]).run().exit(5);
    assert_eq!(failed.record("error")["code"], "replica_behind", "{failed}");
    let done = shop.database.scalar("SELECT rows_done FROM pgshift.backfills");
    assert!(done != "0" && done != "200" && shop.logged() == done, "{failed}");
    there.run("SELECT pg_wal_replay_resume()");
    let applied = shop.apply().run().success();
    shop.each_once(&applied);
}

#[test]
fn it_waits_for_a_replica_that_is_behind() {
    let primary = Cluster::start(newest_major(), &[]);
    let replica = primary.replica();
    // Two batches take longer than what is allowed.
    let slow = DOUBLE.replace("batch=10", "batch=10 pause=200ms");
    let shop = Shop::on(primary.database("shop"), &[("1_double.sql", &slow)]);
    replica.catch_up_with(&primary);
    let there = replica.existing("postgres");
    there.run("SELECT pg_wal_replay_pause()");
    let mut started = shop.apply().args(["--max-lag", "100ms"]).start();
    started.wait_until("it does no batch any more", || {
        let waits = "SELECT count(*) FROM pg_stat_user_tables WHERE relname = 'backfills'";
        let stands =
            "SELECT clock_timestamp() - updated_at > '1500 ms' FROM pgshift.backfills WHERE batches > 0";
        shop.database.scalar(waits) == "1" && shop.database.rows(stands) == [["t"]]
    });
    there.run("SELECT pg_wal_replay_resume()");
    let applied = started.finish().success();
    let warnings = applied.records_of("warning");
    assert!(warnings.iter().any(|warning| warning["code"] == "replica_lag"), "{applied}");
    shop.each_once(&applied);
}
