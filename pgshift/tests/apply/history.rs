//! What is written down, and who may read it.

use super::{Shop, fields};

#[test]
fn plan_status_and_check_need_only_to_read_and_take_no_lock() {
    let shop = Shop::with(&[("1_a.sql", "CREATE TABLE a ()")]);
    shop.database.run("CREATE ROLE pgshift_reader LOGIN");
    let as_reader = |command: &str| {
        let connection = shop.database.connection().replace("user=postgres", "user=pgshift_reader");
        testkit::Tool::named("pgshift")
            .arg(command)
            .args(["-d", &connection])
            .arg("--dir")
            .arg(shop.directory.path())
            .env("PGOPTIONS", "-c default_transaction_read_only=on")
    };
    assert_eq!(as_reader("status").run().success().record("migration")["state"], "pending");
    assert_eq!(shop.database.scalar("SELECT to_regnamespace('pgshift') IS NULL"), "t");
    shop.tool("apply").run().success();
    as_reader("status").run().exit(3).says("GRANT USAGE ON SCHEMA \"pgshift\"");
    shop.database.run("GRANT USAGE ON SCHEMA pgshift TO pgshift_reader; GRANT SELECT ON pgshift.migrations TO pgshift_reader");
    let held = shop.database.hold("SELECT pg_advisory_lock(1885827944, 1)");
    let status = as_reader("status").run().success();
    assert_eq!(status.record("migration")["state"], "applied");
    assert_eq!(status.record("warning")["code"], "at_work");
    as_reader("check").run().success();
    as_reader("plan").run().success();
    drop(held);
    shop.database.run("DROP OWNED BY pgshift_reader; DROP ROLE pgshift_reader");
}

#[test]
fn the_history_says_who_when_and_with_what() {
    let shop = Shop::with(&[("1_a.sql", "CREATE TABLE a ()")]);
    let applied = shop.tool("apply").args(["--history-schema", "our \"log\""]).run().success();
    let rows = shop.database.rows(
        "SELECT kind, name, state, applied_by, gate, run, tool_version, finished_at >= started_at, host <> '' FROM \"our \"\"log\"\"\".migrations",
    );
    let run = applied.result()["run"].as_str().unwrap();
    assert_eq!(
        rows,
        [["versioned", "a", "applied", "postgres", "empty", run, env!("CARGO_PKG_VERSION"), "t", "t"]]
    );
    let status = shop.tool("status").args(["--history-schema", "our \"log\""]).run().success();
    assert_eq!(fields(&status, "migration", "applied_by"), ["postgres"]);
}

#[test]
fn a_history_that_is_newer_or_not_ours_is_left_alone() {
    let shop = Shop::with(&[("1_a.sql", "CREATE TABLE a ()")]);
    shop.tool("apply").run().success();
    shop.database.run("COMMENT ON TABLE pgshift.migrations IS 'pgshift, format 99'");
    shop.tool("status").run().exit(3).says("format 99");
    shop.database.run("COMMENT ON TABLE pgshift.migrations IS NULL");
    shop.apply().run().exit(3).says("is not a history of pgshift's");
}

#[test]
fn a_role_that_may_not_make_the_history_is_told_the_way_out() {
    let shop = Shop::with(&[("1_a.sql", "CREATE TABLE a ()")]);
    shop.database.run("CREATE ROLE pgshift_poor LOGIN");
    let connection = shop.database.connection().replace("user=postgres", "user=pgshift_poor");
    let tool = testkit::Tool::named("pgshift")
        .args(["apply", "-d", &connection, "--dir"])
        .arg(shop.directory.path());
    tool.run().exit(3).says("CREATE SCHEMA \"pgshift\" AUTHORIZATION");
    shop.database.run("DROP ROLE pgshift_poor");
}

#[test]
fn who_looks_right_behind_an_apply_finds_nobody_at_work() {
    let shop = Shop::new();
    for version in 1..=12 {
        shop.write(&format!("{version}_a.sql"), &format!("CREATE TABLE t{version} (a int)"));
        shop.apply().run().success();
        shop.tool("check").run().success().quiet();
    }
}
