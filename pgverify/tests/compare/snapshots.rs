//! A side that is a snapshot: the question what restoring it would lose.

use crate::kit::{cluster, differences, rows};
use testkit::{Database, Outcome, TempDir, Tool};

const MADE: &str = "CREATE TABLE t (id int PRIMARY KEY, a text, twice int GENERATED ALWAYS AS (id * 2) STORED); \
    INSERT INTO t SELECT g, 'row ' || g FROM generate_series(1, 1000) g; CREATE TABLE free (a text); INSERT INTO free VALUES ('x'), ('x'); \
    CREATE SEQUENCE s; SELECT setval('s', 5); CREATE MATERIALIZED VIEW m AS SELECT max(id) AS id FROM t; \
    SELECT lo_from_bytea(4711, '\\x0102030405'); \
    CREATE TABLE r (id int, v text) PARTITION BY RANGE (id); CREATE TABLE r1 PARTITION OF r FOR VALUES FROM (0) TO (10); \
    CREATE TABLE r2 PARTITION OF r FOR VALUES FROM (10) TO (20); INSERT INTO r SELECT g, 'v' FROM generate_series(0, 19) g";

struct Made {
    database: Database,
    store: TempDir,
}

fn made(hint: &str, sql: &str) -> Made {
    let database = cluster().database(hint);
    database.run(sql);
    let made = Made { database, store: TempDir::new() };
    made.snapshot(&[]);
    made
}

impl Made {
    fn snapshot(&self, arguments: &[&str]) -> String {
        let tool = Tool::pgsnap("create").database(&self.database).store(self.store.path());
        let outcome = tool.args(arguments.iter().copied()).run().success();
        outcome.result()["snapshot"].as_str().unwrap().to_owned()
    }

    fn compare(&self, a: &str, b: &str, arguments: &[&str]) -> Outcome {
        let tool = Tool::named("pgverify").args(["compare", a, b]).store(self.store.path());
        tool.arg("-a").args(arguments.iter().copied()).run()
    }

    fn live(&self, arguments: &[&str]) -> Outcome {
        self.compare("latest", &self.database.connection(), arguments)
    }
}

#[test]
fn what_was_written_since_the_snapshot_is_told() {
    let made = made("rollback", MADE);
    made.live(&[]).success();
    let outcome = made.live(&["--rows"]).success().says("restoring it would lose none");
    assert_eq!(outcome.result()["proved"], true);
    made.database.run(
        "INSERT INTO t VALUES (2000, 'new'); UPDATE t SET a = 'changed' WHERE id IN (5, 6); DELETE FROM t WHERE id = 7; INSERT INTO free VALUES ('x')",
    );
    let outcome = made.live(&["--rows"]).exit(1);
    let mut found = rows(&outcome);
    found.sort();
    assert_eq!(
        found,
        [
            r#"changed {"id":"5"} ["a"]"#,
            r#"changed {"id":"6"} ["a"]"#,
            r#"extra {"id":"2000"} []"#,
            "extra {} []",
            r#"missing {"id":"7"} []"#
        ]
    );
    let outcome =
        outcome.says("2 rows added, 2 rows changed and 1 row deleted: that would be lost by restoring it");
    // Tables are looked at side by side: whichever is done first is told first.
    let mut tables = differences(&outcome);
    tables.sort();
    assert_eq!(tables, ["table \"public\".\"free\": rows", "table \"public\".\"t\": rows"]);
    // The other way round, what is extra is missing.
    let turned = made.compare(&made.database.connection(), "latest", &["--rows"]).exit(1);
    assert_eq!(turned.result()["rows_missing"], 2);
}

#[test]
fn two_snapshots_are_compared_without_a_server() {
    let made = made("snapshots", MADE);
    let second = made.snapshot(&[]);
    let first = std::fs::read_dir(made.store.path().join("snapshots")).unwrap();
    let mut names: Vec<String> = first
        .map(|entry| entry.unwrap().file_name().to_string_lossy().trim_end_matches(".json").to_owned())
        .collect();
    names.sort();
    assert_eq!(names[1], second);
    made.compare(&names[0], &names[1], &["--rows"]).success();
    made.compare(&names[0], &names[0], &[]).exit(2).says("with itself");
    made.database.run("UPDATE t SET a = 'changed' WHERE id = 5; SELECT setval('s', 6); SELECT lo_put(4711, 0, '\\xff'); ALTER TABLE t ADD more int");
    made.snapshot(&[]);
    let outcome = made.compare(&names[0], "latest", &["--rows"]).exit(1);
    assert_eq!(rows(&outcome), [r#"changed {"id":"5"} ["a"]"#]);
    let mut said = differences(&outcome);
    said.sort();
    assert_eq!(
        said,
        [
            "column \"public\".\"t\".\"more\": type",
            "large object 4711: content",
            "sequence \"public\".\"s\": state",
            "table \"public\".\"t\": rows"
        ]
    );
}

#[test]
fn columns_that_came_and_went_since_then_do_not_hide_the_rest() {
    let made = made(
        "altered",
        "CREATE TABLE t (id int PRIMARY KEY, gone text, a text); INSERT INTO t SELECT g, 'g', 'row ' || g FROM generate_series(1, 100) g",
    );
    made.database.run("ALTER TABLE t DROP COLUMN gone; ALTER TABLE t ADD COLUMN fresh int; UPDATE t SET a = 'changed' WHERE id = 9");
    let outcome = made.live(&["--rows"]).exit(1);
    assert_eq!(rows(&outcome), [r#"changed {"id":"9"} ["a"]"#]);
    let said = differences(&outcome);
    assert!(said.contains(&"column \"public\".\"t\".\"gone\": type".to_owned()), "{outcome}");
    assert!(said.contains(&"column \"public\".\"t\".\"fresh\": type".to_owned()), "{outcome}");
    made.live(&[]).exit(1);
}

#[test]
fn a_generated_column_that_comes_out_otherwise_is_seen() {
    let made = made(
        "generated",
        "CREATE FUNCTION factor() RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 2'; \
         CREATE TABLE g (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * factor()) STORED); INSERT INTO g VALUES (1), (2)",
    );
    made.live(&["--rows"]).success();
    made.database.run("CREATE OR REPLACE FUNCTION factor() RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 3'; UPDATE g SET id = id");
    for arguments in [&[][..], &["--rows"]] {
        let outcome = made.live(arguments).exit(1);
        assert_eq!(differences(&outcome), ["generated columns of table \"public\".\"g\": rows"]);
    }
}

#[test]
fn partitions_that_changed_are_the_union_of_the_snapshots() {
    let made = made("union", MADE);
    made.database.run("ALTER TABLE r DETACH PARTITION r2; CREATE TABLE r3 PARTITION OF r FOR VALUES FROM (10) TO (30); INSERT INTO r SELECT * FROM r2; DROP TABLE r2");
    let outcome = made.live(&["--rows"]).success();
    let whole = outcome.records_of("table").into_iter().find(|table| table["table"] == "r").unwrap().clone();
    assert_eq!((&whole["whole"], &whole["a_rows"]), (&true.into(), &20.into()));
    made.database.run("DELETE FROM r WHERE id = 15");
    let outcome = made.live(&["--rows"]).exit(1);
    assert_eq!(outcome.result()["rows_missing"], 1);
}

#[test]
fn a_stale_view_of_a_snapshot_is_a_warning() {
    let made = made("stale", MADE);
    made.database
        .run("INSERT INTO t VALUES (5000); REFRESH MATERIALIZED VIEW m; DELETE FROM t WHERE id = 5000");
    let outcome = made.live(&[]).success().says("materialized view \"public\".\"m\" differs");
    assert_eq!(outcome.record("warning")["code"], "matview_differs");
}

#[test]
fn only_what_the_snapshot_holds_is_compared() {
    let made =
        made("held", "CREATE SCHEMA app; CREATE TABLE app.t (id int); CREATE TABLE public.other (id int)");
    made.snapshot(&["-n", "app"]);
    made.database.run("INSERT INTO public.other VALUES (1)");
    let outcome = made.live(&[]).success();
    assert_eq!(outcome.result()["tables"], 1);
    made.snapshot(&["--exclude-table-data", "other"]);
    let outcome = made.live(&[]).exit(3);
    assert_eq!(outcome.record("skipped")["object"], "table \"public\".\"other\"");
    made.live(&["-T", "other"]).success();
}

#[test]
fn damage_in_the_store_is_never_equal() {
    let made = made("damage", MADE);
    made.database.run("UPDATE t SET a = 'changed' WHERE id = 5");
    for file in made.store.files().iter().filter(|file| file.starts_with("blocks/")) {
        let path = made.store.join(file);
        let bytes = std::fs::read(&path).unwrap();
        let mut damaged = bytes.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 4;
        std::fs::write(&path, &damaged).unwrap();
        let mut outcome = made.live(&["--rows"]);
        let code = outcome.code();
        assert!(code == 3 || code == 1, "{file}: {outcome}");
        std::fs::write(&path, &bytes).unwrap();
    }
}

#[test]
fn records_on_stdin_name_the_snapshot_and_a_failed_one_is_refused() {
    let made = made("stdin", MADE);
    let created = Tool::pgsnap("create").database(&made.database).store(made.store.path()).run().success();
    let compare = |input: Vec<u8>| {
        let tool = Tool::named("pgverify").args(["compare", "-"]).arg(made.database.connection());
        tool.store(made.store.path()).arg("-a").input(input).run()
    };
    let outcome = compare(created.stdout_bytes().to_vec()).success();
    assert_eq!(outcome.result()["snapshot"], created.result()["snapshot"]);
    assert_eq!(outcome.records()[0]["tool"], "pgsnap", "what came in is passed on");
    let failed = Tool::pgsnap("create")
        .arg("-d")
        .arg("dbname=nowhere host=/nowhere")
        .store(made.store.path())
        .run()
        .exit(3);
    compare(failed.stdout_bytes().to_vec()).exit(4).says("pgsnap did not succeed");
    let lines = created.stdout();
    let cut: Vec<&str> = lines.lines().collect();
    compare(cut[..cut.len() - 1].join("\n").into_bytes()).exit(4).says("cut off");
    compare(Vec::new()).exit(4);
}

#[test]
fn a_snapshot_without_a_store_and_a_name_that_fits_nothing_are_told() {
    let made = made("names", "CREATE TABLE t (id int)");
    let database = made.database.connection();
    Tool::named("pgverify").args(["compare", "latest", &database]).run().exit(2).says("no store was named");
    made.compare("2001", &database, &[]).exit(3).says("no snapshot");
    made.compare("latest:nowhere", &database, &[]).exit(3).says("no snapshot of database");
    made.compare(&format!("latest:{}", made.database.name()), &database, &[]).success();
}
