//! Large tables of two live databases, load, and a second look.

use crate::kit::{cluster, compare, rows, two};
use testkit::{Beside, Cluster, Tool, newest_major, oldest_major};

const LARGE: &str = "CREATE TABLE t (id int PRIMARY KEY, a text, b int); INSERT INTO t SELECT g, repeat(md5(g::text), 4), g FROM generate_series(1, 80000) g";

#[test]
fn a_large_table_with_a_key_costs_little_and_finds_the_same() {
    let a = cluster().database("ranges");
    a.run(LARGE);
    let b = cluster().database_with("ranges", &format!("TEMPLATE {}", a.name()));
    let equal = compare(&a, &b, &["-a", "--rows"]).success();
    assert_eq!(equal.result()["found_rows"], 80_000);
    b.run("UPDATE t SET b = 0 WHERE id = 40000; DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (80001, 'x', 1)");
    let outcome = compare(&a, &b, &["-a", "--rows"]).exit(1);
    let mut found = rows(&outcome);
    found.sort();
    assert_eq!(
        found,
        [r#"changed {"id":"40000"} ["b"]"#, r#"extra {"id":"80001"} []"#, r#"missing {"id":"1"} []"#]
    );
    let read = outcome.result()["read_bytes"].as_u64().unwrap();
    assert!(read < 1 << 20, "{read} bytes of 24 MB were read");
}

#[test]
fn what_was_in_flight_is_told_apart_from_what_lasts() {
    let made = "CREATE TABLE keyed (id int PRIMARY KEY, v text); INSERT INTO keyed SELECT g, 'v' FROM generate_series(1, 50) g; \
                CREATE TABLE free (v text); INSERT INTO free VALUES ('x'); CREATE TABLE lasting (v text); INSERT INTO lasting VALUES ('x')";
    let (a, b) = two("flight", made, made);
    b.run("UPDATE keyed SET v = 'late' WHERE id IN (7, 8); DELETE FROM free; DELETE FROM lasting");
    let mut tool = Tool::named("pgverify")
        .args(["compare", &a.connection(), &b.connection(), "-a", "--rows", "--recheck", "10s"])
        .start();
    // While it waits for its second look, only the session that holds the moment is left: then most of the rest arrives.
    let sessions = format!(
        "SELECT count(*) FILTER (WHERE state = 'idle in transaction') = 1 AND count(*) = 1 \
         FROM pg_stat_activity WHERE application_name = 'pgverify' AND datname = '{}'",
        b.name()
    );
    let mut seen = 0;
    tool.wait_until("it has compared", || {
        std::thread::sleep(std::time::Duration::from_millis(200));
        seen = if a.cluster().existing("postgres").scalar(&sessions) == "t" { seen + 1 } else { 0 };
        seen == 4
    });
    b.run("UPDATE keyed SET v = 'v' WHERE id = 7; INSERT INTO free VALUES ('x')");
    let outcome = tool.finish().exit(1);
    assert_eq!(rows(&outcome), [r#"changed {"id":"8"} ["v"]"#, "missing {} []"]);
    assert_eq!(outcome.result()["rows_in_flight"], 2, "{outcome}");
    assert_eq!(
        (&outcome.result()["rows_changed"], &outcome.result()["rows_missing"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn a_second_look_needs_two_live_sides() {
    let (a, _) = two("look", "CREATE TABLE t (id int)", "");
    Tool::named("pgverify")
        .args(["compare", "latest", &a.connection(), "--rows", "--recheck", "1s", "--store", "/nowhere"])
        .run()
        .exit(3);
}

#[test]
fn another_major_version_and_a_standby_are_compared() {
    let (old, new) = (Cluster::shared(oldest_major()), Cluster::shared(newest_major()));
    let (a, b) = (old.database("versions"), new.database("versions"));
    for database in [&a, &b] {
        database.run("CREATE TABLE t (id int PRIMARY KEY, f float8, x xml, j jsonb); INSERT INTO t SELECT g, g / 3.0, '<a/>', '{\"b\": 1.0}' FROM generate_series(1, 100) g");
    }
    compare(&a, &b, &["-a", "--rows"]).success();
    compare(&a, &b, &[]).success();
    let replica = Cluster::start(newest_major(), &[]);
    let primary = replica.database("primary");
    primary.run(
        "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE UNLOGGED TABLE u (id int)",
    );
    let standby = replica.replica();
    standby.catch_up_with(&replica);
    let outcome = compare(&primary, &standby.existing(primary.name()), &["-a", "--rows"]).exit(3);
    assert_eq!(outcome.record("skipped")["object"], "table \"public\".\"u\"");
    compare(&primary, &standby.existing(primary.name()), &["-T", "u"]).success();
}

#[test]
fn the_load_can_be_limited() {
    let (a, b) = two("load", LARGE, LARGE);
    let outcome = compare(&a, &b, &["-a", "--max-rate", "100M", "--max-active", "50"]).success();
    assert_eq!(outcome.result()["tables"], 1);
}

#[test]
fn who_waits_for_its_locks_does_not_bring_it_to_a_standstill() {
    let made = "CREATE TABLE ballast AS SELECT repeat(md5(g::text), 8) AS filler FROM generate_series(1, 20000) g; \
                CREATE TABLE wanted (id int PRIMARY KEY, v text DEFAULT 'v', CHECK (id > 0)); INSERT INTO wanted VALUES (1)";
    let (a, b) = two("queued", made, made);
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'ALTER%'";
    for (change, what, code) in
        [("", &["-a", "--rows"][..], 3), ("", &[], 3), ("ALTER TABLE wanted ALTER v SET DEFAULT 'x'", &[], 1)]
    {
        a.run(change);
        let mut tool = Tool::named("pgverify")
            .args(["compare", &a.connection(), &b.connection(), "-j", "1", "--max-rate", "1M"])
            .args(what)
            .start();
        tool.wait_until("it holds its locks", || {
            b.scalar("SELECT count(*) FROM pg_locks WHERE relation = 'wanted'::regclass AND granted") != "0"
        });
        let alter = Beside::run(&b, "ALTER TABLE wanted ALTER v SET DEFAULT 'v'");
        tool.wait_until("somebody waits for them", || b.scalar(waiting) != "0");
        let outcome = tool.finish().exit(code);
        assert!(outcome.records_of("skipped")[0]["object"].as_str().unwrap().contains("wanted"), "{outcome}");
        assert!(alter.finish(), "the ALTER goes on when the comparison is done");
    }
}
