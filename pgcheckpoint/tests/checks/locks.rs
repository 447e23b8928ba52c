use super::{Busy, comes, database, eventually, flags, quiet, spares};
use testkit::{Cluster, newest_major};

#[test]
fn who_waits_for_a_lock_and_who_holds_it_are_named() {
    let database = database();
    database.run("CREATE TABLE contended (id int)");
    let _held = database.hold("BEGIN; LOCK TABLE contended");
    let holder =
        database.scalar("SELECT pid FROM pg_locks WHERE relation = 'contended'::regclass AND granted");
    let _waiting = Busy::with(&database, "SELECT * FROM contended");
    let waiter =
        "SELECT coalesce(max(pid), 0) FROM pg_locks WHERE relation = 'contended'::regclass AND NOT granted";
    eventually("somebody waits", || database.scalar(waiter) != "0");
    let pid = database.scalar(waiter);
    let said =
        flags(&database, "locks.waiting", &["--warn", "locks.waiting=0s"], "warn", &format!("pid {pid}"));
    let message = said["message"].as_str().unwrap();
    assert!(
        message.contains(&format!("behind pid {holder}")) && message.contains("AccessShareLock"),
        "{said}"
    );
    spares(&database, "locks.waiting", &[], &format!("pid {pid}"));
    let said = flags(&database, "locks.blocked", &["--warn", "locks.blocked=1"], "warn", "");
    assert!(said["value"].as_u64().unwrap() >= 1, "{said}");
    quiet(&database, "locks.blocked", &["--warn", "locks.blocked=1000", "--crit", "locks.blocked=1000"]);
}

#[test]
fn a_prepared_transaction_is_named_with_the_way_to_end_it() {
    let database = database();
    database.run(
        "CREATE TABLE t (id int); BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'it''s forgotten'",
    );
    let now = ["--crit", "locks.prepared_transactions=0s"];
    let said = flags(&database, "locks.prepared_transactions", &now, "crit", "forgotten");
    assert!(said["hint"].as_str().unwrap().contains("ROLLBACK PREPARED 'it''s forgotten';"), "{said}");
    let said = flags(&database, "vacuum.horizon", &["--warn", "vacuum.horizon=0"], "warn", "forgotten");
    assert!(said["hint"].as_str().unwrap().contains("ROLLBACK PREPARED 'it''s forgotten'"), "{said}");
    database.run("ROLLBACK PREPARED 'it''s forgotten'");
    spares(&database, "locks.prepared_transactions", &now, "forgotten");
}

#[test]
fn a_table_of_locks_that_fills_is_told() {
    let cluster =
        Cluster::start(newest_major(), &[("max_connections", "10"), ("max_locks_per_transaction", "10")]);
    let database = cluster.database("locks");
    quiet(&database, "locks.table_fill", &[]);
    database.run("SELECT format('CREATE TABLE t%s (id int)', i) FROM generate_series(1, 150) AS i \\gexec");
    let tables: Vec<String> = (1..=150).map(|number| format!("t{number}")).collect();
    let _held = database.hold(&format!("BEGIN; LOCK TABLE {}", tables.join(", ")));
    let said = flags(&database, "locks.table_fill", &[], "warn", "");
    assert!(said["value"].as_f64().unwrap() > 0.7, "{said}");
}

#[test]
fn deadlocks_are_counted() {
    let database = database();
    quiet(&database, "locks.deadlocks", &[]);
    database.run("CREATE TABLE a (); CREATE TABLE b ()");
    let order = |first: &str, second: &str| {
        format!("SET deadlock_timeout = '10ms'; BEGIN; LOCK {first}; SELECT pg_sleep(0.3); LOCK {second}")
    };
    let (_one, _other) = (Busy::with(&database, &order("a", "b")), Busy::with(&database, &order("b", "a")));
    comes(&database, "locks.deadlocks", &["--warn", "locks.deadlocks=1"], "warn");
}
