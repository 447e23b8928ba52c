//! Dumps that would do more than restore: psql obeys them, pgverify does not.

use super::{Dump, dump, rows, verify};
use std::fs;
use testkit::{Cluster, TempDir, newest_major};

/// What would run `touch TRACE`.
const COMMANDS: &[&str] = &[
    "\\! touch TRACE",
    "\\copy t from program 'touch TRACE; echo 1'",
    "\\copy t to 'TRACE'",
    "\\o TRACE",
    "\\o |touch TRACE",
    "\\i SCRIPT",
    "\\ir SCRIPT",
    "\\include SCRIPT",
    "\\set x `touch TRACE`",
    "\\setenv PAGER `touch TRACE`",
    "\\connect `touch TRACE`",
    "\\echo `touch TRACE`",
    "\\w TRACE",
    "\\restrict a \\! touch TRACE",
    "SELECT 'select 1' \\g TRACE",
    "SELECT 1 \\g |touch TRACE",
    "SELECT 'COPY t FROM PROGRAM ''touch TRACE; echo 1''' \\gexec",
    "SELECT 1 \\; \\! touch TRACE",
    "SELECT 1; \\! touch TRACE",
    "COPY t FROM stdin;\n1\n\\.\n\\! touch TRACE",
    "SET standard_conforming_strings = off; SELECT '\\'; \n\\! touch TRACE\n --';",
    "COPY t FROM PROGRAM 'touch TRACE; echo 1';",
    "COPY t TO PROGRAM 'touch TRACE';",
    "COPY t TO 'TRACE';",
    "DO $$ BEGIN COPY t FROM PROGRAM 'touch TRACE; echo 1'; END $$;",
    "SELECT lo_export(lo_from_bytea(0, 'x'), 'TRACE');",
];

#[test]
fn what_psql_would_obey_leaves_nothing_behind_and_is_refused() {
    let cluster = Cluster::shared(newest_major());
    let mut obeyed = 0;
    for command in COMMANDS {
        let place = TempDir::new();
        let (trace, script) = (place.join("trace"), place.join("script"));
        fs::write(&script, format!("\\! touch {}", trace.display())).unwrap();
        let command =
            command.replace("TRACE", trace.to_str().unwrap()).replace("SCRIPT", script.to_str().unwrap());
        let content = format!("CREATE TABLE t (a int);\n{command}\n\nINSERT INTO t VALUES (1);\n");
        let outcome = verify(&content, &[]);
        assert!(!trace.exists(), "{command}");
        let outcome = if command.contains("standard_conforming") { outcome.exit(0) } else { outcome.exit(4) };
        if command.starts_with('\\') {
            assert!(outcome.stderr().contains("line 2 of the dump is a command for psql"), "{outcome}");
        }
        // psql beside it.
        let dump = Dump::of(&content);
        let database = cluster.database("hostile");
        let mut psql = database.cluster().client("psql", database.name());
        psql.args(["-X", "-q", "-f"]).arg(dump.path()).current_dir(place.path());
        assert!(psql.output().is_ok());
        obeyed += u32::from(trace.exists());
    }
    assert!(obeyed >= 15, "psql obeyed only {obeyed} of them: the test tries nothing");
}

#[test]
fn the_same_words_are_data_where_they_are_data() {
    let lines = COMMANDS.iter().filter(|command| !command.contains('\n')).copied();
    let all = |of: fn(&str) -> String| lines.clone().map(of).collect::<Vec<_>>().join("\n");
    let copied = all(|line| line.replace('\\', "\\\\"));
    let quoted = all(|line| format!("INSERT INTO t VALUES ('\n{}\n');", line.replace('\'', "''")));
    let dollars = all(|line| format!("INSERT INTO t VALUES ($x$\n{line}\n$x$);"));
    let comments = all(|line| format!("/*\n{line}\n*/\n-- {line}"));
    let content = format!(
        "CREATE TABLE t (a text);\nCOPY t FROM stdin;\n{copied}\n\\.\n{quoted}\n{dollars}\n{comments}"
    );
    let outcome = verify(&content, &[]).success();
    assert_eq!(rows(&outcome, "t"), Some(3 * lines.count() as u64));
}

#[test]
fn commands_in_the_place_of_a_key_or_behind_it_are_refused() {
    verify("\\restrict abc\nCREATE TABLE t ();\n\\connect postgres\n", &[]).exit(4);
    verify("\\restrict abc\nCREATE TABLE t ();\n\\unrestrict abd\n", &[]).exit(4);
    verify("\\restrict abc\nCREATE TABLE t ();\n\\unrestrict abc\n", &[]).success();
}

#[test]
fn trust_lets_statements_reach_out_but_no_command_of_psql() {
    let place = TempDir::new();
    let trace = place.join("trace");
    let content =
        format!("CREATE TABLE t (a int);\nCOPY t FROM PROGRAM 'echo 1';\n\\! touch {}\n", trace.display());
    verify(&content, &["--trust"]).exit(4).says("line 3");
    assert!(!trace.exists());
    verify("CREATE TABLE t (a int);\nCOPY t FROM PROGRAM 'echo 1';", &["--trust"]).success();
}

#[test]
fn an_archive_cannot_smuggle_them_in_either() {
    let database = Cluster::shared(newest_major()).database("smuggler");
    database.run("CREATE TABLE t (a text); INSERT INTO t VALUES ('x')");
    let place = TempDir::new();
    let trace = place.join("t");
    // A row that ends early, and a statement behind it, in the place of a row of the same length.
    let statement = format!("'); COPY t FROM PROGRAM 'touch {}'; --", trace.display());
    let row = "y".repeat(statement.len());
    database.run(&format!("INSERT INTO t VALUES ('{row}')"));
    let mut hostile = dump(&database, &["--format=custom", "--compress=0", "--inserts"]);
    let at = hostile.windows(row.len()).position(|window| window == row.as_bytes()).unwrap();
    hostile[at..at + row.len()].copy_from_slice(statement.as_bytes());
    verify(&hostile, &[]).exit(4).says("COPY … PROGRAM");
    assert!(!trace.exists());
}
