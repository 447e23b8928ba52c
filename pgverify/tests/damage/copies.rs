//! The restored side, damaged by one statement at a time: `pgverify compare SNAPSHOT LIVE` sees it and names object and key.

use crate::sound::create;
use serde_json::Value;
use std::path::Path;
use testkit::{Cluster, Database, Outcome, TempDir, Tool, newest_major};

const MADE: &str = "
    DO $$ BEGIN CREATE ROLE damage_owner; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
    CREATE TABLE parent (id int PRIMARY KEY);
    INSERT INTO parent SELECT generate_series(1, 50);
    CREATE TABLE t (id int PRIMARY KEY, v text, f float8, r real, d date, ts timestamptz, n numeric,
        parent int CONSTRAINT of_parent REFERENCES parent, CONSTRAINT positive CHECK (id > 0));
    INSERT INTO t SELECT g, 'row ' || g, g / 3.0, g / 3.0, date '2024-01-01' + g, 'infinity', 1.10, g FROM generate_series(1, 50) g;
    INSERT INTO t VALUES (51, NULL, 0.1, 'NaN', '0044-03-15 BC', '-infinity', 'NaN', NULL), (52, '', '-0', 0, 'infinity', NULL, 0, NULL);
    CREATE TABLE free (a int, b text);
    INSERT INTO free SELECT g % 5, 'x' FROM generate_series(1, 20) g;
    CREATE INDEX by_value ON t (v);
    CREATE VIEW seen AS SELECT id, v FROM t;
    CREATE MATERIALIZED VIEW filled AS SELECT count(*) AS n FROM parent;
    CREATE SEQUENCE counter;
    SELECT setval('counter', 10);
    CREATE FUNCTION changed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER watch AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION changed();
    CREATE POLICY some_rows ON t USING (id > 1);
    CREATE TYPE state AS ENUM ('new', 'done');
    SELECT lo_from_bytea(4711, '\\x0102030405');
    COMMENT ON LARGE OBJECT 4711 IS 'a picture';
    COMMENT ON TABLE t IS 'said';
    COMMENT ON COLUMN t.v IS 'of the column';
    GRANT SELECT ON t TO damage_owner;
    GRANT UPDATE (v) ON t TO damage_owner;
    CREATE PUBLICATION sends FOR TABLE t;
";

/// What is done to the copy, which object is named, and which of its properties.
const CHANGES: &[(&str, &str, &str)] = &[
    ("ALTER TABLE t OWNER TO damage_owner", "table \"public\".\"t\"", "owner"),
    ("ALTER FUNCTION changed() OWNER TO damage_owner", "function \"public\".\"changed\"()", "owner"),
    ("REVOKE SELECT ON t FROM damage_owner", "table \"public\".\"t\"", "privileges"),
    ("GRANT INSERT ON t TO damage_owner", "table \"public\".\"t\"", "privileges"),
    ("REVOKE UPDATE (v) ON t FROM damage_owner", "column \"public\".\"t\".\"v\"", "privileges"),
    (
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO damage_owner",
        "default privileges of \"postgres\" on tables",
        "presence",
    ),
    ("ALTER TABLE t DISABLE TRIGGER watch", "trigger \"watch\" on \"public\".\"t\"", "enabled"),
    ("ALTER TABLE t ENABLE ALWAYS TRIGGER watch", "trigger \"watch\" on \"public\".\"t\"", "enabled"),
    ("DROP TRIGGER watch ON t", "trigger \"watch\" on \"public\".\"t\"", "presence"),
    (
        "ALTER TABLE t DROP CONSTRAINT of_parent, ADD CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES parent NOT VALID",
        "constraint \"of_parent\" on \"public\".\"t\"",
        "validated",
    ),
    (
        "ALTER TABLE t DROP CONSTRAINT positive, ADD CONSTRAINT positive CHECK (id > 0) NOT VALID",
        "constraint \"positive\" on \"public\".\"t\"",
        "validated",
    ),
    ("ALTER TABLE t DROP CONSTRAINT positive", "constraint \"positive\" on \"public\".\"t\"", "presence"),
    (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'by_value'::regclass",
        "index \"public\".\"by_value\"",
        "valid",
    ),
    ("DROP INDEX by_value", "index \"public\".\"by_value\"", "presence"),
    ("COMMENT ON TABLE t IS NULL", "table \"public\".\"t\"", "comment"),
    ("COMMENT ON COLUMN t.v IS NULL", "column \"public\".\"t\".\"v\"", "comment"),
    ("DROP VIEW seen", "view \"public\".\"seen\"", "presence"),
    (
        "CREATE OR REPLACE VIEW seen AS SELECT id, v FROM t WHERE id > 0",
        "view \"public\".\"seen\"",
        "definition",
    ),
    ("ALTER TABLE t ALTER COLUMN v SET DEFAULT 'x'", "column \"public\".\"t\".\"v\"", "default"),
    ("ALTER TABLE t ALTER COLUMN n SET NOT NULL", "column \"public\".\"t\".\"n\"", "not null"),
    ("ALTER TABLE t ENABLE ROW LEVEL SECURITY", "table \"public\".\"t\"", "row security"),
    ("DROP POLICY some_rows ON t", "policy \"some_rows\" on \"public\".\"t\"", "presence"),
    ("ALTER TYPE state ADD VALUE 'more'", "type \"public\".\"state\"", "labels"),
    ("ALTER SEQUENCE counter INCREMENT 2", "sequence \"public\".\"counter\"", "increment"),
    ("DROP PUBLICATION sends", "publication \"sends\"", "presence"),
    ("SELECT setval('counter', 9)", "sequence \"public\".\"counter\"", "state"),
    ("SELECT setval('counter', 10, false)", "sequence \"public\".\"counter\"", "state"),
    ("SELECT lo_put(4711, 4, '\\x06')", "large object 4711", "content"),
    ("ALTER LARGE OBJECT 4711 OWNER TO damage_owner", "large object 4711", "owner"),
    ("GRANT SELECT ON LARGE OBJECT 4711 TO damage_owner", "large object 4711", "privileges"),
    ("COMMENT ON LARGE OBJECT 4711 IS NULL", "large object 4711", "comment"),
];

/// What is done to rows of the copy, their table, and what is told of them.
const ROWS: &[(&str, &str, &[&str])] = &[
    ("one lost", "DELETE FROM t WHERE id = 7", &["t missing id=7 "]),
    ("one more", "INSERT INTO t VALUES (99)", &["t extra id=99 "]),
    ("one doubled, without a key", "INSERT INTO free VALUES (1, 'x')", &["free extra  "]),
    ("one byte", "UPDATE t SET v = 'row 0' WHERE id = 8", &["t changed id=8 v"]),
    ("only the case of a letter", "UPDATE t SET v = 'Row 8' WHERE id = 8", &["t changed id=8 v"]),
    ("a float's last digit", "UPDATE t SET f = f + 4.5e-16 WHERE id = 2", &["t changed id=2 f"]),
    ("a real's last digit", "UPDATE t SET r = r + 6e-8::real WHERE id = 2", &["t changed id=2 r"]),
    ("the sign of zero", "UPDATE t SET f = 0.0 WHERE id = 52", &["t changed id=52 f"]),
    ("NULL to an empty string", "UPDATE t SET v = '' WHERE id = 51", &["t changed id=51 v"]),
    ("an empty string to NULL", "UPDATE t SET v = NULL WHERE id = 52", &["t changed id=52 v"]),
    ("an infinity", "UPDATE t SET ts = '-infinity' WHERE id = 1", &["t changed id=1 ts"]),
    (
        "an infinity to the last moment",
        "UPDATE t SET ts = '294276-12-31 23:59:59.999999+00' WHERE id = 1",
        &["t changed id=1 ts"],
    ),
    ("a date before Christ", "UPDATE t SET d = '0044-03-15' WHERE id = 51", &["t changed id=51 d"]),
    ("not a number", "UPDATE t SET n = 0 WHERE id = 51", &["t changed id=51 n"]),
    ("the scale of a number", "UPDATE t SET n = 1.1 WHERE id = 3", &["t changed id=3 n"]),
    (
        "values swapped between two rows",
        "UPDATE t SET v = CASE id WHEN 10 THEN 'row 11' ELSE 'row 10' END WHERE id IN (10, 11)",
        &["t changed id=10 v", "t changed id=11 v"],
    ),
];

/// A snapshot, and what was restored from it.
struct Scene {
    place: TempDir,
    restored: Database,
}

impl Scene {
    fn new(name: &str) -> Self {
        let cluster = Cluster::shared(newest_major());
        let source = cluster.database(name);
        source.run(MADE);
        let place = TempDir::new();
        drop(create(&source, place.path()));
        let restored = cluster.existing(&format!("{name}_restored"));
        Tool::pgsnap("restore")
            .arg("latest")
            .store(place.path())
            .database(&restored)
            .arg("--create")
            .run()
            .success();
        Self { place, restored }
    }

    /// The restored database after `change`, compared with the snapshot.
    fn compare_after(&self, change: &str) -> Outcome {
        let cluster = self.restored.cluster();
        let copy = cluster.database_with("changed", &format!("TEMPLATE {}", self.restored.name()));
        copy.run(change);
        let outcome = compare(self.place.path(), &copy);
        cluster.existing("postgres").run(&format!("DROP DATABASE {}", copy.name()));
        outcome
    }
}

fn compare(store: &Path, copy: &Database) -> Outcome {
    Tool::named("pgverify")
        .args(["compare", "latest"])
        .arg(copy.connection())
        .arg("--rows")
        .store(store)
        .run()
}

fn differences(outcome: &Outcome) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let told = outcome.records_of("difference");
    told.iter().map(|difference| (text(&difference["object"]), text(&difference["property"]))).collect()
}

/// Rows that are told, as `TABLE KIND KEY COLUMNS`.
fn rows(outcome: &Outcome) -> Vec<String> {
    let short = |row: &&Value| {
        let key = row["key"].as_object().unwrap().iter();
        let key: Vec<_> =
            key.map(|(column, value)| format!("{column}={}", value.as_str().unwrap())).collect();
        let columns: Vec<_> =
            row["columns"].as_array().unwrap().iter().map(|column| column.as_str().unwrap()).collect();
        let [table, kind] = ["table", "kind"].map(|field| row[field].as_str().unwrap());
        format!("{table} {kind} {} {}", key.join(","), columns.join(","))
    };
    let mut rows: Vec<_> = outcome.records_of("row").iter().map(short).collect();
    rows.sort();
    rows
}

#[test]
fn every_change_of_an_object_is_seen_and_named() {
    let scene = Scene::new("objects_damaged");
    let mut wrong = Vec::new();
    drop(compare(scene.place.path(), &scene.restored).success());
    for (change, object, property) in CHANGES {
        let mut outcome = scene.compare_after(change);
        let found = differences(&outcome);
        // Some changes are more than one difference: with its owner a table's privileges change.
        let told = found.contains(&((*object).to_owned(), (*property).to_owned()));
        if !told || outcome.code() != 1 || outcome.result()["proved"] != false {
            wrong.push(format!("{change}: exit code {}, {found:?}", outcome.code()));
        }
    }
    assert!(wrong.is_empty(), "not told as expected:\n{}", wrong.join("\n"));
}

#[test]
fn every_change_of_a_row_is_seen_and_its_key_named() {
    let scene = Scene::new("rows_damaged");
    let mut wrong = Vec::new();
    for (name, change, expected) in ROWS {
        let mut outcome = scene.compare_after(change);
        let found = rows(&outcome);
        let table = expected[0].split(' ').next().unwrap();
        let object = format!("table \"public\".\"{table}\"");
        let told = found == *expected && differences(&outcome) == [(object, "rows".to_owned())];
        if !told || outcome.code() != 1 {
            let code = outcome.code();
            wrong.push(format!("{name}: exit code {code}, {found:?} {:?}", differences(&outcome)));
        }
    }
    assert!(wrong.is_empty(), "not told as expected:\n{}", wrong.join("\n"));
}

#[test]
fn a_table_more_or_less_is_seen_and_named() {
    let scene = Scene::new("tables_damaged");
    for (change, table, verdict) in [
        ("CREATE TABLE extra (id int)", "extra", "only_b"),
        ("DROP TABLE free", "free", "only_a"),
        ("ALTER TABLE free RENAME TO freed", "free", "only_a"),
    ] {
        let outcome = scene.compare_after(change).exit(1);
        let told = outcome.records_of("table");
        assert!(
            told.iter().any(|told| told["table"] == table && told["verdict"] == verdict),
            "{change}: {outcome}"
        );
        assert_eq!(outcome.result()["proved"], false, "{change}: {outcome}");
    }
}

/// The rows of a materialised view follow from those of its tables, and what it holds is compared with what it held.
#[test]
fn a_materialised_view_that_was_emptied_or_filled_from_other_rows_is_seen() {
    let scene = Scene::new("view_damaged");
    let emptied = scene.compare_after("REFRESH MATERIALIZED VIEW filled WITH NO DATA").exit(1);
    let object = "materialized view \"public\".\"filled\"".to_owned();
    assert!(differences(&emptied).contains(&(object.clone(), "rows".to_owned())), "{emptied}");
    let refilled =
        scene.compare_after("INSERT INTO parent VALUES (51); REFRESH MATERIALIZED VIEW filled").exit(1);
    assert_eq!(rows(&refilled), ["parent extra id=51 "], "{refilled}");
    let told = refilled.records_of("warning").iter().any(|warning| warning["object"] == object.as_str())
        || differences(&refilled).iter().any(|(differing, _)| *differing == object);
    assert!(told, "{refilled}");
}
