use super::{command, database};
use testkit::TempDir;

#[test]
fn what_must_hold_is_told_and_rows_are_shown_only_when_asked_for() {
    let database = database();
    database.run(
        "CREATE TABLE users (id int, mail text); INSERT INTO users VALUES (1, 'a@b'), (2, NULL), (3, NULL)",
    );
    let place = TempDir::new();
    let file = place.write(
        "users.sql",
        "-- everybody can be written to\nSELECT id, 'top secret' AS note FROM users WHERE mail IS NULL ORDER BY id;\n\
         -- the test user is there\nSELECT count(*) = 1 FROM users WHERE id = 1;\n\
         -- few users\n-- warn_if: > 2\n-- crit_if: >= 100\nSELECT count(*) FROM users;\n\
         -- names are rare\n-- severity: info\nSELECT 1 FROM users WHERE false;\n",
    );
    let file = file.to_str().unwrap();
    let told = command("assert", &database)
        .arg(file)
        .run()
        .exit(1)
        .says("everybody can be written to (2 violations)");
    told.hides("top secret");
    let told = command("assert", &database).arg(file).run().exit(1);
    let states: Vec<_> = told.records_of("check").iter().map(|check| check["status"].clone()).collect();
    assert_eq!(states, ["crit", "ok", "warn", "ok"], "{told}");
    assert_eq!(
        (&told.records_of("check")[0]["value"], &told.records_of("check")[2]["value"]),
        (&2.into(), &3.into())
    );
    let shown = command("assert", &database).args([file, "--sample", "1"]).run().exit(1);
    assert_eq!(shown.record("violation")["row"]["id"], "2");
    database.run("UPDATE users SET mail = 'x'");
    command("assert", &database).arg(file).run().success();
    command("assert", &database).args([file, "--fail-on", "warn"]).run().exit(1);
    let plugin = command("assert", &database).args([file, "--format", "nagios"]).raw().run().exit(1);
    assert!(plugin.stdout().starts_with("PGCHECKPOINT WARNING: 1 warning, 3 ok"), "{plugin}");
}

#[test]
fn what_cannot_be_told_is_no_yes_and_nothing_is_written() {
    let database = database();
    database.run("CREATE TABLE t (id int)");
    let place = TempDir::new();
    let of = |name: &str, sql: &str| place.write(name, sql).to_str().unwrap().to_owned();
    for (name, sql) in [
        ("missing.sql", "SELECT * FROM missing"),
        ("writes.sql", "INSERT INTO t VALUES (1) RETURNING 1"),
        ("many.sql", "-- n\n-- warn_if: > 1\nSELECT 1, 2"),
    ] {
        let told = command("assert", &database).arg(of(name, sql)).run().exit(3);
        assert_eq!(told.record("check")["status"], "unknown", "{told}");
    }
    assert_eq!(database.scalar("SELECT count(*) FROM t"), "0");
    command("assert", &database).arg(of("wrong.sql", "-- a\n-- warn_if: many\nSELECT 1")).run().exit(2);
    command("assert", &database).arg(of("none.sql", "-- nothing")).run().exit(2);
    command("assert", &database).arg("/no/such/file.sql").run().exit(2);
    let slow = of("slow.sql", "SELECT 1 WHERE pg_sleep(100) IS NULL");
    let told = command("assert", &database).args([&slow, "--statement-timeout", "100ms"]).run().exit(3);
    assert!(told.record("check")["message"].as_str().unwrap().contains("timeout"), "{told}");
}
