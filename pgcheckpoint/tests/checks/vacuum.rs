use super::{comes, database, flags, quiet, spares};
use testkit::{Cluster, newest_major};

/// Uses up so many transaction ids.
fn burn(database: &testkit::Database, count: u32) {
    database.run("CREATE TABLE IF NOT EXISTS burnt (i int)");
    database.run(&format!(
        "DO $$ BEGIN FOR i IN 1..{count} LOOP BEGIN INSERT INTO burnt VALUES (i); EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$"
    ));
}

#[test]
fn transaction_ids_that_run_out_are_told_by_each_of_their_ages() {
    // The least that the server admits; its own vacuum would need a minute to notice.
    let cluster = Cluster::start(
        newest_major(),
        &[
            ("autovacuum_freeze_max_age", "100000"),
            ("vacuum_failsafe_age", "0"),
            ("autovacuum_naptime", "1h"),
        ],
    );
    let database = cluster.database("old");
    quiet(&database, "vacuum.late", &[]);
    quiet(&database, "vacuum.failsafe", &[]);
    burn(&database, 130_000);
    let name = format!("\"{}\"", database.name());
    let said = flags(&database, "vacuum.late", &[], "crit", &name);
    assert!(said["value"].as_f64().unwrap() > 1.25, "{said}");
    flags(&database, "vacuum.failsafe", &[], "crit", &name);
    quiet(&database, "vacuum.wraparound", &[]);
    let said = flags(&database, "vacuum.wraparound", &["--warn", "vacuum.wraparound=0.005%"], "warn", &name);
    assert!(said["message"].as_str().unwrap().contains("age 13"), "{said}");
}

#[test]
fn multixact_ids_that_run_out_are_told_too() {
    let cluster = Cluster::start(
        newest_major(),
        &[("autovacuum_multixact_freeze_max_age", "10000"), ("autovacuum_naptime", "1h")],
    );
    let database = cluster.database("shared");
    quiet(&database, "vacuum.multixact_late", &[]);
    database
        .run("CREATE TABLE t (id int, n int); INSERT INTO t SELECT i, 0 FROM generate_series(1, 14000) AS i");
    // Locked by a transaction and changed by a part of it: two that share a row.
    database.run("DO $$ DECLARE r tid; BEGIN FOR r IN SELECT ctid FROM t LOOP PERFORM 1 FROM t WHERE ctid = r FOR KEY SHARE; BEGIN UPDATE t SET n = 1 WHERE ctid = r; EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$");
    let name = format!("\"{}\"", database.name());
    flags(&database, "vacuum.multixact_late", &[], "crit", &name);
    quiet(&database, "vacuum.multixact", &[]);
    flags(&database, "vacuum.multixact", &["--warn", "vacuum.multixact=0.0004%"], "warn", &name);
}

#[test]
fn who_holds_the_horizon_back_is_named() {
    let database = database();
    let held = database.hold("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class");
    let pid = database.scalar(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'",
    );
    burn(&database, 500);
    let told = ["--warn", "vacuum.horizon=400"];
    let said = flags(&database, "vacuum.horizon", &told, "warn", &format!("pid {pid}"));
    assert_eq!(said["hint"], format!("SELECT pg_terminate_backend({pid});"));
    spares(&database, "vacuum.horizon", &[], &format!("pid {pid}"));
    drop(held);
    let slot = format!("horizon_{}", database.name());
    database.run(&format!("SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')"));
    burn(&database, 500);
    let said = flags(&database, "vacuum.horizon", &told, "warn", &slot);
    assert!(said["hint"].as_str().unwrap().contains("pg_drop_replication_slot"), "{said}");
    database.run(&format!("SELECT pg_drop_replication_slot('{slot}')"));
}

#[test]
fn dead_rows_and_tables_that_nobody_analyzed_are_told() {
    let database = database();
    database.run("CREATE TABLE t (id int)");
    quiet(&database, "vacuum.dead_rows", &[]);
    quiet(&database, "vacuum.not_analyzed", &[]);
    database
        .run("INSERT INTO t SELECT i FROM generate_series(1, 40000) AS i; DELETE FROM t WHERE id < 20000");
    comes(&database, "vacuum.dead_rows", &[], "warn");
    let said = flags(&database, "vacuum.dead_rows", &[], "warn", "\"t\"");
    flags(&database, "vacuum.not_analyzed", &[], "warn", "\"t\"");
    database.run(said["hint"].as_str().unwrap());
    database.run("ANALYZE t");
    comes(&database, "vacuum.dead_rows", &[], "ok");
    quiet(&database, "vacuum.not_analyzed", &[]);
    quiet(&database, "vacuum.not_vacuumed", &[]);
}

#[test]
fn tables_whose_vacuum_was_switched_off_are_told() {
    let database = database();
    database.run("CREATE TABLE t (id int) WITH (autovacuum_enabled = on)");
    database.run("CREATE TABLE other (id int PRIMARY KEY) WITH (fillfactor = 70, autovacuum_enabled = on)");
    quiet(&database, "vacuum.autovacuum_off", &[]);
    database.run("ALTER TABLE t SET (autovacuum_enabled = false)");
    let said = flags(&database, "vacuum.autovacuum_off", &[], "warn", "\"t\"");
    database.run(said["hint"].as_str().unwrap());
    quiet(&database, "vacuum.autovacuum_off", &[]);
    quiet(&database, "vacuum.workers", &[]);
}

#[test]
fn workers_that_are_all_at_work_are_told() {
    let cluster = Cluster::start(
        newest_major(),
        &[
            ("autovacuum", "on"),
            ("autovacuum_naptime", "1s"),
            ("autovacuum_max_workers", "1"),
            ("autovacuum_vacuum_cost_limit", "1"),
            ("autovacuum_vacuum_cost_delay", "100ms"),
        ],
    );
    let database = cluster.database("busy");
    quiet(&database, "vacuum.workers", &["--warn", "vacuum.workers=101%"]);
    database.run("CREATE TABLE t AS SELECT i, repeat('x', 100) FROM generate_series(1, 100000) AS i; DELETE FROM t WHERE i % 2 = 0");
    comes(&database, "vacuum.workers", &[], "warn");
}

#[test]
fn air_in_tables_and_indexes_is_estimated() {
    let database = database();
    database.run("CREATE TABLE t (id int, pad text); INSERT INTO t SELECT i, repeat('x', 50) FROM generate_series(1, 500000) AS i; CREATE INDEX ON t (id); VACUUM ANALYZE t");
    quiet(&database, "vacuum.table_bloat", &["--warn", "vacuum.table_bloat=8MB"]);
    quiet(&database, "vacuum.index_bloat", &[]);
    database.run("DELETE FROM t WHERE id % 10 > 0; VACUUM ANALYZE t");
    let said = flags(&database, "vacuum.table_bloat", &["--warn", "vacuum.table_bloat=8MB"], "warn", "\"t\"");
    let share: f64 = said["value"].as_f64().unwrap()
        / database.scalar("SELECT pg_relation_size('t')").parse::<f64>().unwrap();
    assert!((0.8..0.95).contains(&share), "nine of ten rows are gone, and {share} of it is air: {said}");
    flags(&database, "vacuum.index_bloat", &[], "warn", "\"t_id_idx\"");
}

#[test]
fn what_queries_spill_and_what_a_database_takes_is_told() {
    let database = database();
    quiet(&database, "size.database", &[]);
    flags_size(&database);
    quiet(&database, "size.temporary_files", &[]);
    database.run("SET work_mem = '64kB'; SELECT count(*) FROM (SELECT i FROM generate_series(1, 300000) AS i ORDER BY -i) AS s");
    comes(&database, "size.temporary_files", &["--warn", "size.temporary_files=1MB"], "warn");
}

fn flags_size(database: &testkit::Database) {
    let said = flags(database, "size.database", &["--crit", "size.database=1MB"], "crit", "");
    assert_eq!(said["value"].to_string(), database.scalar("SELECT pg_database_size(current_database())"));
}
