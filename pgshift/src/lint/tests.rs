//! Each rule: a statement that it finds, its own recipe that it does not, small tables, and comments that silence it.

use super::*;
use std::path::PathBuf;

/// Large: orders, customers, parts and its partitions, totals. Small: tags.
const DATABASE: &str = "
CREATE TABLE customers (id int PRIMARY KEY, name text);
CREATE TABLE orders (id int PRIMARY KEY, customer int, tag int, note text, n int, CONSTRAINT orders_c FOREIGN KEY (customer) REFERENCES customers);
CREATE INDEX orders_n ON orders (n);
CREATE TABLE tags (id int PRIMARY KEY, name text, n int);
CREATE TABLE parts (id int, k int) PARTITION BY RANGE (k);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TABLE loose (id int, k int);
CREATE MATERIALIZED VIEW totals AS SELECT id FROM orders;
CREATE UNIQUE INDEX totals_id ON totals (id);
CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders)
";

fn facts() -> Facts {
    let large =
        ["customers", "orders", "parts_1", "loose", "totals", "lines"].map(|table| (table, 5_000_000));
    let mut sizes = large.to_vec();
    sizes.push(("tags", 20));
    Facts::made_by(DATABASE, &sizes)
}

fn script(text: &str) -> Script {
    Script {
        path: PathBuf::from("1.sql"),
        text: text.as_bytes().to_vec(),
        first_line: 1,
        transaction: Transaction::Unsaid,
        single: Vec::new(),
        secret: Vec::new(),
        written: None,
    }
}

fn findings_with(facts: Facts, text: &str) -> Vec<Finding> {
    let small = Size { rows: Some(10_000), bytes: Some(10_000_000) };
    let choice = Choice::new(&["opaque-statement".to_owned()], &[]).unwrap();
    Linter::new(facts, choice, small).judge(&script(text)).unwrap().findings
}

fn findings(text: &str) -> Vec<Finding> {
    findings_with(facts(), text)
}

fn rules_of(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.as_str()).collect()
}

/// A rule, what it finds, and the severity.
const BAD: &[(&str, Severity, &str)] = &[
    ("require-concurrent-index-creation", Severity::Error, "CREATE INDEX i ON orders (note);"),
    ("require-concurrent-index-creation", Severity::Error, "CREATE INDEX i ON parts (id);"),
    ("require-concurrent-index-deletion", Severity::Note, "DROP INDEX orders_n;"),
    ("require-concurrent-reindex", Severity::Error, "REINDEX TABLE orders;"),
    ("require-concurrent-reindex", Severity::Error, "REINDEX INDEX orders_n;"),
    ("adding-not-nullable-field", Severity::Error, "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;"),
    ("adding-required-field", Severity::Error, "ALTER TABLE orders ADD COLUMN c int NOT NULL;"),
    (
        "adding-field-with-default",
        Severity::Error,
        "ALTER TABLE orders ADD COLUMN c uuid DEFAULT gen_random_uuid();",
    ),
    ("adding-field-with-default", Severity::Error, "ALTER TABLE orders ADD COLUMN c bigserial;"),
    (
        "adding-foreign-key-constraint",
        Severity::Error,
        "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (tag) REFERENCES tags;",
    ),
    ("constraint-missing-not-valid", Severity::Error, "ALTER TABLE orders ADD CONSTRAINT c CHECK (n > 0);"),
    ("disallowed-unique-constraint", Severity::Error, "ALTER TABLE orders ADD CONSTRAINT u UNIQUE (note);"),
    (
        "adding-serial-primary-key-field",
        Severity::Error,
        "ALTER TABLE loose ADD CONSTRAINT loose_pkey PRIMARY KEY (id);",
    ),
    (
        "exclusion-constraint",
        Severity::Error,
        "ALTER TABLE orders ADD CONSTRAINT e EXCLUDE USING gist (n WITH =);",
    ),
    ("changing-column-type", Severity::Error, "ALTER TABLE orders ALTER COLUMN n TYPE bigint;"),
    ("renaming-column", Severity::Warning, "ALTER TABLE orders RENAME COLUMN n TO m;"),
    ("renaming-table", Severity::Warning, "ALTER TABLE orders RENAME TO sales;"),
    ("ban-drop-column", Severity::Warning, "ALTER TABLE orders DROP COLUMN n;"),
    ("ban-drop-table", Severity::Warning, "DROP TABLE lines;"),
    ("drop-foreign-key-locks-other", Severity::Note, "ALTER TABLE orders DROP CONSTRAINT orders_c;"),
    ("drop-foreign-key-locks-other", Severity::Note, "DROP TABLE lines;"),
    (
        "foreign-key-without-index",
        Severity::Warning,
        "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (tag) REFERENCES customers NOT VALID;",
    ),
    ("table-rewrite", Severity::Error, "ALTER TABLE orders SET UNLOGGED;"),
    ("vacuum-full", Severity::Error, "VACUUM FULL orders;"),
    ("vacuum-full", Severity::Error, "CLUSTER orders USING orders_n;"),
    ("refresh-materialized-view", Severity::Warning, "REFRESH MATERIALIZED VIEW totals;"),
    ("lock-table", Severity::Warning, "LOCK TABLE orders;"),
    (
        "create-trigger-lock",
        Severity::Note,
        "CREATE TRIGGER g BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f();",
    ),
    (
        "attach-partition-without-check",
        Severity::Error,
        "ALTER TABLE parts ATTACH PARTITION loose FOR VALUES FROM (10) TO (20);",
    ),
    (
        "partition-of-locks-parent",
        Severity::Warning,
        "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20);",
    ),
    ("require-concurrent-partition-detach", Severity::Warning, "ALTER TABLE parts DETACH PARTITION parts_1;"),
    ("whole-table-change", Severity::Error, "UPDATE orders SET n = 1;"),
    ("whole-table-change", Severity::Error, "DELETE FROM orders;"),
    ("ban-truncate-cascade", Severity::Error, "TRUNCATE orders CASCADE;"),
    (
        "ban-concurrent-index-creation-in-transaction",
        Severity::Error,
        "BEGIN; CREATE INDEX CONCURRENTLY i ON orders (note); COMMIT;",
    ),
    (
        "statements-after-exclusive-lock",
        Severity::Warning,
        "ALTER TABLE orders ADD COLUMN c int; CREATE INDEX i ON customers (name);",
    ),
    (
        "validate-in-same-transaction",
        Severity::Error,
        "ALTER TABLE orders ADD CONSTRAINT c CHECK (n > 0) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c;",
    ),
    (
        "data-and-schema-in-one-transaction",
        Severity::Error,
        "UPDATE orders SET n = 1 WHERE id = 3; ALTER TABLE orders ADD COLUMN c int;",
    ),
    (
        "data-and-schema-in-one-transaction",
        Severity::Error,
        "ALTER TABLE orders ADD COLUMN c int; UPDATE orders SET c = 1 WHERE id < 9;",
    ),
    (
        "enum-value-in-same-transaction",
        Severity::Error,
        "ALTER TYPE mood ADD VALUE 'new'; UPDATE tags SET name = 'new' WHERE id = 1;",
    ),
    ("ignore-without-reason", Severity::Warning, "-- pgshift: ignore lock-table\nLOCK TABLE tags;"),
    ("opaque-statement", Severity::Note, "DO $$ BEGIN NULL; END $$;"),
    ("ban-drop-database", Severity::Error, "DROP DATABASE d;"),
    (
        "identifier-too-long",
        Severity::Warning,
        "CREATE TABLE a234567890123456789012345678901234567890123456789012345678901234567890 (id int);",
    ),
];

#[test]
fn each_rule_finds_what_it_is_for() {
    for (rule, severity, sql) in BAD {
        let found = findings(sql);
        let of_rule = found.iter().find(|finding| finding.rule == *rule);
        let finding = of_rule.unwrap_or_else(|| panic!("{rule} does not find {sql}: {:?}", rules_of(&found)));
        assert_eq!(finding.severity, *severity, "{rule}: {sql}");
        assert!(finding.exact, "{rule}: {sql}");
    }
}

#[test]
fn each_rule_has_an_example() {
    for rule in catalogue().iter().filter(|rule| rule.usual) {
        let shown = BAD.iter().any(|(name, ..)| *name == rule.name);
        // Those two are about what a database has and a text alone does not show.
        let apart = ["if-not-exists-concurrently", "ban-duplicate-column-assignments"].contains(&rule.name);
        // Those of Django need a project: tests/django has one example of each.
        let django = rule.name.starts_with("django-");
        assert!(shown || apart || django, "{} has no example", rule.name);
    }
}

#[test]
fn small_tables_do_not_alarm() {
    let small = facts();
    let tags: Vec<(&str, u64)> = ["customers", "orders", "parts_1", "loose", "totals", "lines", "tags"]
        .map(|table| (table, 20))
        .to_vec();
    drop(small);
    let whatever_the_size = [
        "adding-required-field",
        "ban-truncate-cascade",
        "ban-concurrent-index-creation-in-transaction",
        "enum-value-in-same-transaction",
        "ignore-without-reason",
        "opaque-statement",
        "ban-drop-database",
        "identifier-too-long",
    ];
    for (rule, _, sql) in BAD.iter().filter(|(rule, ..)| !whatever_the_size.contains(rule)) {
        let found = findings_with(Facts::made_by(DATABASE, &tags), sql);
        assert!(found.is_empty(), "{rule}: {sql}: {:?}", rules_of(&found));
    }
}

/// Rows and SQL: what it takes to read a table, and to write it anew.
#[test]
fn a_table_may_be_ten_times_as_large_where_it_is_only_read() {
    let read = [
        "CREATE INDEX i ON orders (note);",
        "CREATE INDEX i ON orders USING brin (n);",
        "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;",
        "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (tag) REFERENCES tags;",
        "ALTER TABLE orders ADD CONSTRAINT c CHECK (n > 0);",
        "ALTER TABLE orders ADD CONSTRAINT u UNIQUE (note);",
    ];
    let written = [
        "CREATE INDEX i ON orders USING gin (to_tsvector('simple', note));",
        "ALTER TABLE orders ALTER COLUMN n TYPE bigint;",
        "ALTER TABLE orders ADD COLUMN c uuid DEFAULT gen_random_uuid();",
    ];
    let alarm = |rows: u64, sql: &str| {
        !findings_with(Facts::made_by(DATABASE, &[("orders", rows), ("tags", 20)]), sql).is_empty()
    };
    for sql in read {
        assert_eq!([100_000, 100_001].map(|rows| alarm(rows, sql)), [false, true], "{sql}");
    }
    for sql in written {
        assert_eq!([10_000, 10_001].map(|rows| alarm(rows, sql)), [false, true], "{sql}");
    }
}

#[test]
fn what_the_file_itself_created_does_not_alarm() {
    let found = findings(
        "CREATE TABLE t (id int, o int REFERENCES tags); CREATE INDEX i ON t (o); ALTER TABLE t ALTER COLUMN o SET NOT NULL; \
         ALTER TABLE t ADD PRIMARY KEY (id); UPDATE t SET o = 1; ALTER TABLE t ADD COLUMN c int NOT NULL; DROP TABLE t;",
    );
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn what_if_not_exists_leaves_alone_does_not_alarm() {
    let done = [
        "CREATE INDEX IF NOT EXISTS orders_n ON orders (n);",
        "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note uuid DEFAULT gen_random_uuid();",
        "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text NOT NULL;",
        "DROP INDEX IF EXISTS orders_gone;",
    ];
    for sql in done {
        let found = findings(sql);
        assert!(found.is_empty(), "{sql}: {found:?}");
    }
    let not_done = [
        "CREATE INDEX IF NOT EXISTS orders_new ON orders (n);",
        "DROP INDEX orders_n; CREATE INDEX IF NOT EXISTS orders_n ON orders (note);",
        "ALTER TABLE orders ADD COLUMN IF NOT EXISTS c uuid DEFAULT gen_random_uuid();",
        "ALTER TABLE orders DROP COLUMN note; ALTER TABLE orders ADD COLUMN IF NOT EXISTS note uuid DEFAULT gen_random_uuid();",
    ];
    for sql in not_done {
        assert!(findings(sql).iter().any(|finding| finding.severity == Severity::Error), "{sql}");
    }
}

#[test]
fn without_sizes_less_is_said_and_nothing_as_certain() {
    for (rule, _, sql) in BAD {
        for finding in findings_with(Facts::default(), sql).iter().filter(|finding| finding.rule == *rule) {
            let of_text = finding.exact;
            assert!(of_text || finding.severity < Severity::Error, "{rule}: {sql}: {finding:?}");
        }
    }
    let brief = ["DROP TABLE lines;", "ALTER TABLE orders DROP COLUMN n;", "DROP INDEX orders_n;"];
    for sql in brief {
        let found = findings_with(Facts::default(), sql);
        assert!(found.iter().all(|finding| finding.severity == Severity::Note), "{sql}: {found:?}");
    }
}

/// A recipe, file by file, as its comments part it.
fn files(recipe: &str) -> Vec<String> {
    let mut files = vec![String::new()];
    for line in recipe.lines() {
        if line.starts_with("-- in a migration") {
            files.push(String::new());
        } else if let Some(last) = files.last_mut() {
            last.push_str(line);
            last.push('\n');
        }
    }
    files
}

#[test]
fn a_recipe_is_sql_that_its_rule_does_not_find() {
    let mut tried = 0;
    for (rule, _, sql) in BAD {
        let found = findings(sql);
        let finding = found.iter().find(|finding| finding.rule == *rule).unwrap();
        let Some(recipe) = &finding.recipe else { continue };
        // What only the reader knows has to be filled in.
        if recipe.contains('…') {
            continue;
        }
        tried += 1;
        let small = Size { rows: Some(10_000), bytes: Some(10_000_000) };
        let mut linter = Linter::new(facts(), Choice::new(&[], &[]).unwrap(), small);
        for file in files(recipe) {
            for piece in cut::cut(file.as_bytes(), 1).unwrap() {
                assert!(!matches!(read(&piece.text), Statement::Unread(_)), "{rule}: {}", piece.text);
            }
            let again = linter.judge(&script(&file)).unwrap().findings;
            let again: Vec<_> = again.iter().filter(|again| again.rule == *rule).collect();
            assert!(again.is_empty(), "{rule}: {recipe}: {again:?}");
        }
    }
    assert!(tried > 15, "{tried} recipes");
}

/// What the examples need besides, on a server.
const BESIDES: &str = ";
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
INSERT INTO customers SELECT i FROM generate_series(1, 9) i;
INSERT INTO tags SELECT i FROM generate_series(1, 9) i;
INSERT INTO orders SELECT i, i, i, 'x' || i, i FROM generate_series(1, 9) i;
INSERT INTO parts SELECT i, i FROM generate_series(1, 9) i;
";

#[test]
fn recipes_run_on_a_server() {
    let cluster = testkit::Cluster::shared(testkit::newest_major());
    for (rule, _, sql) in BAD {
        let found = findings(sql);
        let recipe =
            found.iter().find(|finding| finding.rule == *rule).and_then(|finding| finding.recipe.clone());
        let Some(recipe) = recipe.filter(|recipe| !recipe.contains('…')) else { continue };
        let database = cluster.database("recipe");
        database.run(&format!("{DATABASE}{BESIDES}"));
        database.run(&if sql.contains("ADD COLUMN c int NOT NULL") {
            recipe.replace("-- then fill it in batches", "UPDATE orders SET c = 1;\n--")
        } else {
            recipe
        });
    }
}

#[test]
fn comments_silence_the_statement_that_they_are_about() {
    let silenced = [
        "-- pgshift: ignore lock-table because it is night\nLOCK TABLE orders;",
        "LOCK TABLE orders; -- pgshift: ignore lock-table because it is night",
        "/* pgshift: ignore create-trigger-lock, lock-table because it is night */ LOCK TABLE orders;",
        "SELECT 1;\n-- squawk-ignore lock-table\nLOCK TABLE orders;",
        "-- squawk-ignore-file\n\nSELECT 1;\nLOCK TABLE orders;",
        "-- pgshift: ignore-file lock-table because it is night\nSELECT 1;\nLOCK TABLE orders;",
        "-- eugene: ignore [E6, E9]\nCREATE INDEX i ON orders (note);",
        "-- squawk-ignore ban-drop-database\nDROP DATABASE d;",
    ];
    for sql in silenced {
        let found = findings(sql);
        assert!(found.is_empty(), "{sql}: {found:?}");
    }
    let heard = [
        "-- pgshift: ignore create-trigger-lock because it is night\nLOCK TABLE orders;",
        "-- pgshift: ignore lock-table because it is night\nSELECT 1;\nLOCK TABLE orders;",
        "LOCK TABLE orders;\n-- pgshift: ignore lock-table because it is night\nSELECT 1;",
        "-- eugene: ignore [E9]\nLOCK TABLE orders;",
        "SELECT '-- pgshift: ignore lock-table because it is text';\nLOCK TABLE orders;",
    ];
    for sql in heard {
        assert_eq!(rules_of(&findings(sql)), ["lock-table"], "{sql}");
    }
    let unreasoned = findings("-- pgshift: ignore lock-table\nLOCK TABLE orders;");
    assert_eq!(rules_of(&unreasoned), ["ignore-without-reason"]);
}

#[test]
fn places_are_those_of_the_file() {
    let mut script = script("SELECT 'ü'; LOCK TABLE orders;\n\n  LOCK\n TABLE customers;");
    script.first_line = 11;
    let small = Size { rows: Some(10_000), bytes: Some(10_000_000) };
    let found = Linter::new(facts(), Choice::new(&[], &[]).unwrap(), small).judge(&script).unwrap().findings;
    let places: Vec<_> =
        found.iter().map(|finding| (finding.line, finding.column, finding.statement.as_str())).collect();
    assert_eq!(places, [(11, 13, "LOCK TABLE orders"), (13, 3, "LOCK TABLE customers")]);
}

#[test]
fn secrets_out_of_the_environment_are_not_shown() {
    let mut script =
        script("LOCK TABLE orders; ALTER TABLE orders ADD COLUMN c text DEFAULT 'hunter2', SET UNLOGGED;");
    let at = 65..72;
    assert_eq!(script.text.get(at.clone()).unwrap(), b"hunter2");
    script.secret = vec![at];
    let small = Size { rows: Some(10_000), bytes: Some(10_000_000) };
    let found = Linter::new(facts(), Choice::new(&[], &[]).unwrap(), small).judge(&script).unwrap().findings;
    assert!(found.len() > 1 && !format!("{found:?}").contains("hunter2"), "{found:?}");
}

#[test]
fn an_invalid_index_is_not_taken_for_done() {
    let ddl = format!("{DATABASE};\nCREATE INDEX parts_k ON ONLY parts (k)");
    let found = findings_with(
        Facts::made_by(&ddl, &[]),
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS parts_k ON parts (k);",
    );
    assert_eq!(rules_of(&found), ["if-not-exists-concurrently"]);
    let found = findings("CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_n ON orders (n);");
    assert!(found.is_empty(), "a valid one is done: {found:?}");
}

#[test]
fn a_new_value_of_a_type_that_the_file_created_can_be_used() {
    let sql = "CREATE TYPE mood AS ENUM ('a'); ALTER TYPE mood ADD VALUE 'b'; INSERT INTO tags (name) VALUES ('b');";
    assert!(findings(sql).is_empty());
}
