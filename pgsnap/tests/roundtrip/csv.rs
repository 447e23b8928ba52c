//! CSV as another program reads it: `DuckDB` sees the rows, the NULLs and the text that the database holds.

use crate::corpus::{Schema, root};
use crate::export::export;
use crate::store::{Store, valid};
use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::{Cluster, TempDir, newest_major};

/// Where `scripts/test` puts `DuckDB`.
fn duckdb() -> PathBuf {
    let home = || std::env::home_dir().unwrap_or_default().join(".cache");
    std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from).join("pgrunbook/duckdb")
}

/// What `DuckDB` says to `query`, cells by `|`; nothing where it is not here.
fn asked(query: &str, directory: &Path) -> Option<Vec<String>> {
    let script = "import duckdb, sys\nfor row in duckdb.sql(sys.argv[1]).fetchall():\n    print('|'.join('NULL' if cell is None else str(cell) for cell in row))";
    let mut python = Command::new("python3");
    python.args(["-c", script, query]).current_dir(directory).env("PYTHONPATH", duckdb());
    let output = python.output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains("No module named") {
        drop(writeln!(
            std::io::stderr(),
            "SKIPPED: there is no DuckDB in {}: scripts/test brings it",
            duckdb().display()
        ));
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "DuckDB is missing");
        return None;
    }
    assert!(output.status.success(), "{query}: {said}");
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

fn index(directory: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(directory.join("index.json")).unwrap()).unwrap()
}

#[test]
fn duckdb_reads_what_the_database_holds() {
    let original = Cluster::shared(newest_major()).database("csv");
    original.run(
        "CREATE TABLE numbers AS SELECT i, i * 1.25 AS price, i % 7 = 0 AS flag FROM generate_series(1, 5000) i;
         CREATE TABLE texts (id int, t text); INSERT INTO texts VALUES (1, NULL), (2, ''), (3, 'a, \"b\"'), (4, E'two\\nlines\\r'), (5, '\\N'), (6, 'é 🐘'), (7, E'\\\\.'), (8, ' x ');
         CREATE TABLE \"Odd/..\\Name\" (\"a,b\" int, \"c\"\"d\" text); INSERT INTO \"Odd/..\\Name\" VALUES (1, 'x');
         CREATE TABLE \"odd/..\\name\" (a int); CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES; SELECT lo_from_bytea(0, 'x')",
    );
    let (store, place) = (Store::new(), TempDir::new());
    let snapshot = store.take(&original);
    let directory = place.join("csv");
    let outcome = valid(export(&store, &snapshot, "csv", &directory).run()).success();
    assert!(outcome.record("skipped")["object"].as_str().unwrap().contains("large object"), "{outcome}");
    let index = index(&directory);
    let listed = index["tables"].as_array().unwrap();
    assert_eq!(listed.len(), 5, "{index}");
    for table in listed {
        assert!(directory.join(table["file"].as_str().unwrap()).is_file(), "{table}");
    }
    let odd = listed.iter().find(|table| table["table"] == "Odd/..\\Name").unwrap();
    let text = std::fs::read_to_string(directory.join(odd["file"].as_str().unwrap())).unwrap();
    assert_eq!(text, "\"a,b\",\"c\"\"d\"\n1,x\n");
    let texts = std::fs::read_to_string(directory.join("public.texts.csv")).unwrap();
    assert!(texts.starts_with("id,t\n1,\n2,\"\"\n3,\"a, \"\"b\"\"\"\n"), "{texts}");

    let Some(sums) = asked(
        "SELECT count(*), sum(i), sum(price), count(*) FILTER (WHERE flag = 't') FROM 'public.numbers.csv'",
        &directory,
    ) else {
        return;
    };
    let expected =
        original.rows("SELECT count(*), sum(i), sum(price), count(*) FILTER (WHERE flag) FROM numbers");
    let number = |text: &str| text.parse::<f64>().unwrap();
    let sums: Vec<f64> = sums[0].split('|').map(number).collect();
    assert_eq!(sums, expected[0].iter().map(|text| number(text)).collect::<Vec<_>>());
    let read = "read_csv('public.texts.csv', header = true, all_varchar = true, quote = '\"', escape = '\"', allow_quoted_nulls = false)";
    let texts =
        asked(&format!("SELECT id, t IS NULL, md5(coalesce(t, '')) FROM {read} ORDER BY id"), &directory)
            .unwrap();
    let expected = original.rows("SELECT id, CASE WHEN t IS NULL THEN 'True' ELSE 'False' END, md5(coalesce(t, '')) FROM texts ORDER BY id");
    assert_eq!(texts, expected.iter().map(|row| row.join("|")).collect::<Vec<_>>());
}

#[test]
fn other_encodings_become_utf_8_and_what_has_none_is_told() {
    let cluster = Cluster::shared(newest_major());
    for (name, told) in [("15_latin1", false), ("16_sql_ascii", true)] {
        assert!(root().join(format!("tests/schemas/{name}.sql")).is_file());
        let original = Schema::named(name).make(&cluster);
        let (store, place) = (Store::new(), TempDir::new());
        let snapshot = store.take(&original);
        let directory = place.join("csv");
        let outcome = valid(export(&store, &snapshot, "csv", &directory).run()).success();
        assert_eq!(
            outcome.records_of("warning").iter().any(|warning| warning["code"] == "not_text"),
            told,
            "{outcome}"
        );
        for table in index(&directory)["tables"].as_array().unwrap() {
            let bytes = std::fs::read(directory.join(table["file"].as_str().unwrap())).unwrap();
            assert!(std::str::from_utf8(&bytes).is_ok(), "{table}");
        }
    }
}
