//! Taking migrations back.

use super::{Shop, fields};

fn three() -> Shop {
    let shop = Shop::with(&[
        ("1_a.sql", "CREATE TABLE a ();"),
        ("2_b.sql", "CREATE TABLE b (x int);"),
        ("2_b.down.sql", "DROP TABLE b;"),
        ("3_c.sql", "CREATE INDEX CONCURRENTLY i ON b (x);"),
        ("3_c.down.sql", "DROP INDEX CONCURRENTLY i;"),
    ]);
    shop.tool("apply").run().success();
    shop
}

#[test]
fn the_last_one_is_taken_back_and_can_be_applied_again() {
    let shop = three();
    let reverted = shop.tool("revert").run().success();
    assert_eq!(fields(&reverted, "migration", "version"), ["3"]);
    assert_eq!(shop.states(), ["applied", "applied", "pending"]);
    assert_eq!(shop.database.scalar("SELECT to_regclass('i') IS NULL"), "t");
    shop.apply().run().success();
    assert_eq!(shop.states(), ["applied", "applied", "applied"]);
}

#[test]
fn all_after_a_version_are_taken_back_the_last_one_first() {
    let shop = three();
    let reverted = shop.tool("revert").args(["--to", "1"]).run().success();
    assert_eq!(fields(&reverted, "migration", "version"), ["3", "2"]);
    assert_eq!(reverted.result()["reverted"], 2);
    assert_eq!(shop.states(), ["applied", "pending", "pending"]);
}

#[test]
fn without_a_down_script_nothing_is_taken_back_and_the_snapshot_is_named() {
    let shop = three();
    shop.tool("revert").args(["--to", "0"]).run().exit(1).says("version 1").says("no snapshot was proved");
    assert_eq!(shop.states(), ["applied", "applied", "applied"]);
    shop.database.run("UPDATE pgshift.migrations SET gate = 'verified', snapshot = '20260131T000000.000Z-abcdef', store = '/backups'");
    shop.tool("revert")
        .args(["--to", "0"])
        .run()
        .exit(1)
        .says("pgsnap restore 20260131T000000.000Z-abcdef --store /backups");
}

#[test]
fn a_down_script_that_fails_leaves_the_truth_behind() {
    let shop = three();
    shop.write("3_c.down.sql", "DROP INDEX CONCURRENTLY i;\nDROP INDEX CONCURRENTLY j;");
    shop.tool("revert").run().exit(3);
    assert_eq!(shop.states(), ["applied", "applied", "reverting"]);
    shop.tool("check").run().exit(8).says("half reverted: 1 statements");
    shop.apply().run().exit(8);
    shop.write("3_c.down.sql", "DROP INDEX CONCURRENTLY i;\nDROP INDEX CONCURRENTLY IF EXISTS j;");
    shop.tool("revert").run().success();
    assert_eq!(shop.states(), ["applied", "applied", "pending"]);
}
