//! `--keep-history`: the other tool finds in its table what it would have written.

use super::{apply, database, files, pgshift, sqlx};

#[test]
fn what_is_applied_later_is_in_both_histories_and_taken_out_of_both() {
    let (database, place) = (database(), files(["1_a.up.sql", "2_b.up.sql"]));
    place.write("2_b.down.sql", "DROP TABLE b;\n");
    sqlx(&database);
    pgshift("adopt", &database, &place).arg("--keep-history").run().success();
    apply(&database, &place);
    let theirs = database.rows(
        "SELECT version, description, success, checksum = sha384(convert_to(E'CREATE TABLE b (id int);\\n', 'UTF8')) \
         FROM _sqlx_migrations ORDER BY version",
    );
    assert_eq!(theirs, [["1", "a", "t", "f"], ["2", "b", "t", "t"]]);
    pgshift("revert", &database, &place).run().success();
    assert_eq!(database.rows("SELECT version FROM _sqlx_migrations"), [["1"]]);
    pgshift("check", &database, &place).run().exit(1);
}

#[test]
fn without_it_the_other_history_stays_as_it_is() {
    let (database, place) = (database(), files(["1_a.sql", "2_b.sql"]));
    sqlx(&database);
    pgshift("adopt", &database, &place).run().success();
    apply(&database, &place);
    assert_eq!(database.rows("SELECT version FROM _sqlx_migrations"), [["1"]]);
}

#[test]
fn a_migration_that_fails_is_in_neither() {
    let (database, place) = (database(), files(["1_a.sql", "2_b.sql"]));
    sqlx(&database);
    pgshift("adopt", &database, &place).arg("--keep-history").run().success();
    place.write("2_b.sql", "CREATE TABLE b (id int);\nSELECT 1 / 0;\n");
    pgshift("apply", &database, &place).arg("--no-gate").run().exit(3).says("22012");
    assert_eq!(database.rows("SELECT version FROM _sqlx_migrations"), [["1"]]);
    assert_eq!(database.rows("SELECT version FROM pgshift.migrations"), [["1"]]);
}

#[test]
fn what_runs_without_a_transaction_is_in_both_when_it_is_done() {
    let (database, place) = (database(), files(["1_a.sql", "2_b.sql"]));
    sqlx(&database);
    pgshift("adopt", &database, &place).arg("--keep-history").run().success();
    place.write(
        "2_b.sql",
        "-- no-transaction\nCREATE INDEX CONCURRENTLY a_id ON a (id);\nCREATE TABLE b ();\n",
    );
    apply(&database, &place);
    assert_eq!(database.rows("SELECT version FROM _sqlx_migrations ORDER BY 1"), [["1"], ["2"]]);
    pgshift("check", &database, &place).run().success();
}

#[test]
fn a_history_that_cannot_be_written_is_refused_at_once() {
    let database = database();
    let place = files(["deploy/a.sql", "deploy/b.sql"]);
    place.write(
        "sqitch.plan",
        "%project=x\na 2024-01-01T00:00:00Z A <a@b.c>\nb 2024-01-01T00:00:00Z A <a@b.c>\n",
    );
    database.run(
        "CREATE SCHEMA sqitch; CREATE TABLE sqitch.changes (change_id text PRIMARY KEY, script_hash text, change text, project text, \
         note text, committed_at timestamptz DEFAULT now(), planned_at timestamptz); \
         CREATE TABLE sqitch.tags (tag_id text, tag text, project text, change_id text, planned_at timestamptz); \
         INSERT INTO sqitch.changes VALUES ('x', NULL, 'a', 'x', '', now(), now())",
    );
    pgshift("adopt", &database, &place).arg("--keep-history").run().exit(2).says("--keep-history");
    assert_eq!(database.scalar("SELECT to_regclass('pgshift.migrations') IS NULL"), "t");
    pgshift("adopt", &database, &place).run().success();
}

#[test]
fn one_that_came_late_does_not_set_a_single_version_back() {
    let (database, place) = (database(), files(["1_a.up.sql", "5_b.up.sql"]));
    database.run("CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (1, false)");
    pgshift("adopt", &database, &place).arg("--keep-history").run().success();
    apply(&database, &place);
    let theirs = || database.rows("SELECT version, dirty FROM schema_migrations");
    assert_eq!(theirs(), [["5", "f"]]);
    place.write("3_c.up.sql", "CREATE TABLE c ();\n");
    pgshift("apply", &database, &place).args(["--no-gate", "--allow-late"]).run().success();
    assert_eq!(theirs(), [["5", "f"]]);
    place.write("7_d.up.sql", "CREATE TABLE d ();\n");
    apply(&database, &place);
    assert_eq!(theirs(), [["7", "f"]]);
}
