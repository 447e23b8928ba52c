//! `pgshift lint` and `pgshift stats` from outside: what is known live is known offline, and nobody waits for either.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

use serde_json::Value;
use std::fs;
use testkit::{Cluster, Database, TempDir, Tool, majors, newest_major};

/// One large table, one small one, and what belongs to them.
fn shop(major: u32) -> Database {
    let database = Cluster::shared(major).database("shop");
    database.run(
        "CREATE TABLE customers (id int PRIMARY KEY, name varchar(20)); \
         CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, note text DEFAULT 'a secret of orders', \
             n int CHECK (n IS NOT NULL)); \
         INSERT INTO customers SELECT i, 'a secret' FROM generate_series(1, 10) i; \
         INSERT INTO orders SELECT i, 1 + i % 10, 'a secret', i FROM generate_series(1, 20000) i; \
         CREATE INDEX orders_lower ON orders (id, lower(note)) WHERE note <> 'a secret of indexes'; \
         CREATE VIEW v AS SELECT id FROM orders WHERE note <> 'a secret of views'; \
         CREATE MATERIALIZED VIEW m AS SELECT id FROM orders; \
         CREATE TABLE p (k int) PARTITION BY RANGE (k); \
         CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10); \
         CREATE TABLE pd PARTITION OF p DEFAULT; \
         ANALYZE;",
    );
    database
}

fn migrations() -> TempDir {
    let directory = TempDir::new();
    for (name, sql) in [
        (
            "0001_notes.sql",
            "CREATE INDEX orders_note ON orders (note);\nCREATE INDEX customers_name ON customers (name);\n",
        ),
        (
            "0002_types.sql",
            "ALTER TABLE orders ALTER COLUMN id TYPE bigint;\nALTER TABLE customers ALTER COLUMN name TYPE text;\n",
        ),
        (
            "0003_null.sql",
            "ALTER TABLE orders ALTER COLUMN n SET NOT NULL;\nALTER TABLE orders ALTER COLUMN note SET NOT NULL;\n",
        ),
        (
            "0004_view.sql",
            "REFRESH MATERIALIZED VIEW m;\nCREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);\n",
        ),
    ] {
        fs::write(directory.join(name), sql).unwrap();
    }
    directory
}

/// To it, 20,000 rows are many.
fn lint(directory: &TempDir) -> Tool {
    Tool::named("pgshift").args(["lint", "--small-rows", "1000", "--dir"]).arg(directory.path())
}

/// Rule and place of each finding, and all that does not differ from run to run.
fn findings(records: &[&Value]) -> Vec<Value> {
    records
        .iter()
        .map(|record| {
            let mut record = (*record).clone();
            let fields = record.as_object_mut().unwrap();
            for name in ["time", "run", "writes_per_second"] {
                fields.remove(name);
            }
            record
        })
        .collect()
}

fn rules(records: &[&Value]) -> Vec<(String, u64)> {
    records
        .iter()
        .map(|record| (record["rule"].as_str().unwrap().to_owned(), record["line"].as_u64().unwrap()))
        .collect()
}

#[test]
fn what_stats_wrote_is_judged_as_the_database_is() {
    for major in majors() {
        let (database, migrations, files) = (shop(major), migrations(), TempDir::new());
        let stats = Tool::named("pgshift")
            .arg("stats")
            .database(&database)
            .args(["--format", "jsonl"])
            .run()
            .success();
        fs::write(files.join("stats.jsonl"), stats.stdout_bytes()).unwrap();
        let live = lint(&migrations).database(&database).run().exit(1);
        let offline = lint(&migrations).arg("--stats").arg(files.join("stats.jsonl")).run().exit(1);
        let live = live.records_of("finding");
        assert_eq!(findings(&live), findings(&offline.records_of("finding")), "{major}");
        let expected = [
            ("require-concurrent-index-creation", 1),
            ("changing-column-type", 1),
            ("adding-not-nullable-field", 2),
            ("refresh-materialized-view", 1),
        ];
        let expected: Vec<_> = expected.map(|(rule, line)| (rule.to_owned(), line)).into_iter().collect();
        assert_eq!(rules(&live), expected, "{major}");
        let told: Vec<_> = live.iter().map(|record| (&record["certainty"], &record["rows"])).collect();
        assert!(told.iter().all(|told| *told == (&Value::from("exact"), &Value::from(20_000))), "{told:?}");
    }
}

#[test]
fn stats_tell_nothing_of_rows_and_expressions() {
    let database = shop(newest_major());
    let stats = Tool::named("pgshift").arg("stats").database(&database).run().success().hides("a secret");
    let proven: Vec<&Value> = stats
        .records_of("constraint_stats")
        .into_iter()
        .filter(|record| record["proves_not_null"] == serde_json::json!(["n"]))
        .collect();
    assert_eq!(proven.len(), 1, "{stats}");
}

#[test]
fn statistics_that_were_cut_off_are_refused() {
    let (database, migrations, files) = (shop(newest_major()), migrations(), TempDir::new());
    let stats = Tool::named("pgshift").arg("stats").database(&database).run().success().stdout();
    let (cut, _result) = stats.trim_end().rsplit_once('\n').unwrap();
    fs::write(files.join("stats.jsonl"), format!("{cut}\n")).unwrap();
    let refused = lint(&migrations).arg("--stats").arg(files.join("stats.jsonl")).run().exit(4);
    assert_eq!(refused.record("error")["code"], "bad_stats");
}

#[test]
fn a_role_that_may_only_read_catalogs_is_enough_and_a_locked_table_does_not_stop_it() {
    let (database, migrations) = (shop(newest_major()), migrations());
    database.run("DROP ROLE IF EXISTS onlooker; CREATE ROLE onlooker LOGIN");
    database.run("ALTER ROLE onlooker SET default_transaction_read_only = on");
    let _held = database.hold("BEGIN; LOCK TABLE orders");
    let connection = database.connection().replace("user=postgres", "user=onlooker");
    let judged = lint(&migrations).arg("-d").arg(connection).run().exit(1);
    assert!(judged.records_of("finding").len() >= 4, "{judged}");
    database.cluster().existing("postgres").run("SELECT 1");
}

#[test]
fn without_a_database_it_warns_and_succeeds_unless_told_to_fail() {
    let migrations = migrations();
    let judged = lint(&migrations).run().success();
    let found = judged.records_of("finding");
    assert!(!found.is_empty() && found.iter().all(|record| record["severity"] != "error"), "{judged}");
    assert!(found.iter().all(|record| record["certainty"] == "assumed"), "{judged}");
    assert_eq!(judged.result()["files"], 4);
    let failed = lint(&migrations).args(["--fail-on", "warning"]).run().exit(1);
    assert_eq!(failed.result()["status"], "no");
    lint(&migrations)
        .args(["--fail-on", "warning", "--no-rule", "no-such-rule"])
        .run()
        .exit(2)
        .says("--rules");
}

#[test]
fn files_can_be_named_and_rules_switched() {
    let files = TempDir::new();
    fs::write(files.join("a.sql"), "CREATE TABLE t (n int);\n").unwrap();
    let lint = || Tool::named("pgshift").arg("lint").arg(files.join("a.sql"));
    assert!(lint().run().success().records_of("finding").is_empty());
    let judged = lint().args(["--rule", "prefer-bigint-over-int"]).run().success();
    assert_eq!(judged.record("finding")["rule"], "prefer-bigint-over-int");
    let listed = Tool::named("pgshift").args(["lint", "--rules"]).run().success();
    assert!(
        listed
            .records_of("rule")
            .iter()
            .any(|rule| rule["rule"] == "prefer-bigint-over-int" && rule["on"] == false)
    );
}

#[test]
fn findings_become_sarif_and_annotations() {
    let migrations = migrations();
    let sarif = lint(&migrations).args(["--format", "sarif"]).raw().run().exit(0);
    let document: Value = serde_json::from_str(&sarif.stdout()).unwrap();
    assert_eq!(document["version"], "2.1.0");
    assert_eq!(document["runs"][0]["results"][0]["ruleId"], "require-concurrent-index-creation");
    let github = lint(&migrations).args(["--format", "github"]).raw().run().exit(0).stdout();
    assert!(
        github.starts_with("::warning file=") && github.lines().all(|line| line.starts_with("::")),
        "{github}"
    );
}

#[test]
fn commands_that_judge_no_files_refuse_those_formats() {
    for format in ["sarif", "github"] {
        let refused =
            Tool::named("pgshift").args(["stats", "-d", "postgres", "--format", format]).run().exit(2);
        assert!(refused.stderr().contains("has nothing to say as"), "{refused}");
    }
}

#[test]
fn with_a_database_only_what_is_pending_is_judged() {
    let (database, migrations) = (shop(newest_major()), TempDir::new());
    fs::write(migrations.join("0001_a.sql"), "CREATE INDEX orders_a ON orders (note);\n").unwrap();
    let apply = Tool::named("pgshift").args(["apply", "--no-gate", "--dir"]).arg(migrations.path());
    apply.database(&database).run().success();
    fs::write(migrations.join("0002_b.sql"), "CREATE INDEX orders_b ON orders (note);\n").unwrap();
    let judged = lint(&migrations).database(&database).run().exit(1);
    assert!(judged.record("finding")["file"].as_str().unwrap().ends_with("0002_b.sql"), "{judged}");
    let judged = lint(&migrations).database(&database).arg("--all").run().exit(1);
    assert_eq!(judged.records_of("finding").len(), 2, "{judged}");
}

#[test]
fn a_plan_tells_the_locks_and_the_work_of_each_statement() {
    let (database, migrations) = (shop(newest_major()), TempDir::new());
    let sql = "CREATE TABLE new (id int REFERENCES customers);\n\
               CREATE INDEX new_id ON new (id);\n\
               ALTER TABLE orders ALTER COLUMN id TYPE bigint;\n\
               DO $$ BEGIN NULL; END $$;\n";
    fs::write(migrations.join("0001_a.sql"), sql).unwrap();
    let plan = Tool::named("pgshift").args(["plan", "--dir"]).arg(migrations.path());
    let plan = plan.database(&database).run().success();
    let statements = plan.records_of("statement");
    let of = |number: usize, field: &str| statements[number].get(field).cloned().unwrap_or_default();
    let list = |text: &str| serde_json::json!([text]);
    assert_eq!(of(0, "locks"), list(r#"SHARE ROW EXCLUSIVE on "public"."customers""#));
    assert_eq!(of(0, "blocks_writes"), list(r#""public"."customers""#));
    assert_eq!(of(0, "blocks_reads"), Value::Null);
    assert_eq!(of(1, "locks"), Value::Null, "nobody else can wait for a table that is new");
    assert_eq!(of(2, "locks"), list(r#"ACCESS EXCLUSIVE on "public"."orders""#));
    assert_eq!(of(2, "work"), list(r#"rewrite of "public"."orders""#));
    assert_eq!(of(2, "work_rows"), 20_000);
    assert!(of(3, "unknown").as_str().unwrap().contains("DO"), "{plan}");
}
