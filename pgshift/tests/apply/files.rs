//! Files become statements.

use super::{Shop, fields};

const ORDERS: &str = "CREATE TABLE orders (id int PRIMARY KEY);\nCOMMENT ON TABLE orders IS 'a;b';\n";

#[test]
fn what_is_pending_is_planned_then_applied_then_nothing_is_left() {
    let shop =
        Shop::with(&[("1_orders.sql", ORDERS), ("2_names.sql", "ALTER TABLE orders ADD COLUMN name text")]);
    let plan = shop.tool("plan").run().success();
    assert_eq!(
        fields(&plan, "statement", "sql"),
        [
            "CREATE TABLE orders (id int PRIMARY KEY)",
            "COMMENT ON TABLE orders IS 'a;b'",
            "ALTER TABLE orders ADD COLUMN name text"
        ]
    );
    assert_eq!(fields(&plan, "statement", "line"), ["1", "2", "1"]);
    let check = shop.tool("check").run().exit(1);
    assert_eq!(check.result()["pending"], 2);

    let applied = shop.tool("apply").run().success().quiet();
    assert_eq!(fields(&applied, "migration", "version"), ["1", "2"]);
    assert_eq!(applied.result()["applied"], 2);
    assert_eq!(shop.history(), [["1", "applied", "2"], ["2", "applied", "1"]]);
    shop.tool("check").run().success();
    assert_eq!(shop.states(), ["applied", "applied"]);
    assert_eq!(shop.tool("apply").run().success().result()["applied"], 0);
    assert_eq!(
        shop.database.scalar("SELECT count(*) FROM information_schema.columns WHERE table_name = 'orders'"),
        "2"
    );
}

#[test]
fn apply_goes_up_to_the_version_that_was_named() {
    let shop = Shop::with(&[
        ("1_a.sql", "CREATE TABLE a ()"),
        ("2_b.sql", "CREATE TABLE b ()"),
        ("3_c.sql", "CREATE TABLE c ()"),
    ]);
    shop.tool("apply").args(["--to", "2"]).run().success();
    assert_eq!(shop.states(), ["applied", "applied", "pending"]);
    assert_eq!(fields(&shop.tool("plan").run().success(), "statement", "version"), ["3"]);
    shop.tool("apply").args(["--to", "9"]).run().exit(2).says("there is no version 9");
}

#[test]
fn bodies_quotes_and_rows_of_copy_stay_whole() {
    let shop = Shop::new();
    // Bodies without quotes are there since PostgreSQL 14.
    let body = match shop.database.cluster().major() {
        ..14 => "LANGUAGE sql AS 'SELECT 1; SELECT 2;'",
        _ => "BEGIN ATOMIC SELECT 1; SELECT 2; END",
    };
    let text = "CREATE TABLE t (a int, b text);\n\
         CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN RETURN 1; END; $f$;\n\
         CREATE FUNCTION g() RETURNS int BODY;\n\
         COPY t FROM stdin;\n1\tone;\n2\t\\N\n\\.\n\
         /* a /* nested; */ comment; */ INSERT INTO t VALUES (3, 'it''s; ok'); -- the end;\n\
         SELECT a FROM t;\n";
    shop.write("1_all.sql", &text.replace("BODY", body));
    shop.tool("apply").run().success();
    assert_eq!(
        shop.database.scalar("SELECT string_agg(a || coalesce(b, '-'), ',' ORDER BY a) || g() FROM t"),
        "1one;,2-,3it's; ok2"
    );
    assert_eq!(shop.history(), [["1", "applied", "6"]]);
}

#[test]
fn an_error_names_file_line_column_statement_and_the_servers_words() {
    let shop = Shop::with(&[(
        "1_a.sql",
        "CREATE TABLE a (b int);\n\nINSERT INTO a VALUES (1);\n  SELECT b,\n   wrong FROM a;",
    )]);
    let failed = shop.tool("apply").run().exit(3);
    let path = shop.directory.join("1_a.sql").display().to_string();
    let failed =
        failed.says(&format!("{path}:5:4: SELECT b, wrong FROM a: column \"wrong\" does not exist (42703)"));
    assert_eq!(failed.record("error")["sqlstate"], "42703");
    assert_eq!(shop.database.scalar("SELECT to_regclass('a') IS NULL"), "t");
    assert!(shop.history().is_empty());
    shop.write("1_a.sql", "CREATE TABLE a (b int CHECK (b > 0));\nINSERT INTO a VALUES (-1);");
    shop.tool("apply").run().exit(3).says("Failing row contains (-1).").says(":2:1:");
}

#[test]
fn commands_of_psql_are_passed_over_or_refused_before_anything_runs() {
    let shop = Shop::with(&[("1_a.sql", "\\set ON_ERROR_STOP on\nCREATE TABLE a ();\n\\echo done\n")]);
    let applied = shop.tool("apply").run().success();
    assert_eq!(fields(&applied, "warning", "code"), ["psql_command", "psql_command"]);
    shop.write("2_b.sql", "CREATE TABLE b ();");
    shop.write("3_c.sql", "CREATE TABLE c ();\n\\i other.sql\n");
    shop.apply().run().exit(2).says("3_c.sql:2:1: \\i is a command of psql's");
    assert_eq!(shop.history().len(), 1);
}

#[test]
fn notices_of_the_server_reach_people() {
    let shop = Shop::with(&[(
        "1_a.sql",
        "DO $$BEGIN RAISE NOTICE 'hello there'; RAISE WARNING 'take care'; END$$;",
    )]);
    let applied = shop.tool("apply").run().success().says("NOTICE: hello there");
    assert_eq!(fields(&applied, "warning", "message"), ["the server says: take care"]);
}

#[test]
fn passwords_are_in_no_record_and_no_message() {
    let shop = Shop::with(&[("1_a.sql", "CREATE ROLE pgshift_test PASSWORD 's3cret' IN ROLE nobody_there;")]);
    shop.tool("plan").run().success().hides("s3cret");
    shop.tool("apply").run().exit(3).hides("s3cret").says("PASSWORD '…'");
}

#[test]
fn an_empty_file_is_a_migration_too() {
    let shop = Shop::with(&[("1_nothing.sql", "-- later\n")]);
    shop.tool("apply").run().success();
    assert_eq!(shop.history(), [["1", "applied", "0"]]);
}
