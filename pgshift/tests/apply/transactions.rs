//! What runs in a transaction, what does not, and what is left behind.

use super::{Shop, fields};

#[test]
fn a_migration_that_fails_leaves_nothing_and_those_before_it_stay() {
    let shop = Shop::with(&[
        ("1_a.sql", "CREATE TABLE a ()"),
        ("2_b.sql", "CREATE TABLE b (); SELECT 1/0; CREATE TABLE c ();"),
    ]);
    let failed = shop.tool("apply").run().exit(3);
    assert_eq!(failed.result()["applied"], 1);
    assert_eq!(shop.history(), [["1", "applied", "1"]]);
    assert_eq!(shop.database.scalar("SELECT count(*) FROM pg_class WHERE relname IN ('b', 'c')"), "0");
    assert_eq!(shop.states(), ["applied", "pending"]);
}

#[test]
fn a_savepoint_does_not_swallow_an_error() {
    let shop = Shop::with(&[(
        "1_a.sql",
        "CREATE TABLE a (); SAVEPOINT s; SELECT 1/0; ROLLBACK TO s; CREATE TABLE b ();",
    )]);
    shop.tool("apply").run().exit(3).says("division by zero");
    assert!(shop.history().is_empty());
    shop.write("1_a.sql", "CREATE TABLE a (); SAVEPOINT s; DROP TABLE a; ROLLBACK TO s;");
    shop.tool("apply").run().success();
    assert_eq!(shop.database.scalar("SELECT to_regclass('a')"), "a");
}

#[test]
fn what_cannot_run_in_a_transaction_is_found_and_run_outside() {
    let shop = Shop::with(&[(
        "1_mixed.sql",
        "CREATE TABLE t (a int);\nINSERT INTO t SELECT generate_series(1, 100);\n\
         CREATE INDEX CONCURRENTLY i ON t (a);\nVACUUM t;\nALTER TABLE t ADD COLUMN b int;\n",
    )]);
    let plan = shop.tool("plan").run().success();
    assert_eq!(fields(&plan, "statement", "transaction"), ["true", "true", "false", "false", "true"]);
    let applied = shop.tool("apply").run().success();
    assert_eq!(fields(&applied, "statement", "line"), ["3", "4"]);
    assert_eq!(shop.history(), [["1", "applied", "5"]]);
    assert_eq!(shop.database.scalar("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"), "t");
}

#[test]
fn a_mixed_file_goes_on_at_the_statement_that_failed() {
    let mixed = |fourth: &str| {
        format!(
            "SET search_path = s, public;\nCREATE SCHEMA s;\nCREATE TABLE t (a int);\nVACUUM {fourth};\nCREATE TABLE u ();\n"
        )
    };
    let shop = Shop::with(&[("1_mixed.sql", &mixed("nothing"))]);
    shop.tool("apply").run().exit(3).says("1_mixed.sql:4:1: VACUUM nothing");
    assert_eq!(shop.history(), [["1", "partial", "3"]]);
    let status = shop.tool("status").run().success();
    assert_eq!(status.record("migration")["state"], "partial");
    assert_eq!(status.record("migration")["statements_done"], 3);
    assert!(status.record("migration").get("statement_in_doubt").is_none(), "{status}");
    shop.tool("check").run().exit(8).says("3 of 5 statements are done");

    shop.write("1_mixed.sql", &mixed("t"));
    shop.tool("apply").run().success();
    assert_eq!(shop.history(), [["1", "applied", "5"]]);
    // What was set before it stopped holds for what came after.
    assert_eq!(shop.database.scalar("SELECT to_regclass('s.u')"), "s.u");
}

#[test]
fn statements_that_are_done_may_not_change_under_a_half_applied_file() {
    let shop = Shop::with(&[("1_mixed.sql", "CREATE TABLE t ();\nVACUUM nothing;\n")]);
    shop.tool("apply").run().exit(3);
    shop.write("1_mixed.sql", "CREATE TABLE t (a int);\nVACUUM t;\n");
    shop.tool("apply").run().exit(7).says("no longer those that were applied");
}

#[test]
fn a_file_may_have_its_own_transactions() {
    let shop = Shop::with(&[
        (
            "1_one.sql",
            "BEGIN ISOLATION LEVEL SERIALIZABLE;\nCREATE TABLE a AS SELECT current_setting('transaction_isolation') AS level;\nCOMMIT;\n",
        ),
        (
            "2_two.sql",
            "BEGIN; CREATE TABLE b (); COMMIT;\nCREATE TABLE c (x int);\nCREATE INDEX CONCURRENTLY ON c (x);\nSTART TRANSACTION; CREATE TABLE d (); END;",
        ),
    ]);
    shop.tool("apply").run().success();
    assert_eq!(shop.database.scalar("SELECT level FROM a"), "serializable");
    assert_eq!(shop.history(), [["1", "applied", "3"], ["2", "applied", "8"]]);
    for (text, why) in [
        ("BEGIN; CREATE TABLE x ();", "no COMMIT follows"),
        ("CREATE TABLE x (); COMMIT;", "no BEGIN is before"),
        ("BEGIN; VACUUM; COMMIT;", "cannot run between BEGIN and COMMIT"),
        ("BEGIN; CREATE TABLE x (); ROLLBACK;", "cannot take itself back"),
    ] {
        shop.write("3_wrong.sql", text);
        shop.apply().run().exit(2).says(why);
    }
    assert_eq!(shop.database.scalar("SELECT to_regclass('x') IS NULL"), "t");
}

#[test]
fn what_one_file_sets_is_not_there_in_the_next() {
    let shop = Shop::new();
    shop.database.run("CREATE ROLE pgshift_owner; GRANT CREATE ON SCHEMA public TO pgshift_owner");
    shop.write("1_a.sql", "SET search_path = pg_catalog; SET work_mem = '77MB'; SET ROLE pgshift_owner; CREATE TEMP TABLE mine (); CREATE TABLE public.a ();");
    shop.write("2_b.sql", "CREATE TABLE b AS SELECT current_setting('work_mem') AS memory, current_user::text AS who, to_regclass('mine') IS NULL AS clean;");
    shop.tool("apply").run().success();
    assert_eq!(shop.database.rows("SELECT memory <> '77MB', who, clean FROM b"), [["t", "postgres", "t"]]);
    assert_eq!(
        shop.database.scalar("SELECT tableowner FROM pg_tables WHERE tablename = 'a'"),
        "pgshift_owner"
    );
    assert_eq!(
        shop.database.scalar("SELECT string_agg(DISTINCT applied_by, ',') FROM pgshift.migrations"),
        "postgres"
    );
    shop.database
        .run("DROP TABLE a; REVOKE ALL ON SCHEMA public FROM pgshift_owner; DROP ROLE pgshift_owner");
}

#[test]
fn an_invalid_index_never_passes_for_built() {
    let shop = Shop::with(&[
        ("1_t.sql", "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1);"),
        ("2_i.sql", "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a);"),
    ]);
    shop.tool("apply").run().exit(3).says("could not create unique index").says("statements done: 0 of 1");
    // Nothing invalid is left behind, not even by somebody else's attempt.
    assert_eq!(shop.database.scalar("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0");
    shop.database.run("DELETE FROM t WHERE ctid = '(0,1)'; CREATE UNIQUE INDEX i ON t (a); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass");
    let applied = shop.apply().run().success();
    assert_eq!(fields(&applied, "warning", "code"), ["invalid_index"]);
    assert_eq!(shop.database.scalar("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"), "t");
}

#[test]
fn a_procedure_may_commit_where_the_file_asks_for_no_transaction() {
    let call =
        "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$BEGIN CREATE TABLE x (); COMMIT; END$$;\nCALL p();";
    let shop = Shop::with(&[("1_p.sql", call)]);
    shop.tool("apply").run().exit(3).says("invalid transaction termination").says("without a transaction");
    shop.write("1_p.sql", &format!("-- no-transaction\n{call}"));
    shop.tool("apply").run().success();
    assert_eq!(shop.database.scalar("SELECT to_regclass('x')"), "x");
}
