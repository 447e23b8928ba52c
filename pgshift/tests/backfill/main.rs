//! Backfills from outside: each row once, whatever happens in between.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod directive;
mod faults;
mod keys;

use testkit::{Cluster, Database, Outcome, Started, TempDir, Tool, newest_major};

/// A table with a log of its changes, and a directory for migrations.
struct Shop {
    database: Database,
    directory: TempDir,
}

/// The change that most tests make.
const DOUBLE: &str =
    "-- pgshift: backfill table=public.t batch=10\nUPDATE t SET a = a * 2 WHERE a IS NOT NULL AND :batch;";

impl Shop {
    /// 200 rows; who changes row 55 has to get past the advisory lock 7.
    fn new(files: &[(&str, &str)]) -> Self {
        Self::on(Cluster::shared(newest_major()).database("shop"), files)
    }

    fn on(database: Database, files: &[(&str, &str)]) -> Self {
        database.run(
            "CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 200) i; \
             CREATE TABLE log (id int); \
             CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN \
             IF NEW.id = 55 THEN PERFORM pg_advisory_xact_lock(7); END IF; \
             INSERT INTO log VALUES (NEW.id); RETURN NEW; END$$; \
             CREATE TRIGGER log BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION log(); ANALYZE t",
        );
        let shop = Self { database, directory: TempDir::new() };
        for (name, text) in files {
            shop.directory.write(name, text);
        }
        shop
    }

    fn tool(&self, command: &str) -> Tool {
        Tool::named("pgshift").arg(command).database(&self.database).arg("--dir").arg(self.directory.path())
    }

    fn apply(&self) -> Tool {
        self.tool("apply").arg("--no-gate")
    }

    fn history(&self) -> Vec<Vec<String>> {
        self.database.rows("SELECT version, state, statements_done FROM pgshift.migrations ORDER BY id")
    }

    fn logged(&self) -> String {
        self.database.scalar("SELECT count(*) FROM log")
    }

    /// Waits until a batch waits for a lock.
    fn until_it_waits(&self, started: &mut Started) {
        started.wait_until("it waits for a lock", || {
            let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                           AND application_name = 'pgshift' AND wait_event_type = 'Lock'";
            self.database.scalar(waiting) != "0"
        });
    }

    /// All 200 rows were changed, and none of them twice.
    fn each_once(&self, outcome: &Outcome) {
        let wrong = "SELECT count(*) FROM t LEFT JOIN (SELECT id, count(*) AS n FROM log GROUP BY id) l USING (id) \
                     WHERE id <= 200 AND (n IS DISTINCT FROM 1 OR a <> id * 2)";
        assert_eq!(self.database.scalar(wrong), "0", "{outcome}");
        assert_eq!(self.logged(), "200", "{outcome}");
    }
}

#[test]
fn rows_are_changed_once_in_batches_that_are_told_of() {
    let shop = Shop::new(&[("1_double.sql", DOUBLE), ("2_after.sql", "CREATE TABLE after ();")]);
    let plan = shop.tool("plan").run().success();
    assert_eq!(plan.record("backfill")["state"], "planned", "{plan}");
    assert_eq!(plan.records_of("statement")[0]["locks"][0], "ROW EXCLUSIVE on \"public\".\"t\"", "{plan}");

    let applied = shop.apply().run().success();
    shop.each_once(&applied);
    let told = applied.records_of("backfill");
    let (first, last) = (told.first().unwrap(), told.last().unwrap());
    assert_eq!((&first["state"], &first["rows_done"]), (&"running".into(), &0.into()), "{applied}");
    assert_eq!((&last["state"], &last["rows_done"]), (&"done".into(), &200.into()), "{applied}");
    assert_eq!(last["rows_estimated"], 200, "{applied}");
    assert_eq!(last["key"], serde_json::json!(["id"]), "{applied}");
    assert!(last["batches"].as_u64().unwrap() > 1, "{applied}");
    let transactions = shop.database.scalar("SELECT count(DISTINCT xmin::text) FROM t");
    assert_eq!(last["batches"].to_string(), transactions, "{applied}");
    assert_eq!(shop.history(), [["1", "applied", "1"], ["2", "applied", "1"]]);

    assert_eq!(shop.apply().run().success().records_of("backfill").len(), 0);
    shop.each_once(&applied);
}

#[test]
fn a_table_without_rows_is_done_at_once() {
    let shop = Shop::new(&[("1_double.sql", DOUBLE)]);
    shop.database.run("TRUNCATE t");
    let applied = shop.apply().run().success();
    assert_eq!(applied.records_of("backfill").last().unwrap()["rows_done"], 0, "{applied}");
    assert_eq!(shop.history(), [["1", "applied", "1"]]);
}

#[test]
fn a_backfill_is_taken_back_by_another_and_applied_again() {
    let half = "-- pgshift: backfill table=t batch=30\nUPDATE t SET a = a / 2 WHERE :batch";
    let shop = Shop::new(&[("1_double.sql", DOUBLE), ("1_double.down.sql", half)]);
    shop.apply().run().success();
    shop.tool("revert").run().success();
    assert_eq!(shop.database.scalar("SELECT count(*) FROM t WHERE a = id"), "200");
    assert_eq!(shop.history(), [["1", "reverted", "1"]]);
    shop.apply().run().success();
    assert_eq!(shop.database.scalar("SELECT count(*) FROM t WHERE a = id * 2"), "200");
    assert_eq!(shop.logged(), "600");
}

#[test]
fn lint_reads_it_and_knows_that_it_is_done_in_batches() {
    let all = "UPDATE t SET a = a * 2";
    let shop = Shop::new(&[("1_all.sql", all)]);
    let lint = |shop: &Shop| shop.tool("lint").args(["--small-rows", "1", "--small-bytes", "1"]).run();
    let rules = |outcome: &Outcome| -> Vec<String> {
        outcome.records_of("finding").iter().map(|finding| finding["rule"].to_string()).collect()
    };
    let found = lint(&shop).exit(1);
    assert!(rules(&found).contains(&"\"whole-table-change\"".to_owned()), "{found}");
    shop.directory.write("1_all.sql", format!("-- pgshift: backfill table=t\n{all} WHERE :batch"));
    let found = lint(&shop).success();
    assert!(found.records_of("finding").is_empty(), "{found}");
}

#[test]
fn a_squashed_backfill_changes_the_rows_of_the_migrations_before_it() {
    let seed = "CREATE TABLE s (id int PRIMARY KEY, n int); INSERT INTO s VALUES (1, 0), (2, 0);";
    let text = "-- pgshift: backfill table=s\nUPDATE s SET n = id + 1 WHERE :batch;";
    let shop = Shop::new(&[("1_seed.sql", seed), ("2_n.sql", text), ("3_x.sql", "CREATE TABLE x ();")]);
    Tool::named("pgshift").args(["squash", "--to", "3", "--dir"]).arg(shop.directory.path()).run().success();
    for file in ["1_seed.sql", "2_n.sql", "3_x.sql"] {
        std::fs::remove_file(shop.directory.join(file)).unwrap();
    }
    let applied = shop.apply().run().success();
    assert_eq!(shop.database.rows("SELECT id, n FROM s ORDER BY id"), [["1", "2"], ["2", "3"]], "{applied}");
}
