//! What is not taken over, and why.

use super::{SQLX, database, files, pgshift, sqlx};
use testkit::Tool;

fn nothing_is_written(database: &testkit::Database) {
    assert_eq!(database.scalar("SELECT to_regclass('pgshift.migrations') IS NULL"), "t");
}

#[test]
fn a_file_that_is_not_what_was_applied_is_a_conflict() {
    let (database, place) = (database(), files(["1_a.sql", "2_b.sql"]));
    sqlx(&database);
    place.write("1_a.sql", "CREATE TABLE a (id bigint);\n");
    let outcome = pgshift("adopt", &database, &place).run().exit(1).says("1_a.sql");
    let conflicts = outcome.records_of("conflict");
    assert_eq!(
        (conflicts[0]["conflict"].as_str(), conflicts[0]["version"].as_str()),
        (Some("edited"), Some("1"))
    );
    nothing_is_written(&database);
    let outcome = pgshift("adopt", &database, &place).args(["--accept", "1"]).run().success();
    assert_eq!(outcome.records_of("adopted")[0]["proof"], "accepted");
    pgshift("check", &database, &place).run().exit(1);
}

#[test]
fn what_was_applied_and_has_no_file_is_a_conflict() {
    let (database, place) = (database(), files(["1_a.sql", "2_b.sql"]));
    sqlx(&database);
    database.run("INSERT INTO _sqlx_migrations VALUES (7, 'gone', now(), true, '\\x00', 1)");
    let outcome = pgshift("adopt", &database, &place).run().exit(1).says("7 gone");
    assert_eq!(outcome.records_of("conflict")[0]["conflict"], "vanished");
    nothing_is_written(&database);
    pgshift("adopt", &database, &place).args(["--accept", "7"]).run().success();
}

#[test]
fn what_was_left_half_way_is_refused() {
    let (database, place) = (database(), files(["1_a.sql", "2_b.sql"]));
    database.run(&format!("{SQLX}; INSERT INTO _sqlx_migrations VALUES (1, 'a', now(), false, '\\x00', 1)"));
    pgshift("adopt", &database, &place).run().exit(4).says("1 a did not succeed").says("hint:");
    nothing_is_written(&database);
}

#[test]
fn a_database_without_a_history_is_told() {
    let (database, place) = (database(), files(["1_a.sql", "2_b.sql"]));
    pgshift("adopt", &database, &place).run().exit(3).says("no history of another tool");
}

#[test]
fn of_several_histories_one_has_to_be_named() {
    let (database, place) = (database(), files(["1_a.sql", "2_b.sql"]));
    sqlx(&database);
    database.run("CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean); INSERT INTO schema_migrations VALUES (2, false)");
    pgshift("adopt", &database, &place).run().exit(2).says("--from").says("golang-migrate");
    let outcome = pgshift("adopt", &database, &place).args(["--from", "sqlx", "--dry-run"]).run().success();
    assert_eq!(outcome.records_of("adopted").len(), 1);
    let outcome = pgshift("adopt", &database, &place).args(["--from", "schema_migrations"]).run().success();
    assert_eq!(outcome.records_of("adopted").len(), 2);
}

#[test]
fn a_table_that_one_may_not_read_is_named() {
    let (database, place) = (database(), files(["1_a.sql", "2_b.sql"]));
    sqlx(&database);
    database.run("CREATE ROLE adopt_reader LOGIN");
    let connection = database.connection().replace("user=postgres", "user=adopt_reader");
    assert!(connection.contains("adopt_reader"), "{connection}");
    let tool =
        Tool::named("pgshift").args(["adopt", "--dry-run", "-d", &connection]).arg("--dir").arg(place.path());
    tool.run().exit(3).says("_sqlx_migrations").says("42501");
    database.run("DROP ROLE adopt_reader");
}
