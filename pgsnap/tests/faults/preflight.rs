//! What is looked at before anything is read: locks, pg_dump, a pooler in between.

use std::path::PathBuf;
use testkit::{Bouncer, Cluster, Database, Outcome, TempDir, Tool, newest_major, oldest_major};

fn code(outcome: &Outcome) -> String {
    outcome.record("error")["code"].as_str().unwrap().to_owned()
}

fn create(database: &Database, place: &TempDir) -> Tool {
    Tool::pgsnap("create").database(database).store(&place.join("store"))
}

#[test]
fn a_lock_table_that_is_too_small_is_told_before_locking() {
    let small =
        [("max_locks_per_transaction", "10"), ("max_connections", "10"), ("max_prepared_transactions", "0")];
    let cluster = Cluster::start(newest_major(), &small);
    let database = cluster.database("many");
    let make = |range: &str| {
        let make =
            format!("SELECT format('CREATE TABLE t%s (a int)', g) FROM generate_series({range}) g \\gexec");
        database.run(&make);
    };
    make("1, 90");
    let place = TempDir::new();
    create(&database, &place).run().success();
    make("91, 400");
    let outcome = create(&database, &place)
        .run()
        .exit(3)
        .says("400 tables need as many locks")
        .says("hint: raise max_locks");
    assert_eq!(code(&outcome), "too_many_locks");
    create(&database, &place).args(["-t", "t9*"]).run().success();
}

#[test]
fn a_pg_dump_that_is_too_old_or_missing_is_told() {
    let [newest, oldest] = [newest_major(), oldest_major()];
    let cluster = Cluster::shared(newest);
    // A name that --dbname would take for a connection string.
    let database = cluster.database("host=nowhere.invalid dumped's");
    let place = TempDir::new();
    let older = Cluster::shared(oldest).client("pg_dump", "postgres");
    let program = PathBuf::from(older.get_program());
    // The lowest that fits the oldest server may be as new as the newest one.
    let version = std::process::Command::new(&program).arg("--version").output().unwrap().stdout;
    let is_older = !String::from_utf8_lossy(&version).contains(&format!(") {newest}."));
    if is_older {
        let bin = program.parent().unwrap().to_owned();
        let old = create(&database, &place).env("PGRUNBOOK_PG_DUMP", program).run().exit(2);
        assert_eq!(code(&old), "program_too_old");
        assert!(old.stderr().contains(&format!("{newest} or newer is needed")), "{old}");
        // One that is too old is passed over, wherever it is.
        create(&database, &place).env("PGRUNBOOK_BINDIR", bin).run().success();
    }
    let broken = create(&database, &place).env("PGRUNBOOK_PG_DUMP", "/nowhere/pg_dump --x").run().exit(2);
    assert!(broken.stderr().contains("PGRUNBOOK_PG_DUMP names a command that does not run"), "{broken}");
    let failing = place.write(
        "fails.sh",
        "case $1 in --version) echo 'pg_dump (PostgreSQL) 99.1';; *) echo 'it hurts' >&2; exit 1;; esac",
    );
    let outcome =
        create(&database, &place).env("PGRUNBOOK_PG_DUMP", format!("sh {}", failing.display())).run().exit(3);
    assert_eq!(code(&outcome), "pg_dump");
    assert!(outcome.stderr().contains("it hurts"), "{outcome}");
    assert_eq!(
        place.files().iter().filter(|file| file.contains("snapshots/")).count(),
        usize::from(is_older)
    );
}

#[test]
fn a_pg_dump_behind_another_command_serves() {
    let cluster = Cluster::shared(newest_major());
    let database = cluster.database("dumped");
    database.run("CREATE TABLE t AS SELECT 1 AS a");
    let place = TempDir::new();
    let program = cluster.client("pg_dump", "postgres");
    let wrapped = format!("env WRAPPED='a b' '{}'", program.get_program().display());
    create(&database, &place).env("PGRUNBOOK_PG_DUMP", wrapped).run().success();
    let target = cluster.database("back");
    let restored =
        Tool::pgsnap("restore").arg("latest").store(&place.join("store")).database(&target).run().success();
    assert_eq!(restored.result()["proved"], true);
}

#[test]
fn a_pool_of_transactions_is_refused_and_one_of_sessions_serves() {
    let cluster = Cluster::shared(newest_major());
    let database = cluster.database("pooled");
    database.run("CREATE TABLE t AS SELECT generate_series(1, 1000) AS a");
    for mode in ["transaction", "statement", "session"] {
        let Some(bouncer) = Bouncer::start(&cluster, mode) else { return };
        let place = TempDir::new();
        let tool =
            Tool::pgsnap("create").arg("-d").arg(bouncer.connection(&database)).store(&place.join("store"));
        if mode == "session" {
            tool.run().success();
            let target = cluster.database("back");
            let restored = Tool::pgsnap("restore").arg("latest").store(&place.join("store"));
            restored.arg("-d").arg(bouncer.connection(&target)).run().success();
        } else {
            let outcome = tool.run().exit(3).says("hint: connect to the server itself");
            assert_eq!(code(&outcome), "transaction_pooling", "{outcome}");
        }
    }
}
