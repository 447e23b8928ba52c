//! Files that contradict each other or the history.

use super::{Shop, fields};

fn two() -> Shop {
    let shop = Shop::with(&[("1_a.sql", "CREATE TABLE a (x int);"), ("3_c.sql", "CREATE TABLE c ();")]);
    shop.tool("apply").run().success();
    shop
}

#[test]
fn comments_space_and_line_ends_are_no_edit() {
    let shop = two();
    shop.write("1_a.sql", "-- Copyright\r\nCREATE TABLE a\r\n(x   int)\r\n");
    shop.tool("check").run().success();
}

#[test]
fn an_edited_file_is_drift_until_it_is_accepted() {
    let shop = two();
    shop.write("1_a.sql", "CREATE TABLE a (x bigint);");
    let check = shop.tool("check").run().exit(7).says("has other statements");
    assert_eq!(check.record("conflict")["conflict"], "edited");
    assert_eq!(check.record("conflict")["version"], "1");
    shop.apply().run().exit(7);
    shop.apply().args(["--accept", "1"]).run().success();
    shop.tool("check").run().success();
}

#[test]
fn a_vanished_file_is_drift_until_it_is_accepted() {
    let shop = two();
    std::fs::remove_file(shop.directory.join("1_a.sql")).unwrap();
    let check = shop.tool("check").run().exit(7);
    assert_eq!(check.record("conflict")["conflict"], "vanished");
    shop.apply().args(["--accept", "1"]).run().success();
    shop.tool("check").run().success();
}

#[test]
fn a_lower_version_that_comes_late_is_a_conflict() {
    let shop = two();
    shop.write("2_b.sql", "CREATE TABLE b ();");
    let check = shop.tool("check").run().exit(6).says("version 2 came after version 3 was applied");
    assert_eq!(check.record("conflict")["conflict"], "late");
    shop.apply().run().exit(6);
    shop.apply().arg("--allow-late").run().success();
    shop.tool("check").run().success();
    assert_eq!(shop.history().iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["1", "3", "2"]);
}

#[test]
fn the_same_version_twice_is_a_conflict() {
    let shop = two();
    shop.write("4_d.sql", "CREATE TABLE d ();");
    shop.write("04_e.sql", "CREATE TABLE e ();");
    let check = shop.tool("check").run().exit(6).says("04_e.sql").says("4_d.sql");
    assert_eq!(check.record("error")["code"], "version_repeated");
    shop.apply().run().exit(6);
    assert_eq!(shop.history().len(), 2);
}

#[test]
fn what_is_half_done_outweighs_all_else() {
    let shop = two();
    shop.write("4_d.sql", "CREATE TABLE d ();\nVACUUM nothing;");
    shop.apply().run().exit(3);
    shop.write("1_a.sql", "SELECT 1");
    let check = shop.tool("check").run().exit(8);
    assert_eq!(fields(&check, "conflict", "conflict"), ["edited", "half_applied"]);
}
