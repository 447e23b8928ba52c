use super::{Busy, comes, database, eventually, flags, look, quiet, spares};
use testkit::{Cluster, newest_major};

#[test]
fn connections_are_counted_against_what_ordinary_roles_may_have() {
    let cluster = Cluster::start(newest_major(), &[("max_connections", "10")]);
    let database = cluster.database("full");
    quiet(&database, "connections.used", &[]);
    let held: Vec<_> = (0..6).map(|_| database.hold("SELECT 1")).collect();
    // Three of ten are reserved, and this run is the seventh.
    let said = flags(&database, "connections.used", &[], "crit", "");
    assert_eq!(said["value"], 1, "{said}");
    drop(held);
}

#[test]
fn a_session_that_is_idle_in_a_transaction_is_named() {
    let database = database();
    let now = ["--warn", "connections.idle_in_transaction=0s"];
    let held = database.hold("BEGIN; SELECT pg_backend_pid()");
    let mine = database.scalar(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'",
    );
    let said = flags(&database, "connections.idle_in_transaction", &now, "warn", &format!("pid {mine}"));
    assert!(said["hint"].as_str().unwrap().contains(&format!("pg_terminate_backend({mine})")), "{said}");
    flags(
        &database,
        "connections.longest_transaction",
        &["--crit", "connections.longest_transaction=0s"],
        "crit",
        &format!("pid {mine}"),
    );
    // It was only just begun: by the usual thresholds that is nothing.
    quiet(&database, "connections.idle_in_transaction", &[]);
    quiet(&database, "connections.longest_transaction", &[]);
    drop(held);
    eventually("the session ends", || {
        look(&database, "connections.idle_in_transaction", &now)
            .iter()
            .all(|said| said["object"] != format!("pid {mine}"))
    });
}

#[test]
fn a_query_that_runs_long_is_named() {
    let database = database();
    let now = ["--warn", "connections.longest_query=0s"];
    let busy = Busy::with(&database, "SELECT pg_sleep(300)");
    let running = "SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%'";
    eventually("it runs", || database.scalar(running) != "0");
    let pid = format!("pid {}", database.scalar(running));
    flags(&database, "connections.longest_query", &now, "warn", &pid);
    spares(&database, "connections.longest_query", &[], &pid);
    database.run(&format!("SELECT pg_terminate_backend({})", database.scalar(running)));
    drop(busy);
}

#[test]
fn too_many_admitted_connections_are_worth_a_word() {
    let cluster = Cluster::start(newest_major(), &[("max_connections", "600")]);
    flags(&cluster.database("many"), "connections.limit", &[], "warn", "");
    quiet(&database(), "connections.limit", &[]);
}

#[test]
fn sessions_that_do_not_end_by_themselves_are_counted() {
    let database = database();
    quiet(&database, "connections.broken_sessions", &[]);
    let held: Vec<_> = (0..60).map(|_| Busy::with(&database, "SELECT pg_sleep(300)")).collect();
    let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%' AND pid <> pg_backend_pid()";
    eventually("they sleep", || database.scalar(sleeping) == "60");
    database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    drop(held);
    for _ in 0..40 {
        database.run("SELECT 1");
    }
    comes(&database, "connections.broken_sessions", &[], "warn");
}
