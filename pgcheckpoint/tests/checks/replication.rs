use super::{comes, database, flags, quiet, spares};
use testkit::{Cluster, newest_major};

#[test]
fn a_slot_that_nobody_uses_is_told_with_what_it_keeps() {
    let database = database();
    let slot = format!("slot_{}", database.name());
    spares(&database, "replication.inactive_slot", &[], &slot);
    database.run(&format!("SELECT pg_create_physical_replication_slot('{slot}', true)"));
    database.run("CREATE TABLE t AS SELECT repeat('x', 1000) FROM generate_series(1, 10000)");
    let said = flags(&database, "replication.inactive_slot", &[], "warn", &slot);
    assert_eq!(
        said["hint"],
        format!("if nobody needs it any more: SELECT pg_drop_replication_slot('{slot}');")
    );
    let said = flags(
        &database,
        "replication.slot_retained",
        &["--warn", "replication.slot_retained=1MB"],
        "warn",
        &slot,
    );
    assert!(said["value"].as_u64().unwrap() > 1 << 20, "{said}");
    spares(&database, "replication.slot_retained", &[], &slot);
    flags(&database, "replication.unlimited_slots", &[], "info", "");
    database.run(&format!("SELECT pg_drop_replication_slot('{slot}')"));
    spares(&database, "replication.inactive_slot", &[], &slot);
}

#[test]
fn a_slot_that_never_was_used_keeps_nothing() {
    let database = database();
    let slot = format!("fresh_{}", database.name());
    database.run(&format!("SELECT pg_create_physical_replication_slot('{slot}')"));
    spares(&database, "replication.slot_retained", &["--warn", "replication.slot_retained=1B"], &slot);
    database.run(&format!("SELECT pg_drop_replication_slot('{slot}')"));
}

#[test]
fn a_slot_that_has_lost_what_it_needs_is_critical() {
    let settings = [
        ("max_slot_wal_keep_size", "1MB"),
        ("max_wal_size", "32MB"),
        ("min_wal_size", "32MB"),
        ("wal_keep_size", "0"),
    ];
    let cluster = Cluster::start(newest_major(), &settings);
    let database = cluster.database("lost");
    database.run("SELECT pg_create_physical_replication_slot('behind', true)");
    quiet(&database, "replication.lost_slot", &[]);
    quiet(&database, "replication.unlimited_slots", &[]);
    for _ in 0..4 {
        database.run("CREATE TABLE t AS SELECT repeat('x', 1000) FROM generate_series(1, 20000); DROP TABLE t; SELECT pg_switch_wal(); CHECKPOINT");
    }
    flags(&database, "replication.lost_slot", &[], "crit", "\"behind\"");
}

#[test]
fn a_standby_is_seen_from_both_sides() {
    let primary = Cluster::start(newest_major(), &[]);
    let database = primary.database("streamed");
    let standby = primary.replica();
    standby.catch_up_with(&primary);
    let mirrored = standby.existing(database.name());
    quiet(&mirrored, "replication.paused", &[]);
    quiet(&mirrored, "replication.receiver", &[]);
    quiet(&mirrored, "replication.lag_seconds", &[]);
    quiet(&database, "replication.lag_bytes", &[]);
    let all = testkit::Tool::named("pgcheckpoint")
        .args(["run", "--skip", "settings.dangerous"])
        .database(&mirrored)
        .run()
        .exit(0);
    assert!(all.records_of("check").iter().all(|check| check["status"] != "unknown"), "{all}");

    mirrored.run("SELECT pg_wal_replay_pause()");
    flags(&mirrored, "replication.paused", &[], "warn", "");
    database.run("CREATE TABLE t AS SELECT repeat('x', 1000) FROM generate_series(1, 5000)");
    comes(&database, "replication.lag_bytes", &["--crit", "replication.lag_bytes=1MB"], "crit");
    flags(&mirrored, "replication.lag_seconds", &["--warn", "replication.lag_seconds=0.001s"], "warn", "");
    mirrored.run("SELECT pg_wal_replay_resume()");
    standby.catch_up_with(&primary);
    drop(database);
    drop(primary);
    comes(&mirrored, "replication.receiver", &[], "crit");
}

#[test]
fn a_subscription_that_nothing_works_for_is_critical() {
    let cluster = Cluster::start(newest_major(), &[("max_logical_replication_workers", "0")]);
    let database = cluster.database("subscribed");
    quiet(&database, "replication.subscription", &[]);
    database.run("CREATE SUBSCRIPTION feed CONNECTION 'host=/nowhere dbname=x' PUBLICATION p WITH (connect = false, slot_name = NONE)");
    quiet(&database, "replication.subscription", &[]);
    quiet(&database, "replication.subscription_errors", &[]);
    database.run("ALTER SUBSCRIPTION feed SET (slot_name = 'feed'); ALTER SUBSCRIPTION feed ENABLE");
    flags(&database, "replication.subscription", &[], "crit", "\"feed\"");
}

#[test]
fn rows_that_a_subscription_cannot_apply_are_counted() {
    let source = Cluster::start(newest_major(), &[]);
    let publisher = source.database("publisher");
    publisher.run("CREATE TABLE t (id int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE t");
    let subscriber = Cluster::start(newest_major(), &[]).database("subscriber");
    subscriber.run("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)");
    let from = publisher.connection().replace('\'', "");
    subscriber
        .run(&format!("CREATE SUBSCRIPTION s CONNECTION '{from}' PUBLICATION p WITH (copy_data = false)"));
    quiet(&subscriber, "replication.subscription_errors", &[]);
    publisher.run("INSERT INTO t VALUES (1)");
    comes(&subscriber, "replication.subscription_errors", &[], "warn");
    subscriber.run(
        "ALTER SUBSCRIPTION s DISABLE; ALTER SUBSCRIPTION s SET (slot_name = NONE); DROP SUBSCRIPTION s",
    );
}
