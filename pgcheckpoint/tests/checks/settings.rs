use super::{database, flags, quiet};
use std::fs::OpenOptions;
use std::io::Write;
use testkit::{Cluster, newest_major};

#[test]
fn settings_that_endanger_data_are_critical() {
    // The servers of the tests are set for speed.
    let database = database();
    for setting in ["fsync", "full_page_writes", "autovacuum"] {
        flags(&database, "settings.dangerous", &[], "crit", setting);
    }
    let safe = [("fsync", "on"), ("full_page_writes", "on"), ("autovacuum", "on")];
    let cluster = Cluster::start(newest_major(), &safe);
    quiet(&cluster.database("safe"), "settings.dangerous", &[]);
}

#[test]
fn what_was_changed_and_does_not_hold_yet_is_told() {
    let cluster = Cluster::start(newest_major(), &[]);
    let database = cluster.database("changed");
    quiet(&database, "settings.pending_restart", &[]);
    quiet(&database, "settings.file_errors", &[]);
    database.run("ALTER SYSTEM SET max_locks_per_transaction = 99");
    database.run("SELECT pg_reload_conf()");
    super::eventually("the server has read it", || {
        database.scalar("SELECT count(*) FROM pg_settings WHERE pending_restart") == "1"
    });
    flags(&database, "settings.pending_restart", &[], "warn", "max_locks_per_transaction");
    let path = cluster.sandbox().data_directory().join("postgresql.auto.conf");
    writeln!(OpenOptions::new().append(true).open(path).unwrap(), "work_mem = 'a lot'").unwrap();
    flags(&database, "settings.file_errors", &[], "crit", "postgresql.auto.conf line");
}

#[test]
fn memory_that_nobody_has_fitted_is_worth_knowing() {
    let cluster = Cluster::start(newest_major(), &[("shared_buffers", "128MB"), ("random_page_cost", "1.1")]);
    let said = flags(&cluster.database("small"), "settings.default_memory", &[], "info", "shared_buffers");
    assert!(said["message"].as_str().unwrap().contains("128MB"), "{said}");
    let cluster = Cluster::start(newest_major(), &[("shared_buffers", "160MB"), ("random_page_cost", "1.1")]);
    quiet(&cluster.database("fitted"), "settings.default_memory", &[]);
}

#[test]
fn a_collation_whose_rules_have_changed_is_critical() {
    let database = database();
    quiet(&database, "settings.collation_drift", &[]);
    database.run("CREATE COLLATION old (provider = icu, locale = 'de', version = '1.0')");
    let said = flags(&database, "settings.collation_drift", &[], "crit", "old");
    assert!(said["message"].as_str().unwrap().contains("version 1.0"), "{said}");
    database.run("DROP COLLATION old");
    if database.cluster().major() >= 15 {
        database.run("UPDATE pg_database SET datcollversion = '0.1' WHERE datname = current_database()");
        flags(&database, "settings.collation_drift", &[], "crit", "database");
    }
}
