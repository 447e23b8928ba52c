//! `pgshift squash`, and what becomes of its file.

use super::{directory, pgshift};
use testkit::{Cluster, Database, TempDir, Tool, newest_major};

fn three() -> TempDir {
    let place = TempDir::new();
    place.write(
        "0001_a.sql",
        "SET search_path = app;\nCREATE SCHEMA app;\nCREATE TABLE a (id int PRIMARY KEY)",
    );
    place.write(
        "0002_b.sql",
        "CREATE TABLE b (a int REFERENCES app.a);\nCREATE INDEX CONCURRENTLY b_a ON b (a);\n",
    );
    place.write("0003_c.sql", "INSERT INTO app.a VALUES (1);\nCOPY b FROM stdin;\n1\n\\.\n");
    place
}

fn database() -> Database {
    Cluster::shared(newest_major()).database("squash")
}

fn on(database: &Database, subcommand: &str, place: &TempDir) -> Tool {
    pgshift(subcommand, place).database(database)
}

fn apply(database: &Database, place: &TempDir) -> Tool {
    on(database, "apply", place).arg("--no-gate")
}

fn remove_the_first_two(place: &TempDir) {
    for name in ["0001_a.sql", "0002_b.sql"] {
        std::fs::remove_file(place.join(name)).unwrap();
    }
}

#[test]
fn one_file_takes_the_place_of_many() {
    let place = three();
    let old = database();
    apply(&old, &place).run().success();
    let told = pgshift("squash", &place).args(["--to", "2", "--dry-run"]).run().success();
    assert!(told.records_of("created").is_empty() && !place.join("0002_squashed.baseline.sql").exists());
    let would_be = told.record("squash");
    assert_eq!(would_be["replaces"], serde_json::json!(["1", "2"]), "{told}");
    let would_be = would_be["text"].as_str().unwrap().to_owned();
    let outcome = pgshift("squash", &place).args(["--to", "2"]).run().success();
    let path = outcome.records_of("created")[0]["path"].as_str().unwrap().to_owned();
    assert!(path.ends_with("/0002_squashed.baseline.sql"), "{path}");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.starts_with("-- pgshift: replaces 1 2\n"), "{text}");
    assert_eq!(text, would_be);

    remove_the_first_two(&place);
    // Where the many were applied there is nothing to do.
    on(&old, "check", &place).run().success();
    assert_eq!(apply(&old, &place).run().success().records_of("migration").len(), 0);
    // Elsewhere the one runs, and what follows it.
    let new = database();
    apply(&new, &place).run().success();
    on(&new, "check", &place).run().success();
    assert_eq!(
        new.rows("SELECT kind, version FROM pgshift.migrations ORDER BY id"),
        [["baseline", "2"], ["versioned", "3"]]
    );
    assert_eq!(new.scalar("SELECT count(*) FROM b"), "1");
}

#[test]
fn a_database_that_is_behind_the_file_is_told_and_left_alone() {
    let place = three();
    let database = database();
    apply(&database, &place).args(["--to", "1"]).run().success();
    pgshift("squash", &place).args(["--to", "2", "--no-check"]).run().success();
    // With the files there they are applied one by one.
    let pending = on(&database, "plan", &place).run();
    assert!(!pending.stdout().contains("baseline.sql"), "{pending}");
    drop(pending.exit(0));
    remove_the_first_two(&place);
    let outcome = apply(&database, &place).run().exit(7).says("version 2 is not applied here");
    assert_eq!(outcome.records_of("conflict")[0]["conflict"], "vanished");
    assert_eq!(database.scalar("SELECT to_regclass('b') IS NULL"), "t");
}

#[test]
fn a_file_that_would_make_another_schema_does_not_stay() {
    let place = TempDir::new();
    place.write("1_a.sql", "CREATE TEMP TABLE t (id int);\n");
    place.write(
        "2_b.sql",
        "DO $$ BEGIN IF to_regclass('t') IS NULL THEN CREATE TABLE kept (); END IF; END $$;\n",
    );
    pgshift("squash", &place)
        .args(["--to", "2"])
        .run()
        .exit(3)
        .says("not make the same schema")
        .says("\"kept\"");
    assert_eq!(place.files(), ["1_a.sql", "2_b.sql"]);
}

#[test]
fn files_that_fail_are_not_squashed() {
    let place = TempDir::new();
    place.write("1_a.sql", "CREATE TABLE a ();\n");
    place.write("2_b.sql", "CREATE TABLE a ();\n");
    pgshift("squash", &place).args(["--to", "2"]).run().exit(3).says("2_b.sql").says("42P07");
    assert_eq!(place.files(), ["1_a.sql", "2_b.sql"]);
}

#[test]
fn a_squash_of_a_squash_names_all_that_it_replaces() {
    let place = directory(&["1_a.sql", "2_b.sql", "3_c.sql"]);
    pgshift("squash", &place).args(["--to", "2", "--no-check"]).run().success();
    pgshift("squash", &place).args(["--to", "3", "--no-check", "--name", "all"]).run().success();
    let text = std::fs::read_to_string(place.join("3_all.baseline.sql")).unwrap();
    assert!(text.starts_with("-- pgshift: replaces 1 2 3\n"), "{text}");
    assert_eq!(text.matches("SELECT 1;").count(), 3, "{text}");
}

#[test]
fn flyway_has_files_of_its_own_for_it_and_some_tools_have_none() {
    let place = directory(&["V1__a.sql", "V2__b.sql", "R__v.sql"]);
    pgshift("squash", &place).args(["--to", "2", "--no-check"]).run().success();
    assert!(place.join("B2__squashed.sql").is_file());
    let place = directory(&["20240101000000_a/migration.sql", "20240102000000_b/migration.sql"]);
    pgshift("squash", &place)
        .args(["--to", "20240102000000_b", "--no-check"])
        .run()
        .exit(2)
        .says("migrations of prisma cannot be put together");
}

/// Convention, the names of three files, the versions, the name of the one that stands for two, its beginning.
type Laid = (&'static str, [&'static str; 3], [&'static str; 3], &'static str, &'static str);

const LAID: [Laid; 6] = [
    (
        "golang-migrate",
        ["1_a.up.sql", "2_b.up.sql", "3_c.up.sql"],
        ["1", "2", "3"],
        "2_squashed.up.sql",
        "-- pgshift: replaces 1 2\n-- pgshift: no-transaction\n",
    ),
    (
        "sqlx",
        ["01_a.sql", "02_b.sql", "03_c.sql"],
        ["1", "2", "3"],
        "02_squashed.sql",
        "-- no-transaction\n-- pgshift: replaces 1 2\n",
    ),
    (
        "refinery",
        ["V1__a.sql", "V2__b.sql", "V3__c.sql"],
        ["1", "2", "3"],
        "V2__squashed.sql",
        "-- pgshift: replaces 1 2\n",
    ),
    (
        "dbmate",
        ["01_a.sql", "02_b.sql", "03_c.sql"],
        ["01", "02", "03"],
        "02_squashed.sql",
        "-- migrate:up transaction:false\n-- pgshift: replaces 01 02\n",
    ),
    (
        "goose",
        ["1_a.sql", "2_b.sql", "3_c.sql"],
        ["1", "2", "3"],
        "2_squashed.sql",
        "-- +goose NO TRANSACTION\n-- +goose Up\n-- pgshift: replaces 1 2\n",
    ),
    (
        "diesel",
        ["1_a/up.sql", "2_b/up.sql", "3_c/up.sql"],
        ["1", "2", "3"],
        "2_squashed/up.sql",
        "-- pgshift: replaces 1 2\n",
    ),
];

/// The three of [`three`], laid out as a tool wants them, the second without a transaction.
fn laid((convention, files, ..): &Laid) -> TempDir {
    let (plain, place) = (three(), TempDir::new());
    for (index, (own, name)) in ["0001_a.sql", "0002_b.sql", "0003_c.sql"].iter().zip(files).enumerate() {
        let text = std::fs::read_to_string(plain.join(own)).unwrap();
        let alone = index == 1;
        let text = match *convention {
            "dbmate" if alone => {
                format!("-- migrate:up transaction:false\n{text}\n-- migrate:down\nDROP TABLE b;\n")
            }
            "dbmate" => format!("-- migrate:up\n{text}\n-- migrate:down\n"),
            "goose" if alone => {
                format!("-- +goose NO TRANSACTION\n-- +goose Up\n{text}\n-- +goose Down\nDROP TABLE b;\n")
            }
            "goose" => format!("-- +goose Up\n{text}\n-- +goose Down\n"),
            "sqlx" if alone => format!("-- no-transaction\n{text}"),
            "golang-migrate" if alone => format!("-- pgshift: no-transaction\n{text}"),
            _ => text,
        };
        place.write(name, text);
        if *convention == "diesel" && alone {
            place.write("2_b/metadata.toml", "run_in_transaction = false\n");
        }
    }
    place
}

#[test]
fn tools_without_names_for_it_have_a_file_whose_head_says_it() {
    // Each runs both ways on a server of its own.
    let some = if testkit::is_long() { LAID.len() } else { 2 };
    for case in LAID.iter().rev().take(some) {
        let (convention, files, versions, name, begins) = case;
        let place = laid(case);
        let named = |subcommand: &str| pgshift(subcommand, &place).args(["--convention", convention]);
        let (old, new) = (database(), database());
        named("apply").database(&old).arg("--no-gate").run().success();
        named("squash").args(["--to", versions[1]]).run().success();
        let text = std::fs::read_to_string(place.join(name)).unwrap();
        assert!(text.starts_with(begins), "{convention}: {text}");
        // With the files still there everything is as it was.
        named("check").database(&old).run().success();
        for file in &files[..2] {
            std::fs::remove_file(place.join(file)).unwrap();
        }
        let _ = std::fs::remove_file(place.join("2_b/metadata.toml"));
        assert_eq!(place.join("2_squashed/metadata.toml").exists(), *convention == "diesel");

        named("check").database(&old).run().success();
        assert_eq!(named("apply").database(&old).run().success().records_of("migration").len(), 0);
        named("apply").database(&new).run().success();
        named("check").database(&new).run().success();
        let history = new.rows("SELECT kind, version FROM pgshift.migrations ORDER BY id");
        assert_eq!(history, [["baseline", versions[1]], ["versioned", versions[2]]], "{convention}");
        Tool::named("pgverify")
            .arg("compare")
            .args([old.connection(), new.connection()])
            .args(["-N", "pgshift"])
            .run()
            .success();
    }
}

#[test]
fn what_is_not_there_or_alone_cannot_be_squashed() {
    let place = directory(&["1_a.sql", "2_b.sql"]);
    pgshift("squash", &place).args(["--to", "7"]).run().exit(2).says("no version 7");
    pgshift("squash", &place).args(["--to", "1"]).run().exit(2).says("nothing to put together");
}
