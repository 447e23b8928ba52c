//! The gate from outside: what lets an apply pass, and what does not.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

use serde_json::Value;
use testkit::{Cluster, Database, Outcome, TempDir, Tool, newest_major};

/// A database with rows, a store, and a directory with one migration.
struct Shop {
    database: Database,
    store: TempDir,
    directory: TempDir,
}

impl Shop {
    fn new() -> Self {
        let database = Cluster::shared(newest_major()).database("shop");
        database.run("CREATE TABLE orders AS SELECT 1 AS id");
        let directory = TempDir::new();
        directory.write("1_name.sql", "ALTER TABLE orders ADD COLUMN name text");
        Self { database, store: TempDir::new(), directory }
    }

    fn apply(&self) -> Tool {
        Tool::named("pgshift").arg("apply").database(&self.database).arg("--dir").arg(self.directory.path())
    }

    /// What pgsnap and pgverify say of it.
    fn proof(&self) -> String {
        let created =
            Tool::pgsnap("create").database(&self.database).store(self.store.path()).run().success();
        let verify = Tool::named("pgverify").args(["restore", "-"]).store(self.store.path());
        verify.input(created.stdout()).run().success().stdout()
    }

    fn with(&self, records: &str) -> Outcome {
        self.apply().arg("-").input(records).run()
    }

    fn gate(&self) -> Vec<Vec<String>> {
        self.database
            .rows("SELECT gate, coalesce(snapshot, '-'), coalesce(store, '-') FROM pgshift.migrations")
    }

    fn is_untouched(&self) -> bool {
        self.database.scalar("SELECT to_regnamespace('pgshift') IS NULL") == "t"
    }
}

fn text(lines: impl IntoIterator<Item = impl ToString>) -> String {
    lines.into_iter().map(|line| line.to_string() + "\n").collect()
}

/// The records with the last result of pgverify changed.
fn changed(records: &str, field: &str, value: Value) -> String {
    let mut lines: Vec<Value> = records.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.last_mut().unwrap();
    assert_eq!((&last["tool"], &last["type"]), (&"pgverify".into(), &"result".into()));
    last[field] = value;
    text(lines)
}

#[test]
fn a_proof_of_this_database_lets_it_pass_and_is_written_down() {
    let shop = Shop::new();
    let proof = shop.proof();
    let applied = shop.with(&proof).success();
    assert!(applied.stdout().starts_with(&proof), "what came in goes on: {applied}");
    let result =
        applied.records().iter().find(|record| record["tool"] == "pgverify" && record["type"] == "result");
    let snapshot = result.unwrap()["snapshot"].as_str().unwrap();
    assert_eq!(shop.gate(), [["verified", snapshot, &shop.store.path().display().to_string()]]);
    // The same proof again, and nothing to do.
    shop.with(&proof).success();
}

#[test]
fn anything_else_is_refused_in_one_sentence() {
    let shop = Shop::new();
    let proof = shop.proof();
    let mut cases = vec![
        (String::new(), "nothing came in on stdin"),
        (text(proof.lines().take(5)), "stopped without a result"),
        (changed(&proof, "proved", false.into()), "did not prove"),
        (changed(&proof, "proved", Value::Null), "did not prove"),
        (changed(&proof, "whole", false.into()), "only a part of the database"),
        (changed(&proof, "whole", Value::Null), "only a part of the database"),
        (changed(&proof, "exit_code", 1.into()), "pgverify did not succeed"),
        (changed(&proof, "database", "other".into()), "of database \"other\""),
        (changed(&proof, "system_identifier", "1".into()), "of cluster 1"),
        (changed(&proof, "system_identifier", Value::Null), "does not say which database"),
        (changed(&proof, "database_oid", Value::Null), "does not say which database"),
        (changed(&proof, "snapshot_time", "2020-01-01T00:00:00Z".into()), "--max-age is"),
        (changed(&proof, "snapshot_time", "2999-01-01T00:00:00Z".into()), "by the server's clock"),
        (changed(&proof, "snapshot_time", "yesterday".into()), "when the snapshot was taken"),
        (proof.replace("\"command\":\"restore\"", "\"command\":\"compare\""), "restored nothing"),
    ];
    let only_taken = text(proof.lines().filter(|line| line.contains("\"pgsnap\"")));
    cases.push((only_taken, "no result of pgverify"));
    for (records, why) in cases {
        shop.with(&records).exit(4).says(why);
        assert!(shop.is_untouched(), "{why}");
    }
    shop.apply().args(["-", "--max-age", "0s"]).input(proof).run().exit(4).says("--max-age is");
}

#[test]
fn a_snapshot_of_another_database_of_the_cluster_is_refused() {
    let (shop, other) = (Shop::new(), Shop::new());
    other.with(&shop.proof()).exit(4).says("and this is database");
}

#[test]
fn a_snapshot_of_a_database_that_bore_the_name_before_is_refused() {
    let (shop, other) = (Shop::new(), Shop::new());
    let proof = shop.proof();
    let name = shop.database.name();
    let postgres = shop.database.cluster().existing("postgres");
    for (from, to) in [(name, "shop_before"), (other.database.name(), name)] {
        postgres.run(&format!("ALTER DATABASE {from} RENAME TO {to}"));
    }
    shop.with(&proof).exit(4).says("made anew under its name");
    assert!(shop.is_untouched());
    for (from, to) in [(name, other.database.name()), ("shop_before", name)] {
        postgres.run(&format!("ALTER DATABASE {from} RENAME TO {to}"));
    }
    shop.with(&proof).success();
}

#[test]
fn rows_are_changed_without_a_proof_only_by_somebodys_decision() {
    let shop = Shop::new();
    shop.apply().run().exit(4).says("orders").says("--no-gate");
    assert!(shop.is_untouched());
    shop.apply().arg("--no-gate").run().success();
    assert_eq!(shop.gate(), [["off", "-", "-"]]);

    let shop = Shop::new();
    shop.apply().env("PGSHIFT_GATE", "on").run().exit(4);
    shop.apply().env("PGSHIFT_GATE", "off").run().success();
    assert_eq!(shop.gate(), [["off", "-", "-"]]);

    let shop = Shop::new();
    shop.directory.write("pgshift.toml", "# development\ngate = \"of\"\n");
    shop.apply().run().exit(2).says("pgshift.toml:2");
    shop.directory.write("pgshift.toml", "gate = \"off\" # mine\n");
    shop.apply().run().success();
    assert_eq!(shop.gate(), [["off", "-", "-"]]);
}

#[test]
fn a_database_without_rows_needs_no_proof() {
    let shop = Shop::new();
    shop.database.run("TRUNCATE orders; CREATE EXTENSION IF NOT EXISTS plpgsql");
    shop.apply().run().success();
    assert_eq!(shop.gate(), [["empty", "-", "-"]]);
    // What pgshift itself wrote down does not count, and where nothing is to be done nobody is asked.
    shop.directory.write("2_b.sql", "INSERT INTO orders VALUES (1)");
    shop.apply().run().success();
    shop.apply().run().success();
    shop.directory.write("3_c.sql", "SELECT 1");
    shop.apply().run().exit(4);
}

#[test]
fn large_objects_and_rows_behind_policies_count() {
    let shop = Shop::new();
    shop.database.run("TRUNCATE orders; SELECT lo_from_bytea(0, 'x')");
    shop.apply().run().exit(4).says("large objects");
    let shop = Shop::new();
    shop.database.run("DELETE FROM orders; ALTER TABLE orders ENABLE ROW LEVEL SECURITY");
    shop.apply().run().exit(4).says("orders");
    shop.database.run("ALTER TABLE orders DISABLE ROW LEVEL SECURITY");
    shop.apply().run().success();
}

#[test]
fn the_copy_of_pgverify_needs_no_proof_and_nothing_else_passes_for_it() {
    let shop = Shop::new();
    Tool::pgsnap("create").database(&shop.database).store(shop.store.path()).run().success();
    let pgshift = std::path::Path::new(env!("CARGO_BIN_EXE_pgshift"));
    let rehearsed = Tool::named("pgverify")
        .args(["restore", "latest"])
        .store(shop.store.path())
        .arg("--")
        .arg(pgshift)
        .args(["apply", "--dir"])
        .arg(shop.directory.path())
        .run()
        .success();
    assert_eq!(rehearsed.record("migration")["state"], "applied");
    assert!(shop.is_untouched());
    shop.apply().env("PGVERIFY_COPY", format!("1/{}", shop.database.name())).run().exit(4);
}
