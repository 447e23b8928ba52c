use super::{command, database};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use testkit::{Cluster, Database, TempDir, Tool, newest_major};

fn save(database: &Database, file: &Path) {
    let mut run = command("run", database).arg("--save").arg(file).run();
    run.code();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_got_worse_is_a_regression_and_what_was_bad_before_is_not() {
    let database = database();
    database.run("CREATE TABLE t (id int); ALTER TABLE t ADD CONSTRAINT old CHECK (id > 0) NOT VALID; CREATE UNLOGGED TABLE gone (id int PRIMARY KEY)");
    let place = TempDir::new();
    let (before, after) = (place.join("before.jsonl"), place.join("after.jsonl"));
    save(&database, &before);
    // What other tests do to the shared server is no matter here.
    let same = Tool::named("pgcheckpoint").arg("diff").arg(&before).arg(&before).run().success();
    assert!(same.records_of("change").is_empty(), "{same}");

    database.run("ALTER TABLE t ADD CONSTRAINT fresh CHECK (id < 9) NOT VALID; DROP TABLE gone; CREATE SEQUENCE s MAXVALUE 100; SELECT setval('s', 80)");
    save(&database, &after);
    let diff =
        Tool::named("pgcheckpoint").arg("diff").arg(&before).arg(&after).run().exit(1).says("regression");
    let of = |check: &str| -> Vec<_> {
        diff.records_of("change").into_iter().filter(|change| change["check"] == check).collect()
    };
    let constraints = of("schema.not_valid_constraint");
    assert_eq!(constraints.len(), 1, "the old one was there before: {diff}");
    assert_eq!((&constraints[0]["change"], &constraints[0]["regression"]), (&"new".into(), &true.into()));
    assert!(constraints[0]["message"].as_str().unwrap().contains("fresh"), "{diff}");
    assert_eq!(
        (&of("schema.unlogged_table")[0]["change"], &of("schema.unlogged_table")[0]["regression"]),
        (&"gone".into(), &false.into())
    );
    assert_eq!(of("sequences.used")[0]["change"], "new");

    // Worse than before, by one file and the live database.
    database.run("SELECT setval('s', 99)");
    let diff = command("diff", &database).arg(&after).run().exit(1);
    let worse: Vec<_> =
        diff.records_of("change").into_iter().filter(|change| change["check"] == "sequences.used").collect();
    assert_eq!(
        (&worse[0]["change"], &worse[0]["before_status"], &worse[0]["after_status"]),
        (&"worse".into(), &"warn".into(), &"crit".into())
    );
}

#[test]
fn sizes_and_slower_statements_are_told() {
    let settings = [("shared_preload_libraries", "pg_stat_statements")];
    let cluster = Cluster::start(newest_major(), &settings);
    let database = cluster.database("grows");
    database.run("CREATE EXTENSION pg_stat_statements; CREATE TABLE t (id int PRIMARY KEY, pad text); INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 20000) AS i; CREATE TABLE u AS SELECT 1 AS a; ANALYZE");
    let ask = "SELECT pad FROM t WHERE id = 7;\n".repeat(60);
    database.run(&ask);
    let place = TempDir::new();
    let (before, after) = (place.join("before.jsonl"), place.join("after.jsonl"));
    save(&database, &before);
    // The index that it used is gone: from now on it reads the whole table.
    database.run("ALTER TABLE t DROP CONSTRAINT t_pkey; CREATE TABLE large AS SELECT i FROM generate_series(1, 400000) AS i; INSERT INTO u SELECT i FROM generate_series(1, 500000) AS i; ANALYZE");
    database.run(&ask);
    save(&database, &after);
    let diff = Tool::named("pgcheckpoint").arg("diff").arg(&before).arg(&after).run().exit(1);
    let of = |check: &str| -> Vec<_> {
        diff.records_of("change").into_iter().filter(|change| change["check"] == check).collect()
    };
    let slower = of("statement");
    assert_eq!(
        (slower.len(), &slower[0]["change"], &slower[0]["regression"]),
        (1, &"worse".into(), &true.into()),
        "{diff}"
    );
    assert!(slower[0]["message"].as_str().unwrap().contains("another plan"), "{diff}");
    let grown = of("table_bytes");
    assert!(
        grown.iter().any(|change| change["object"] == "\"public\".\"u\""
            && change["change"] == "changed"
            && change["regression"] == false),
        "{diff}"
    );
    let new = grown.iter().find(|change| change["object"] == "\"public\".\"large\"");
    assert_eq!(new.map(|change| &change["change"]), Some(&"new".into()), "{diff}");
    let back = Tool::named("pgcheckpoint").arg("diff").arg(&after).arg(&before).run();
    let mut back = back;
    back.code();
    let gone = |change: &&serde_json::Value| change["change"] == "gone" && change["check"] == "table_bytes";
    assert_eq!(back.records_of("change").into_iter().filter(gone).count(), 1, "{back}");
    // Too few calls tell nothing.
    let few =
        Tool::named("pgcheckpoint").args(["diff", "--min-calls", "1000"]).arg(&before).arg(&after).run();
    let mut few = few;
    few.code();
    assert!(few.records_of("change").iter().all(|change| change["check"] != "statement"), "{few}");
}

#[test]
fn what_is_no_recorded_run_is_refused() {
    let place = TempDir::new();
    let file = place.write("x.jsonl", "");
    Tool::named("pgcheckpoint").arg("diff").arg(&file).arg(&file).run().exit(4);
    Tool::named("pgcheckpoint").args(["diff", "/no/such/file", "/no/such/file"]).run().exit(2);
    let database = database();
    let whole = place.join("whole.jsonl");
    save(&database, &whole);
    let text = std::fs::read_to_string(&whole).unwrap();
    let cut = place.write("cut.jsonl", &text[..text.len() - 10]);
    Tool::named("pgcheckpoint").arg("diff").arg(&cut).arg(&whole).run().exit(4);
}

#[test]
fn runs_of_different_databases_are_not_compared() {
    let (one, other) = (database(), database());
    let place = TempDir::new();
    let (before, both) = (place.join("before.jsonl"), place.join("both.jsonl"));
    save(&one, &before);
    command("diff", &other).arg(&before).run().exit(4).says("no database in common");
    let mut run = command("run", &one).database(&other).arg("--save").arg(&both).run();
    run.code();
    let mut diff = Tool::named("pgcheckpoint").arg("diff").arg(&before).arg(&both).run();
    diff.code();
    let told = diff.record("warning")["message"].as_str().unwrap().to_owned();
    assert!(told.contains(other.name()) && !told.contains(one.name()), "{diff}");
}
