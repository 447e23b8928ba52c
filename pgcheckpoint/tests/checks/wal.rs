use super::{comes, database, flags, quiet};
use testkit::{Cluster, newest_major};

#[test]
fn an_archiver_that_fails_is_critical_and_its_backlog_is_counted() {
    let settings = [("wal_level", "replica"), ("archive_mode", "on"), ("archive_command", "true")];
    let cluster = Cluster::start(newest_major(), &settings);
    let database = cluster.database("archived");
    quiet(&database, "wal.archiver", &[]);
    quiet(&database, "wal.archive_backlog", &[]);
    database.run("ALTER SYSTEM SET archive_command = 'false'");
    database.run("SELECT pg_reload_conf()");
    database.run("CREATE TABLE t (); SELECT pg_switch_wal()");
    let now = ["--crit", "wal.archiver=0.001s"];
    comes(&database, "wal.archiver", &now, "crit");
    let said = flags(&database, "wal.archiver", &now, "crit", "");
    assert!(said["message"].as_str().unwrap().contains("failing since"), "{said}");
    flags(&database, "wal.archive_backlog", &["--warn", "wal.archive_backlog=1"], "warn", "");
}

#[test]
fn write_ahead_log_beyond_what_was_planned_is_told() {
    let database = database();
    quiet(&database, "wal.size", &[]);
    quiet(&database, "wal.archiver", &[]);
    let cluster = Cluster::start(newest_major(), &[("max_wal_size", "32MB"), ("min_wal_size", "32MB")]);
    let small = cluster.database("small");
    // A slot keeps what a checkpoint would remove.
    small.run("SELECT pg_create_physical_replication_slot('keeper', true)");
    for _ in 0..14 {
        small.run("CREATE TABLE t (); DROP TABLE t; SELECT pg_switch_wal()");
    }
    flags(&small, "wal.size", &[], "crit", "");
}
