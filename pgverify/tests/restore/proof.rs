//! The proof, its result, and the attestation.

use super::{restore, shop, stored};
use testkit::{Cluster, TempDir, Tool, majors, newest_major, oldest_major};

#[test]
fn a_sound_snapshot_is_proved_and_attested() {
    let database = shop();
    let store = stored(&database);
    let listed = Tool::pgsnap("list").store(store.path()).run().success();
    assert!(listed.record("snapshot").get("verified").is_none(), "{listed}");

    let verified = restore(&store).run().success();
    let result = verified.result();
    assert_eq!(result["proved"], true, "{verified}");
    assert_eq!(
        (&result["tables"], &result["found_rows"], &result["expected_rows"]),
        (&2.into(), &1002.into(), &1002.into())
    );
    assert_eq!(result["expected_bytes"], result["found_bytes"]);
    assert_eq!(
        (&result["sequences"], &result["materialized_views"], &result["large_objects"]),
        (&1.into(), &1.into(), &1.into())
    );
    assert_eq!((&result["database"], &result["whole"]), (&database.name().into(), &true.into()));
    let seconds = |field: &str| result[field].as_f64().unwrap();
    assert!(seconds("estimate_low_seconds") <= seconds("estimate_seconds"), "{verified}");
    assert!(seconds("estimate_seconds") <= seconds("estimate_high_seconds"), "{verified}");
    let steps: Vec<_> =
        verified.records_of("step").iter().map(|step| step["step"].as_str().unwrap()).collect();
    for step in ["files", "cluster", "before data", "after data", "restore", "proof"] {
        assert!(steps.contains(&step), "{step} is not told: {steps:?}");
    }

    let listed = Tool::pgsnap("list").store(store.path()).run().success();
    assert_eq!(listed.record("snapshot")["proved"], true, "{listed}");
    let file = store.path().join(result["attestation"].as_str().unwrap());
    let attestation: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(attestation["snapshot"], result["snapshot"]);
    assert_eq!(attestation["rows"], 1002);
    let checked = Tool::pgsnap("check").arg("--read-data").store(store.path()).run().success();
    assert_eq!(checked.result()["differences"], 0);
}

#[test]
fn a_name_that_reads_like_a_connection_string_leads_nowhere_else() {
    for name in ["postgres://nowhere.invalid/shop", "host=nowhere.invalid user=nobody's"] {
        let database = Cluster::shared(newest_major()).database(name);
        database.run("CREATE TABLE t AS SELECT generate_series(1, 10) AS a");
        let store = stored(&database);
        let verified = restore(&store).args(["--", "psql", "-Atc", "TABLE t"]).run().success();
        assert_eq!(verified.result()["database"], database.name());
        let snapshot = format!("latest:{}", database.name());
        let compared = Tool::named("pgverify").args(["compare", &snapshot, &database.connection()]);
        compared.store(store.path()).run().success();
    }
}

#[test]
fn a_part_of_a_database_is_proved_and_said_to_be_a_part() {
    let database = shop();
    let place = TempDir::new();
    for part in [&["-t", "orders"][..], &["--exclude-table-data", "orders"], &["--no-large-objects"]] {
        let store = place.join(part.join(" "));
        Tool::pgsnap("create").database(&database).store(&store).args(part).run().success();
        let verified = Tool::named("pgverify").args(["restore", "latest"]).store(&store).run().success();
        let result = verified.result();
        assert_eq!((&result["proved"], &result["whole"]), (&true.into(), &false.into()), "{verified}");
    }
}

#[test]
fn the_databases_that_every_cluster_has_are_proved_like_any_other() {
    let cluster = Cluster::start(newest_major(), &[]);
    let store = TempDir::new();
    for name in ["postgres", "template1"] {
        let database = cluster.existing(name);
        database.run("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)");
        Tool::pgsnap("create").database(&database).store(&store.join("store")).run().success();
        let verified = Tool::named("pgverify")
            .args(["restore", "latest"])
            .store(&store.join("store"))
            .args(["--", "psql", "-Atc", "SELECT current_database(), count(*) FROM kept"])
            .env("PATH", super::path())
            .run()
            .success();
        assert_eq!(verified.result()["proved"], true, "{verified}");
        assert!(verified.stderr().contains(&format!("{name}|1")), "{verified}");
    }
}

#[test]
fn an_older_server_s_snapshot_is_rehearsed_on_a_newer_one() {
    let (old, new) = (oldest_major(), newest_major());
    if old == new {
        assert_eq!(majors().len(), 1, "only one version is installed");
        return;
    }
    let database = Cluster::shared(old).database("upgraded");
    database.run("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'); CREATE VIEW v AS SELECT t.a FROM t WHERE t.b = ANY (ARRAY['x', 'y'])");
    let store = stored(&database);
    let verified = restore(&store).args(["--pg-version", &new.to_string()]).run().success();
    let version = |field: &str| verified.result()[field].as_str().unwrap().to_owned();
    assert!(version("source_version").starts_with(&old.to_string()), "{verified}");
    assert!(version("copy_version").starts_with(&new.to_string()), "{verified}");
    assert_eq!(verified.result()["proved"], true);
}

#[test]
fn a_pipe_verifies_what_was_just_made_and_passes_it_on() {
    let database = shop();
    let store = TempDir::new();
    let made = Tool::pgsnap("create").database(&database).store(store.path()).run().success();
    let verified = Tool::named("pgverify")
        .args(["restore", "-"])
        .store(store.path())
        .input(made.stdout())
        .run()
        .success();
    assert!(verified.stdout().starts_with(&made.stdout()), "what came in is passed on first: {verified}");
    assert_eq!(verified.result()["snapshot"], made.result()["snapshot"]);
    assert_eq!(verified.result()["proved"], true);
}

#[test]
fn what_failed_was_cut_off_or_did_not_run_is_refused() {
    let database = shop();
    let store = TempDir::new();
    let made = Tool::pgsnap("create").database(&database).store(store.path()).run().success();
    let verify = |input: &str| {
        Tool::named("pgverify").args(["restore", "-"]).store(store.path()).input(input).run().exit(4)
    };
    verify("").says("nothing came in on stdin");
    let stdout = made.stdout();
    let without_result = &stdout[..=stdout.trim_end().rfind('\n').unwrap()];
    verify(without_result);
    verify(&stdout.replace("\"status\":\"ok\",\"exit_code\":0", "\"status\":\"error\",\"exit_code\":3"));
    let listed = Tool::pgsnap("check").store(store.path()).run().success();
    verify(&listed.stdout()).says("name no snapshot");
}

#[test]
fn all_databases_of_one_run_are_verified() {
    let store = TempDir::new();
    let (one, two) = (shop(), shop());
    let made = Tool::pgsnap("create").database(&one).arg(two.name()).store(store.path()).run().success();
    let verified = Tool::named("pgverify")
        .args(["restore", "-"])
        .store(store.path())
        .input(made.stdout())
        .run()
        .success();
    assert_eq!(verified.result()["snapshots"], 2, "{verified}");
    let listed = Tool::pgsnap("list").store(store.path()).run().success();
    assert!(listed.records_of("snapshot").iter().all(|snapshot| snapshot["proved"] == true), "{listed}");
}

#[test]
fn an_empty_database_is_never_proved_equal() {
    let database = Cluster::shared(newest_major()).database("empty");
    let store = stored(&database);
    let verified = restore(&store).run().exit(3).says("nothing was compared");
    assert_ne!(verified.result().get("proved"), Some(&true.into()), "{verified}");
}

#[test]
fn tablespaces_and_settings_of_the_source_are_given_to_the_copy() {
    let database = Cluster::shared(newest_major()).database("settled");
    database.run("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
    database.run(&format!("ALTER DATABASE {} SET work_mem = '7MB'", database.name()));
    let store = stored(&database);
    let verified = restore(&store)
        .args(["--set", "work_mem=8MB", "--", "psql", "-Atc", "SHOW work_mem"])
        .run()
        .success();
    assert_eq!(verified.stderr(), "7MB\n", "what the database says beats what its server says");
}
