//! Every test schema, dumped by `pg_dump` and restored from that: the same tables with as many rows.

use super::{dump, verify};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use testkit::{Cluster, Database, is_long, majors};

/// A file of `tests/schemas`.
struct Schema {
    name: String,
    text: String,
}

impl Schema {
    fn all() -> Vec<Self> {
        let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/schemas");
        let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        let mut paths: Vec<PathBuf> =
            entries.filter(|path| path.extension().is_some_and(|ending| ending == "sql")).collect();
        paths.sort();
        // Each takes two clusters: all of them are for the long run.
        if !is_long() {
            paths.retain(|path| SHORT.iter().any(|name| path.file_stem().is_some_and(|stem| stem == *name)));
        }
        let read = |path: PathBuf| Self {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            text: std::fs::read_to_string(&path).unwrap(),
        };
        paths.into_iter().map(read).collect()
    }

    fn header(&self, key: &str) -> Option<&str> {
        let mut lines = self.text.lines().take_while(|line| line.starts_with("--"));
        lines.find_map(|line| line.strip_prefix("-- ")?.strip_prefix(key)?.strip_prefix(':')).map(str::trim)
    }

    /// What a private cluster of this machine cannot hold is tried elsewhere.
    fn suits(&self, cluster: &std::sync::Arc<Cluster>) -> bool {
        let min: u32 = self.header("min").unwrap().parse().unwrap();
        let postgres = cluster.existing("postgres");
        let has = |name: &str| {
            let name = name.trim();
            postgres.scalar(&format!("SELECT count(*) FROM pg_available_extensions WHERE name = '{name}'"))
                == "1"
        };
        let contrib =
            self.header("contrib").unwrap_or_default().split('(').next().unwrap_or_default().to_owned();
        let built = postgres.scalar("SELECT setting FROM pg_config WHERE name = 'CONFIGURE'");
        let icu = built.contains("--with-icu") || (cluster.major() >= 16 && !built.contains("--without-icu"));
        cluster.major() >= min
            && self.header("extension-files").is_none()
            && self.header("broken").is_none()
            && !self.text.lines().any(|line| line == "-- slow")
            && (icu || !self.text.contains("icu"))
            && (built.contains("--with-libxml") || !self.text.contains("xml"))
            && contrib.split(',').filter(|name| !name.trim().is_empty()).all(has)
    }
}

/// The schemas that are tried when the run is not a long one.
const SHORT: [&str; 5] = ["13_names", "21_partitions", "26_triggers", "45_privileges", "56_large_objects"];

/// The tables of a database with their rows, in the order of the records.
fn tables(database: &Database) -> Vec<(String, u64)> {
    let names = database.rows(
        "SELECT n.nspname, relname, format('%I.%I', n.nspname, relname) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND n.nspname !~ '^pg_' \
         AND n.nspname <> 'information_schema' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass \
         AND d.objid = c.oid AND deptype = 'e') ORDER BY n.nspname COLLATE \"C\", relname COLLATE \"C\"",
    );
    let count = |name: &str| {
        database.scalar(&format!("SET row_security = off; SELECT count(*) FROM ONLY {name}")).parse().unwrap()
    };
    names.iter().map(|row| (format!("{} {}", row[0], row[1]), count(&row[2]))).collect()
}

fn comes_back(schema: &Schema, cluster: &std::sync::Arc<Cluster>) {
    let encoding = schema.header("encoding").unwrap_or("UTF8");
    let clauses = format!("TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'");
    let database = cluster.database_with(&schema.name, &clauses);
    database.run(&schema.text);
    let ascii = encoding == "SQL_ASCII";
    for format in ["--format=plain", "--format=custom"] {
        let mut arguments = vec![format];
        if ascii {
            arguments.push("--encoding=SQL_ASCII");
        }
        // Their functions are in C.
        let content = dump(&database, &arguments);
        let outcome = verify(&content, &["--trust"]);
        let expected = if ascii { Vec::new() } else { tables(&database) };
        let found: Vec<(String, u64)> = outcome
            .records_of("restored_table")
            .iter()
            .map(|record| {
                let text = |field: &str| record[field].as_str().unwrap().to_owned();
                (format!("{} {}", text("schema"), text("table")), record["rows"].as_u64().unwrap())
            })
            .collect();
        // A hash of an enum is another in every database: only the sum stays.
        let by_enum = schema.name.contains("partitions_by_enum");
        let sum = |tables: &[(String, u64)]| tables.iter().map(|(_, rows)| rows).sum::<u64>();
        let same = if by_enum { sum(&found) == sum(&expected) } else { found == expected };
        let outcome = if expected.is_empty() && !ascii { outcome.exit(3) } else { outcome.success() };
        assert!(ascii || same, "{} {format}: {expected:?}{outcome}", schema.name);
    }
}

fn all_come_back(major: u32) {
    let cluster = Cluster::shared(major);
    let (mut tried, mut failed) = (0, Vec::new());
    for schema in Schema::all().iter().filter(|schema| schema.suits(&cluster)) {
        if catch_unwind(AssertUnwindSafe(|| comes_back(schema, &cluster))).is_err() {
            failed.push(schema.name.clone());
        }
        tried += 1;
    }
    assert!(failed.is_empty(), "{failed:?}, see above");
    let least = if is_long() { 31 } else { SHORT.len() };
    assert!(tried >= least, "only {tried} schemas were tried");
}

#[test]
fn every_schema_comes_back_from_its_dump() {
    for major in majors().into_iter().rev().take(if is_long() { usize::MAX } else { 1 }) {
        all_come_back(major);
    }
}
