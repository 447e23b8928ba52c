//! One moment, whatever goes on meanwhile; all rows or an error; and no setting of a role or database that changes a byte.

use crate::compare::same;
use crate::store::{Store, connection_of, proved, valid};
use std::sync::Arc;
use testkit::{Beside, Cluster, Database, HeldDump, Tool, majors, newest_major};

fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(2);
    while !condition() {
        assert!(std::time::Instant::now() < deadline, "it never comes that {what}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// Waits until a statement of somebody beside waits for a lock.
fn until_queued(database: &Database) {
    until("somebody waits for a lock", || {
        let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'beside' AND wait_event_type = 'Lock'";
        !database.rows(waiting).is_empty()
    });
}

const TABLES: usize = 8;

/// Accounts in several tables, whose sum never changes, and a count of all transfers.
fn bank(cluster: &Arc<Cluster>) -> Database {
    let bank = cluster.database("bank");
    bank.run("CREATE SEQUENCE transfers");
    for table in 0..TABLES {
        bank.run(&format!(
            "CREATE TABLE accounts_{table} (id int PRIMARY KEY, balance bigint, filler text);
             INSERT INTO accounts_{table} SELECT i, 1000, repeat(md5(i::text), 6) FROM generate_series(1, 4000) i"
        ));
    }
    bank
}

/// Ever more transfers, each from an account of one table to one of another.
const TRANSFERS: &str = "DO $$ BEGIN LOOP
    EXECUTE format('UPDATE accounts_%s SET balance = balance - 7 WHERE id = %s', floor(random() * 8), 1 + floor(random() * 4000));
    EXECUTE format('UPDATE accounts_%s SET balance = balance + 7 WHERE id = %s', floor(random() * 8), 1 + floor(random() * 4000));
    PERFORM nextval('transfers');
    COMMIT;
END LOOP; END $$";

fn sum(database: &Database) -> String {
    let parts: Vec<_> =
        (0..TABLES).map(|table| format!("(SELECT sum(balance) FROM accounts_{table})")).collect();
    database.scalar(&format!("SELECT {}", parts.join(" + ")))
}

#[test]
fn writers_go_on_and_the_snapshot_is_of_one_moment() {
    for major in majors() {
        let cluster = Cluster::shared(major);
        let bank = bank(&cluster);
        let expected = sum(&bank);
        let writers = [Beside::run(&bank, TRANSFERS), Beside::run(&bank, TRANSFERS)];
        until("transfers are made", || bank.scalar("SELECT last_value FROM transfers") != "1");
        let begun: i64 = bank.scalar("SELECT last_value FROM transfers").parse().unwrap();
        let store = Store::new();
        let snapshot = store.taken(store.create(&bank).args(["-j", "4"]).run());
        let ended: i64 = bank.scalar("SELECT last_value FROM transfers").parse().unwrap();
        assert!(ended > begun, "the writers stood still");
        drop(writers);
        let copy = store.copy(&snapshot, &bank);
        assert_eq!(sum(&copy), expected);
        // Sequences are read last: never behind the rows.
        let held: i64 = copy.scalar("SELECT last_value FROM transfers").parse().unwrap();
        assert!((begun..=ended).contains(&held), "{begun} {held} {ended}");
    }
}

#[test]
fn truncation_waits_for_the_snapshot_which_has_all_rows() {
    let cluster = Cluster::shared(newest_major());
    let bank = bank(&cluster);
    // Read first, being the largest: the accounts come when somebody is queued for them already.
    bank.run("CREATE TABLE ballast AS SELECT i, repeat(md5(i::text), 8) AS filler FROM generate_series(1, 400000) i");
    let store = Store::new();
    // As soon as two have it locked, the leader and pg_dump: the only worker is busy with the ballast.
    let truncate = Beside::run(
        &bank,
        "DO $$ BEGIN FOR try IN 1..20000 LOOP
             EXIT WHEN (SELECT count(DISTINCT pid) >= 2 FROM pg_locks WHERE relation = 'accounts_3'::regclass AND granted);
             PERFORM pg_sleep(0.005);
         END LOOP; END $$;
         TRUNCATE accounts_3",
    );
    let mut started = store.create(&bank).args(["-j", "1"]).start();
    until_queued(&bank);
    assert!(started.is_running(), "it was over before anybody queued");
    let snapshot = store.taken(started.finish());
    assert!(truncate.finish(), "the TRUNCATE goes on when the snapshot is done");
    assert_eq!(bank.scalar("SELECT count(*) FROM accounts_3"), "0");
    let copy = store.copy(&snapshot, &bank);
    assert_eq!(copy.scalar("SELECT count(*) FROM accounts_3"), "4000");
}

#[test]
fn a_queued_exclusive_lock_is_let_through_and_no_deadlock() {
    let cluster = Cluster::shared(newest_major());
    let bank = bank(&cluster);
    let store = Store::new();
    let held = HeldDump::of(&cluster);
    // pg_dump would wait in the queue, too: the snapshot makes way, and is taken again.
    let create = store.create(&bank).args(["-j", "3"]);
    let mut started = create.env("PGRUNBOOK_PG_DUMP", held.command()).start();
    started.wait_until("it holds its locks", || held.is_reached());
    let alter = Beside::run(&bank, "ALTER TABLE accounts_5 ADD COLUMN more int");
    until_queued(&bank);
    held.let_go();
    let snapshot = store.taken(started.finish());
    assert_eq!(snapshot.outcome.record("warning")["code"], "retried", "{}", snapshot.outcome);
    assert!(alter.finish(), "the ALTER was let through");
    let copy = store.copy(&snapshot, &bank);
    same("after the ALTER", &bank.dump_text(), &copy.dump_text(), false);
}

#[test]
fn a_table_that_others_lock_is_waited_for_as_long_as_told() {
    let cluster = Cluster::shared(newest_major());
    let bank = bank(&cluster);
    let store = Store::new();
    let first =
        Beside::run(&bank, "BEGIN; LOCK TABLE accounts_0 IN ACCESS SHARE MODE; SELECT pg_sleep(3600)");
    until("the lock is held", || {
        !bank.rows("SELECT 1 FROM pg_locks WHERE relation = 'accounts_0'::regclass").is_empty()
    });
    let alter = Beside::run(&bank, "ALTER TABLE accounts_0 ADD COLUMN more int");
    until_queued(&bank);
    // Behind the queue, the leader itself waits no longer than it is told to.
    let outcome = valid(store.create(&bank).args(["--lock-wait-timeout", "300"]).run()).exit(3);
    drop(outcome.says("lock"));
    drop(first);
    bank.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3600)%' AND pid <> pg_backend_pid()");
    assert!(alter.finish());
    drop(store.copy(&store.take(&bank), &bank));
}

#[test]
fn a_reader_of_all_data_is_enough() {
    for major in majors().into_iter().filter(|&major| major >= 14) {
        let cluster = Cluster::shared(major);
        let database = cluster.database("readable");
        database.run(
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backup') THEN CREATE ROLE backup LOGIN; END IF; END $$;
             GRANT pg_read_all_data TO backup;
             CREATE SCHEMA closed; CREATE TABLE closed.t AS SELECT i FROM generate_series(1, 100) i; CREATE SEQUENCE closed.s; SELECT nextval('closed.s')",
        );
        let store = Store::new();
        let snapshot = store.taken(store.create_as("backup", &database).run());
        assert_eq!(snapshot.number("rows"), 100);
        drop(store.copy(&snapshot, &database));
    }
}

#[test]
fn a_role_is_taken_on_by_every_session() {
    let cluster = Cluster::shared(newest_major());
    let database = cluster.database("by_role");
    database.run(
        "CREATE ROLE by_role_owner; CREATE ROLE by_role_login LOGIN NOINHERIT IN ROLE by_role_owner;
         CREATE TABLE a AS SELECT i FROM generate_series(1, 10) i; CREATE TABLE b AS SELECT i FROM generate_series(1, 20) i; CREATE SEQUENCE s;
         ALTER TABLE a OWNER TO by_role_owner; ALTER TABLE b OWNER TO by_role_owner; ALTER SEQUENCE s OWNER TO by_role_owner",
    );
    let store = Store::new();
    drop(valid(store.create_as("by_role_login", &database).run()).exit(3));
    let snapshot = store.taken(
        store.create_as("by_role_login", &database).args(["--role", "by_role_owner", "-j", "3"]).run(),
    );
    assert_eq!(snapshot.number("rows"), 30);
    drop(store.copy(&snapshot, &database));
}

#[test]
fn what_may_not_be_read_is_an_error_with_the_way_out() {
    let cluster = Cluster::shared(newest_major());
    let database = cluster.database("guarded");
    database.run(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'curious') THEN CREATE ROLE curious LOGIN; END IF; END $$;
         CREATE TABLE open (a int); CREATE TABLE secret (a int); INSERT INTO secret VALUES (1);
         CREATE TABLE rows (a int, owner text); INSERT INTO rows VALUES (1, 'curious'), (2, 'other');
         ALTER TABLE rows ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON rows USING (owner = current_user);
         GRANT SELECT ON open, rows TO curious",
    );
    let store = Store::new();
    let create = || store.create_as("curious", &database);
    drop(
        valid(create().run())
            .exit(3)
            .says("secret")
            .says("GRANT SELECT ON TABLE \"public\".\"secret\" TO \"curious\""),
    );
    let outcome = valid(create().args(["-T", "secret"]).run()).exit(3);
    drop(outcome.says("\"rows\"").says("ALTER ROLE \"curious\" BYPASSRLS"));
    assert_eq!(store.snapshots(), Vec::<String>::new());
    database.run("GRANT SELECT ON secret TO curious; ALTER ROLE curious BYPASSRLS");
    let snapshot = store.taken(create().run());
    assert_eq!(snapshot.number("rows"), 3);
    database.run("REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM curious; ALTER ROLE curious NOBYPASSRLS; SELECT lo_from_bytea(1, 'x')");
    drop(valid(create().args(["-t", "open"]).run()).exit(3).says("open"));
    drop(valid(create().args(["-n", "public", "-b", "-T", "*"]).run()).exit(3).says("large objects"));
}

#[test]
fn settings_of_the_role_and_the_database_change_nothing() {
    let cluster = Cluster::shared(newest_major());
    let database = cluster.database("set");
    database.run(
        "CREATE TABLE t (at timestamptz, d date, i interval, b bytea, f float8, m money, x xml, n numeric);
         INSERT INTO t VALUES ('2024-05-06 07:08:09.123456+02', '2024-05-06', '-1 year 2 mons -3 days 04:05:06', '\\x00ff', 0.1::float8 + 0.2, 12.34, '<a/>', 1.10);
         CREATE SCHEMA shadow; CREATE TABLE shadow.t (a int);
         CREATE TABLE strings (v text DEFAULT E'back\\\\slash', CHECK (v <> E'a\\\\b')); CREATE INDEX ON strings (v) WHERE v <> E'c\\\\d';
         ALTER TABLE strings ADD CHECK (v <> E'not\\\\valid') NOT VALID;
         CREATE TABLE guarded AS SELECT 1 AS a; ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
         DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'odd_settings') THEN CREATE ROLE odd_settings SUPERUSER LOGIN; END IF; END $$;",
    );
    let store = Store::new();
    let first = store.take(&database);
    for (name, value) in [
        ("DateStyle", "SQL, DMY"),
        ("TimeZone", "Asia/Tokyo"),
        ("IntervalStyle", "sql_standard"),
        ("bytea_output", "escape"),
        ("extra_float_digits", "-15"),
        ("xmloption", "document"),
        ("search_path", "shadow, public"),
        ("row_security", "on"),
        ("statement_timeout", "40ms"),
        ("lock_timeout", "40ms"),
        ("idle_in_transaction_session_timeout", "40ms"),
        ("client_encoding", "LATIN1"),
        ("standard_conforming_strings", "off"),
        ("default_transaction_isolation", "serializable"),
        ("default_transaction_deferrable", "on"),
        ("array_nulls", "off"),
        ("client_min_messages", "error"),
        ("synchronize_seqscans", "on"),
        ("default_transaction_read_only", "on"),
    ] {
        database.run(&format!(
            "ALTER ROLE odd_settings SET {name} = {}",
            common::name::literal(value)
                .replace("SQL, DMY", "SQL', 'DMY")
                .replace("shadow, public", "shadow', 'public")
        ));
    }
    let odd = store.taken(store.create_as("odd_settings", &database).run());
    assert_eq!(first.manifest.tables, odd.manifest.tables);
    // The schema bears what the strings in it mean; rows are the same.
    assert!(odd.number("blocks_new") <= 3, "{}", odd.outcome);
    let restore = Tool::pgsnap("restore").arg(&odd.id).store(&store.path()).arg("--create");
    let copy = cluster.existing("set_odd");
    drop(proved(restore.arg("-d").arg(connection_of("odd_settings", &copy)).run()));
    same("by odd_settings", &database.dump_text(), &copy.dump_text(), false);
}
