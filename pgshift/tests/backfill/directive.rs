//! What is no backfill, and is told before anything runs.

use super::Shop;

#[test]
fn what_is_wrong_with_the_file_is_told_before_anything_runs() {
    let wrong = [
        ("-- pgshift: backfill\nUPDATE t SET a = 0 WHERE :batch", "names no table"),
        ("-- pgshift: backfill table=t rows=1\nUPDATE t SET a = 0 WHERE :batch", "no option rows=1"),
        ("-- pgshift: backfill table=t\nUPDATE t SET a = 0", "WHERE … AND :batch"),
        (
            "-- pgshift: backfill table=t\nUPDATE t SET a = 0 WHERE :batch; DELETE FROM t WHERE :batch",
            "one statement",
        ),
        ("-- pgshift: backfill table=t\nTRUNCATE t", "UPDATE, DELETE or INSERT"),
    ];
    let shop = Shop::new(&[("1_before.sql", "CREATE TABLE before ();")]);
    for (text, why) in wrong {
        shop.directory.write("2_wrong.sql", text);
        shop.apply().run().exit(2).says("2_wrong.sql: ").says(why);
        shop.tool("plan").run().exit(2).says(why);
    }
    assert_eq!(shop.database.scalar("SELECT count(*) FROM pg_class WHERE relname = 'before'"), "0");
}

#[test]
fn a_table_or_key_that_is_not_fit_is_told_with_a_way_out() {
    let wrong = [
        ("table=nowhere", 3, "the table nowhere of the backfill is not there"),
        ("table=log", 2, "log has no primary key to go along"),
        ("table=log key=id", 2, "column \"id\" of log may be NULL"),
        ("table=t key=nothing", 2, "t has no column nothing"),
        ("table=points key=p", 2, "name columns that can be ordered"),
    ];
    let shop = Shop::new(&[]);
    shop.database.run("CREATE TABLE points (p point NOT NULL)");
    for (directive, code, why) in wrong {
        let text = format!("-- pgshift: backfill {directive}\nUPDATE t SET a = 0 WHERE :batch");
        shop.directory.write("1_wrong.sql", text);
        shop.apply().run().exit(code).says(why);
        assert_eq!(shop.logged(), "0");
        assert!(shop.history().is_empty(), "{why}");
    }
}

#[test]
fn a_key_without_an_index_is_warned_of() {
    let text = "-- pgshift: backfill table=t key=b\nUPDATE t SET a = a * 2 WHERE :batch";
    let shop = Shop::new(&[("1_b.sql", "ALTER TABLE t ADD b int NOT NULL DEFAULT 1;"), ("2_b.sql", text)]);
    let applied = shop.apply().run().success();
    assert_eq!(applied.record("warning")["code"], "no_key_index", "{applied}");
    shop.each_once(&applied);
}
