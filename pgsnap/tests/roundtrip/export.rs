//! Exports: what `pg_restore` and psql make of them is the source again, by `pgverify compare`.

use crate::corpus::Schema;
use crate::store::{Snapshot, Store, valid};
use common::pg::programs::{self, Program};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use testkit::{Cluster, Database, TempDir, Tool, is_long, majors, newest_major};

/// What every run tries: names, an encoding of its own, materialised views, privileges, large objects.
const SHORT: [&str; 5] = ["13_names", "15_latin1", "31_matviews", "45_privileges", "56_large_objects"];

/// The `pg_restore` of each major version that is installed.
fn restorers() -> BTreeMap<u32, Program> {
    (12..=18)
        .filter_map(|major| programs::client("pg_restore", major).ok())
        .map(|program| (program.version.major, program))
        .collect()
}

pub(crate) fn export(store: &Store, snapshot: &Snapshot, kind: &str, place: &Path) -> Tool {
    Tool::pgsnap("export").arg(&snapshot.id).store(&store.path()).args(["--to", kind]).arg(place)
}

/// A new database like that of the snapshot.
fn like(snapshot: &Snapshot, cluster: &Arc<Cluster>, name: &str) -> Database {
    let source = &snapshot.manifest.source;
    let clauses = format!(
        "TEMPLATE template0 ENCODING '{}' LC_COLLATE '{}' LC_CTYPE '{}'",
        source.encoding, source.collate, source.ctype
    );
    cluster.database_with(name, &clauses)
}

/// Fails unless pgverify finds no difference but rows of materialised views that are out of date at the source, and what belongs to
/// the database itself, which a dump brings only into one that it creates.
#[track_caller]
fn equal(what: &str, original: &Database, copy: &Database) {
    let compare = Tool::named("pgverify").arg("compare").arg(original.connection()).arg(copy.connection());
    let mut outcome = compare.run();
    let code = outcome.code();
    let differences = outcome.records_of("difference");
    let stale = |object: &str| STALE.iter().any(|name| object == format!("materialized view {name}"));
    let of_database = |object: &str| object == "database" || object.starts_with("setting ");
    let objects = differences.iter().map(|difference| difference["object"].as_str().unwrap());
    let others = objects.filter(|object| !stale(object) && !of_database(object)).count();
    assert!(others == 0 && code == i32::from(!differences.is_empty()), "{what}: {outcome}");
}

/// The materialised views of the schemas that are out of date at the source: every restore of a dump fills them again.
const STALE: [&str; 2] = ["\"public\".\"stale\"", "\"owned\".\"m\""];

fn pg_restore(program: &Program, copy: &Database, arguments: &[&str], directory: &Path) {
    let mut command = program.start();
    copy.cluster().sandbox().lead(&mut command, copy.name());
    command.args(["--exit-on-error", "--no-password", "-d", copy.name()]).args(arguments).arg(directory);
    let output = command.env("LC_ALL", "C").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{command:?}: {}\n{said}", output.status);
}

/// What several jobs of `pg_restore` do in the wrong order, with pg_dump's own files as well: privileges that rest on others; triggers
/// and foreign keys of partitioned tables before the rows of their partitions.
const FOR_ONE_JOB: [&str; 3] = ["26_triggers", "45_privileges", "75_new_in_18"];

fn goes_through_pg_restore(schema: &Schema, cluster: &Arc<Cluster>, restorers: &BTreeMap<u32, Program>) {
    let original = schema.make(cluster);
    let (store, place) = (Store::new(), TempDir::new());
    let snapshot = store.take(&original);
    for (number, (major, program)) in restorers.iter().enumerate() {
        // From 17 on it sets `transaction_timeout`, which an older server refuses.
        if *major >= 17 && cluster.major() < 17 {
            continue;
        }
        let method = ["none", "gzip:1"][number % 2];
        let directory = place.join(format!("of {major}"));
        valid(export(&store, &snapshot, "pg_dump", &directory).args(["-Z", method]).run()).success();
        let copy = like(&snapshot, cluster, "by pg_restore");
        let jobs = if number % 2 == 0 || FOR_ONE_JOB.contains(&schema.name.as_str()) {
            "--jobs=1"
        } else {
            "--jobs=4"
        };
        pg_restore(program, &copy, &[jobs], &directory);
        equal(&format!("{} by pg_restore {major}, {method}, {jobs}", schema.name), &original, &copy);
    }
}

fn goes_through_psql(schema: &Schema, cluster: &Arc<Cluster>) {
    let original = schema.make(cluster);
    let store = Store::new();
    let snapshot = store.take(&original);
    let copy = like(&snapshot, cluster, "by psql");
    let place = TempDir::new();
    let file = place.join("script.sql");
    valid(export(&store, &snapshot, "sql", &file).run()).success();
    let mut psql = cluster.client("psql", copy.name());
    psql.env_remove("PGCLIENTENCODING")
        .args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f"])
        .arg(file);
    let output = psql.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    // The server has a word to say on each subscription that is made and does not connect.
    let quiet = said.lines().all(|line| {
        line.contains("subscription was created")
            || line.contains("were not subscribed")
            || line.starts_with("HINT: ")
    });
    assert!(output.status.success() && quiet, "{}: {}\n{said}", schema.name, output.status);
    equal(&format!("{} by psql", schema.name), &original, &copy);
}

/// Takes schemas through `way`: a few, or all of them on all majors in a long run.
fn all_go(way: impl Fn(&Schema, &Arc<Cluster>) + Sync) {
    let mut failed = Vec::new();
    for major in if is_long() { majors() } else { vec![newest_major()] } {
        let cluster = Cluster::shared(major);
        let chosen = |schema: &Schema| is_long() || SHORT.contains(&schema.name.as_str());
        for schema in Schema::all().iter().filter(|schema| chosen(schema) && !schema.is_slow()) {
            let odd = schema.is_beyond_restoring() || schema.header("broken").is_some();
            if odd || schema.unfit_for(&cluster).is_some() {
                continue;
            }
            if std::thread::scope(|scope| scope.spawn(|| way(schema, &cluster)).join()).is_err() {
                failed.push(format!("{} on {major}", schema.name));
            }
        }
    }
    assert!(failed.is_empty(), "failed (see above): {failed:?}");
}

#[test]
fn pg_restore_of_every_major_restores_an_exported_directory_to_what_the_source_holds() {
    let restorers = restorers();
    assert!(restorers.len() >= 2, "{:?}", restorers.keys());
    all_go(|schema, cluster| goes_through_pg_restore(schema, cluster, &restorers));
}

#[test]
fn psql_restores_an_exported_script_to_what_the_source_holds() {
    all_go(goes_through_psql);
}

#[test]
fn pg_restore_lists_an_exported_directory_and_takes_single_tables_from_it() {
    let cluster = Cluster::shared(newest_major());
    let original = cluster.database("listed");
    original.run(
        "CREATE TABLE parent (id bigserial PRIMARY KEY, t text); INSERT INTO parent (t) SELECT 'row ' || i FROM generate_series(1, 100) i;
         CREATE TABLE child (id int REFERENCES parent); INSERT INTO child VALUES (1), (2); CREATE INDEX ON child (id);
         CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM parent; SELECT lo_from_bytea(7, 'abc')",
    );
    let (store, place) = (Store::new(), TempDir::new());
    let snapshot = store.take(&original);
    let directory = place.join("dump");
    let outcome = valid(export(&store, &snapshot, "pg_dump", &directory).run()).success();
    assert_eq!(outcome.result()["tables"], 2);
    assert_eq!(outcome.records_of("large_objects").len(), 1);
    for file in std::fs::read_dir(&directory).unwrap() {
        assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(directory.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    for (major, program) in restorers() {
        let said = program.start().arg("-l").arg(&directory).output().unwrap();
        let list = String::from_utf8(said.stdout).unwrap();
        for line in [
            "TABLE DATA public parent",
            "TABLE DATA public child",
            "SEQUENCE SET public parent_id_seq",
            "MATERIALIZED VIEW DATA public m",
            "BLOB - 7",
            "BLOBS - BLOBS",
            "dbname: listed_",
        ] {
            assert!(list.contains(line), "{major}: {line}: {list}");
        }
        if major >= 17 && cluster.major() < 17 {
            continue;
        }
        let copy = cluster.database("single");
        pg_restore(&program, &copy, &["-t", "child"], &directory);
        assert_eq!(copy.rows("SELECT id FROM child ORDER BY 1"), [["1"], ["2"]]);
        assert_eq!(copy.scalar("SELECT to_regclass('parent') IS NULL"), "t");
    }
    // What pgverify reads of others' dumps, it reads of ours.
    let verified =
        Tool::named("pgverify").arg("archive").arg(&directory).args(["-d", &original.connection()]).run();
    // The materialised view's row is compared, too.
    assert_eq!(verified.success().result()["found_rows"], 103);
    // A place that is taken stays as it is.
    export(&store, &snapshot, "pg_dump", &directory).run().exit(4).says("is there already");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn a_part_of_a_snapshot_is_exported_alone() {
    let cluster = Cluster::shared(newest_major());
    let original = cluster.database("part");
    original.run(
        "CREATE SCHEMA s; CREATE TABLE s.a (id serial PRIMARY KEY); INSERT INTO s.a DEFAULT VALUES; CREATE TABLE b (id int); INSERT INTO b VALUES (5)",
    );
    let (store, place) = (Store::new(), TempDir::new());
    let snapshot = store.take(&original);
    let restorer = programs::client("pg_restore", cluster.major()).unwrap();
    for (number, arguments) in [["-t", "s.a"], ["-n", "s"]].iter().enumerate() {
        let directory = place.join(format!("dump {number}"));
        valid(export(&store, &snapshot, "pg_dump", &directory).args(arguments).run()).success();
        let copy = cluster.database("part_copy");
        pg_restore(&restorer, &copy, &[], &directory);
        assert_eq!(copy.scalar("SELECT nextval('s.a_id_seq') + max(id) FROM s.a"), "3");
        assert_eq!(copy.scalar("SELECT to_regclass('b') IS NULL"), "t");
    }
    export(&store, &snapshot, "csv", &place.join("csv"))
        .args(["-t", "nothing"])
        .run()
        .exit(3)
        .says("has no table");
    assert!(!place.join("csv").exists());
}

#[test]
fn zstd_files_are_read_by_a_pg_restore_that_was_built_with_it() {
    let cluster = Cluster::shared(newest_major());
    let original = cluster.database("zstd");
    // The large object has several pieces.
    original.run(
        "CREATE TABLE t AS SELECT i, md5(i::text) AS t FROM generate_series(1, 50000) i; SELECT lo_from_bytea(5, decode(repeat(md5('x'), 50000), 'hex'))",
    );
    let (store, place) = (Store::new(), TempDir::new());
    let snapshot = store.take(&original);
    let directory = place.join("dump");
    valid(export(&store, &snapshot, "pg_dump", &directory).args(["-Z", "zstd:3"]).run()).success();
    for (major, program) in restorers().into_iter().filter(|(major, _)| *major >= 16) {
        let said = program.start().arg("-l").arg(&directory).output().unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
        assert!(said.contains("Compression: zstd"), "{said}");
        if said.contains("does not support compression") {
            drop(writeln!(std::io::stderr(), "SKIPPED: this pg_restore {major} was built without zstd"));
        } else if major < 17 || cluster.major() >= 17 {
            let copy = like(&snapshot, &cluster, "by zstd");
            pg_restore(&program, &copy, &["--jobs=2"], &directory);
            equal(&format!("zstd by pg_restore {major}"), &original, &copy);
        }
    }
}
