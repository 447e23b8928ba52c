use super::{database, run};
use serde_json::Value;
use testkit::{Cluster, TempDir, Tool, newest_major};

/// The names of the checks that a run told of.
fn names(run: &testkit::Outcome) -> Vec<String> {
    run.records_of("check").iter().map(|check| check["check"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn only_what_was_asked_for_is_made() {
    let database = database();
    let one = run(&database, &["connections.limit"]).run().success();
    assert_eq!(names(&one), ["connections.limit"]);
    let group = run(&database, &["connections", "--skip", "connections.used"]).run().success();
    let said = names(&group);
    assert!(
        said.len() > 3
            && said.iter().all(|name| name.starts_with("connections.") && name != "connections.used")
    );
    assert_eq!(group.result()["checks"], said.len());
}

#[test]
fn what_there_is_not_is_wrong_usage_before_anybody_is_asked() {
    for wrong in [
        vec!["no.such"],
        vec!["--skip", "nothing"],
        vec!["--warn", "connections.used=lots"],
        vec!["--warn", "indexes.invalid=1"],
        vec!["locks", "--skip", "locks"],
        vec!["--warn", "connections.used=90%", "--crit", "connections.used=10%"],
        vec![
            "--warn",
            "vacuum.wraparound=1",
            "--warn",
            "availability.end_of_life=1d",
            "--crit",
            "availability.end_of_life=10d",
        ],
        vec!["--config", "/no/such/file.toml"],
        vec!["--frobnicate"],
    ] {
        Tool::named("pgcheckpoint").arg("run").args(&wrong).args(["-d", "host=/nowhere"]).run().exit(2);
    }
}

#[test]
fn a_file_sets_thresholds_and_flags_beat_it() {
    let database = database();
    let place = TempDir::new();
    let file = place.write(
        "c.toml",
        "skip = [\"security\"]\n[check.\"connections.limit\"]\nwarn = 50\n[check.\"size.database\"]\ncrit = \"1MB\"\n[check.\"schema.without_primary_key\"]\nseverity = \"crit\"\n",
    );
    let file = file.to_str().unwrap();
    database.run("CREATE TABLE t (id int)");
    let judged = run(
        &database,
        &["connections.limit", "size.database", "schema.without_primary_key", "--config", file],
    )
    .run()
    .exit(1);
    let states: Vec<&Value> = judged.records_of("check").iter().map(|check| &check["status"]).collect();
    assert_eq!(states, ["warn", "crit", "crit"], "{judged}");
    let calm = run(
        &database,
        &[
            "connections.limit",
            "size.database",
            "--config",
            file,
            "--warn",
            "connections.limit=500",
            "--crit",
            "size.database=1GB",
        ],
    );
    assert_eq!(calm.run().success().result()["ok"], 2);
    // What is left out may have thresholds in the same file, and is left out all the same.
    let partly = place.write(
        "partly.toml",
        "[check.connections]\nskip = true\n[check.\"connections.used\"]\nwarn = \"60%\"\n",
    );
    let partly = ["--config", partly.to_str().unwrap(), "connections", "locks.table_fill"];
    assert_eq!(names(&run(&database, &partly).run().success()), ["locks.table_fill"]);
    for wrong in [
        "[check.\"connections.used\"]\nwarn = \"90%\"\ncrit = \"10%\"",
        "nonsense",
        "[check.\"no.such\"]\nwarn = 1",
        "[check.\"connections.used\"]\nwarm = 1",
        "[check.\"connections.used\"]\nwarn = \"a lot\"",
    ] {
        let file = place.write("wrong.toml", wrong);
        run(&database, &["--config", file.to_str().unwrap()]).run().exit(2);
    }
}

#[test]
fn the_exit_code_says_what_was_asked_of_it() {
    let database = database();
    let warn = ["connections.limit", "--warn", "connections.limit=1"];
    run(&database, &warn).run().success();
    run(&database, &[&warn[..], &["--fail-on", "warn"]].concat()).run().exit(1).says("connections.limit");
    let only = run(
        &database,
        &["connections.limit", "locks.table_fill", "--warn", "connections.limit=1", "--only-problems"],
    )
    .run()
    .success();
    assert_eq!(only.records_of("check").len(), 1, "{only}");
    assert_eq!(only.result()["ok"], 1);
}

#[test]
fn values_and_thresholds_are_there_when_all_is_well() {
    let run = run(&database(), &["locks.table_fill"]).run().success();
    let check = run.record("check");
    assert!(
        check["value"].is_number() && check["warn"] == 0.5 && check["crit"] == 0.8 && check["bad"] == "above",
        "{check}"
    );
    assert_eq!(check["key"], "locks.table_fill");
}

#[test]
fn many_findings_end_with_how_many_more_there_are() {
    let database = database();
    database.run("SELECT format('CREATE TABLE t%s (id int)', i) FROM generate_series(1, 12) AS i \\gexec");
    let told = run(&database, &["schema.without_primary_key", "--limit", "5"]).run().success();
    let said = told.records_of("check");
    assert_eq!(said.len(), 6);
    assert_eq!(said[5]["message"], "7 more like these");
}

#[test]
fn every_database_of_a_server_is_looked_into_and_the_server_once() {
    let cluster = testkit::Cluster::start(testkit::newest_major(), &[]);
    let (one, two) = (cluster.database("one"), cluster.database("two"));
    let all = run(&one, &["size.database", "connections.limit", "--all-databases"]).run().success();
    let sizes: Vec<_> = all
        .records_of("check")
        .iter()
        .filter_map(|check| check["database"].as_str().map(str::to_owned))
        .collect();
    assert!(sizes.contains(&one.name().to_owned()) && sizes.contains(&two.name().to_owned()), "{all}");
    assert_eq!(names(&all).iter().filter(|name| *name == "connections.limit").count(), 1);
    // The same by naming both.
    let both = run(&one, &["size.database", "connections.limit"]).database(&two).run().success();
    assert_eq!(names(&both), ["connections.limit", "size.database", "size.database"]);
}

#[test]
fn what_came_before_is_passed_on_and_has_to_have_succeeded() {
    let database = database();
    let first = run(&database, &["connections.limit"]).run().success();
    let second = run(&database, &["locks.table_fill", "-"]).input(first.stdout()).run().success();
    assert!(second.stdout().starts_with(&first.stdout()), "{second}");
    assert_eq!(names(&second), ["connections.limit", "locks.table_fill"]);
    let bad = run(&database, &["connections.limit", "--crit", "connections.limit=1"]).run().exit(1);
    let refused = run(&database, &["-"]).input(bad.stdout()).run().exit(4);
    assert_eq!(refused.records_of("check").len(), 1, "no check of its own: {refused}");
    run(&database, &["-"]).input("").run().exit(4);
}

#[test]
fn databases_of_other_encodings_are_looked_into_like_any_other() {
    for encoding in ["LATIN1", "SQL_ASCII", "EUC_JP"] {
        let clauses = format!("TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'");
        let database = Cluster::shared(newest_major()).database_with("other", &clauses);
        database.run("CREATE TABLE t (id serial PRIMARY KEY); ALTER TABLE t ENABLE ROW LEVEL SECURITY");
        let seen = run(&database, &["schema", "security", "sequences", "size", "vacuum"]).run().success();
        let untold = seen.records_of("check").into_iter().filter(|check| check["status"] == "unknown");
        assert_eq!(untold.collect::<Vec<_>>(), Vec::<&Value>::new(), "{encoding}");
    }
}
