//! What conventions ask of the engine: baselines, repeatable migrations, statements that belong together.

use super::{Shop, fields};

#[test]
fn a_baseline_stands_for_all_before_it_on_an_empty_history_only() {
    let files = [
        ("V1__a.sql", "CREATE TABLE a ();"),
        ("V2__b.sql", "CREATE TABLE b ();"),
        ("B2__base.sql", "CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE base ();"),
        ("V3__c.sql", "CREATE TABLE c ();"),
        ("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS a;"),
    ];
    let shop = Shop::with(&files);
    let applied = shop.tool("apply").run().success();
    assert_eq!(fields(&applied, "migration", "kind"), ["baseline", "versioned", "repeatable"]);
    let mut states = shop.states();
    states.sort();
    assert_eq!(states, ["applied", "applied", "applied", "covered", "covered"]);
    shop.tool("check").run().success();

    // Where versions were applied one by one, a baseline that comes later has nothing to do.
    let shop = Shop::with(&[files[0], files[1], files[4]]);
    shop.apply().args(["--convention", "flyway"]).run().success();
    shop.write("B2__base.sql", files[2].1);
    shop.write("V3__c.sql", files[3].1);
    let applied = shop.apply().run().success();
    assert_eq!(fields(&applied, "migration", "version"), ["3"]);
    assert_eq!(shop.database.scalar("SELECT to_regclass('base') IS NULL"), "t");
}

#[test]
fn a_repeatable_migration_runs_again_when_its_text_changes() {
    let shop = Shop::with(&[
        ("V1__a.sql", "CREATE TABLE a ();"),
        ("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS a;"),
    ]);
    shop.tool("apply").run().success();
    shop.write("R__view.sql", "-- what it is\nCREATE OR REPLACE VIEW v AS SELECT 1 AS a;");
    shop.tool("check").run().success();
    shop.write("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 2 AS a;");
    assert_eq!(shop.states(), ["applied", "changed"]);
    shop.tool("check").run().exit(1);
    shop.apply().run().success();
    assert_eq!(shop.database.scalar("SELECT a FROM v"), "2");
    assert_eq!(shop.history().len(), 2);
    shop.tool("check").run().success();
}

#[test]
fn statements_that_are_one_for_their_convention_succeed_or_fail_together() {
    let file = |last: &str| {
        format!(
            "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE a (x int);\n-- +goose StatementBegin\n\
             CREATE TABLE b ();\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;\n{last}\n\
             -- +goose StatementEnd\nCREATE INDEX CONCURRENTLY i ON a (x);\n-- +goose Down\nDROP TABLE a;\n"
        )
    };
    let shop = Shop::with(&[("00001_a.sql", &file("SELECT 1/0;"))]);
    shop.tool("apply").run().exit(3).says("00001_a.sql:7:1: SELECT 1/0: division by zero");
    assert_eq!(shop.history(), [["1", "partial", "1"]]);
    assert_eq!(shop.database.scalar("SELECT to_regclass('b') IS NULL"), "t");
    shop.write("00001_a.sql", &file("SELECT 1;"));
    shop.tool("apply").run().success();
    assert_eq!(shop.history(), [["1", "applied", "5"]]);
}

#[test]
fn another_value_of_a_placeholder_is_no_edit() {
    let shop = Shop::with(&[("V1__a.sql", "CREATE TABLE ${name} ();\n"), ("R__nothing.sql", "SELECT 1;")]);
    let with = |command: &str, name: &str| {
        shop.tool(command).args(["--convention", "flyway", "--placeholder", &format!("name={name}")])
    };
    with("apply", "one").run().success();
    assert_eq!(shop.database.scalar("SELECT to_regclass('one')"), "one");
    with("check", "two").run().success();
}
