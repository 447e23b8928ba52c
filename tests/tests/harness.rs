//! The harness itself: what it gives to tests, and that it is strict.

use std::path::PathBuf;
use testkit::{Cluster, TempDir, Tool, majors, newest_major};

/// A program that says and does what a test tells it.
fn pretended(directory: &TempDir, script: &str) -> Tool {
    let path: PathBuf = directory.write("tool.sh", script);
    Tool::at("/bin/sh".as_ref()).arg(path)
}

const RECORD: &str = r#"{"v":1,"tool":"t","time":"2026-01-01T00:00:00.000Z","run":"r""#;

#[test]
fn a_database_runs_statements_and_answers() {
    for major in majors() {
        let cluster = Cluster::shared(major);
        let database = cluster.database("odd \"name\"");
        database.run("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x y'), (2, NULL)");
        assert_eq!(database.scalar("SELECT count(*) FROM t"), "2");
        assert_eq!(database.rows("SELECT * FROM t ORDER BY a"), [["1", "x y"], ["2", ""]]);
        assert_eq!(database.rows("SELECT 1 WHERE false").len(), 0);
        let reported = database.scalar("SHOW server_version_num");
        assert!(reported.starts_with(&major.to_string()), "{reported}");
    }
}

#[test]
fn equal_databases_have_equal_dumps_and_others_do_not() {
    let cluster = Cluster::shared(newest_major());
    let [one, other] = ["one", "other"].map(|name| cluster.database(name));
    one.run("CREATE TABLE t AS SELECT g FROM generate_series(1, 9) g");
    other.run("CREATE TABLE t AS SELECT g FROM generate_series(9, 1, -1) g");
    assert_eq!(one.dump_text(), other.dump_text());
    other.run("UPDATE t SET g = 10 WHERE g = 1");
    assert_ne!(one.dump_text(), other.dump_text());
}

#[test]
fn a_replica_follows_its_primary() {
    let primary = Cluster::shared(newest_major());
    let database = primary.database("followed");
    let replica = primary.replica();
    database.run("CREATE TABLE t AS SELECT 42 AS answer");
    replica.catch_up_with(&primary);
    let followed = replica.existing(database.name());
    assert_eq!(followed.scalar("SELECT pg_is_in_recovery()"), "t");
    assert_eq!(followed.scalar("SELECT answer FROM t"), "42");
}

#[test]
fn a_tool_sees_only_what_it_is_given() {
    let directory = TempDir::new();
    let outcome =
        pretended(&directory, "pwd; env; cat").env("PGHOST", "chosen").input("given").run().success();
    let said = outcome.quiet().stdout();
    let home = said.lines().next().unwrap().to_owned();
    assert!(said.contains(&format!("HOME={home}\n")) && said.contains("PGHOST=chosen\n"), "{said}");
    assert!(said.ends_with("given") && !said.contains("CARGO_PKG_NAME"), "{said}");
    assert!(!PathBuf::from(home).exists());
}

#[test]
fn records_are_read_and_a_signal_is_an_exit_code() {
    let directory = TempDir::new();
    let script = format!(
        "echo '{RECORD},\"type\":\"start\"}}'; echo '{RECORD},\"type\":\"result\",\"exit_code\":1}}'; exit 1"
    );
    let outcome = pretended(&directory, &script).run().exit(1);
    assert_eq!((outcome.records().len(), outcome.record("start")["tool"].as_str()), (2, Some("t")));
    assert_eq!(outcome.result()["type"], "result");
    let mut started =
        pretended(&directory, "echo up > \"$UP\"; exec sleep 100").env("UP", directory.join("up")).start();
    started.wait_until("it is up", || directory.join("up").exists());
    started.signal(rustix::process::Signal::TERM);
    drop(started.finish().exit(143));
}

#[test]
fn what_is_not_in_order_fails_the_test() {
    let directory = TempDir::new();
    let result = |code: u8| format!("{RECORD},\"type\":\"result\",\"exit_code\":{code}}}");
    for (why, script) in [
        ("an exit code that the result does not tell", format!("echo '{}'; exit 3", result(0))),
        ("records without a result", format!("echo '{RECORD},\"type\":\"start\"}}'")),
        ("a line that is no record", format!("echo '{}'; echo done", result(0))),
        ("a record without an envelope", "echo '{\"type\":\"result\",\"exit_code\":0}'".to_owned()),
        ("a line that is cut off", format!("printf %s '{}'", result(0))),
    ] {
        let tool = pretended(&directory, &script);
        let judged = std::thread::spawn(|| drop(tool.run().exit(0))).join();
        assert!(judged.is_err(), "{why}");
    }
    let tool = pretended(&directory, "exit 3");
    assert!(std::thread::spawn(|| drop(tool.run())).join().is_err(), "an exit code that nobody looked at");
}

#[test]
fn a_tool_is_built_and_found() {
    let outcome = Tool::named("pgsnap").arg("--help").run().success();
    assert!(outcome.stdout().contains("pgsnap"), "{outcome}");
}
