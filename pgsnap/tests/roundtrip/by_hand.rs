//! A snapshot restores without pgsnap: with the script that the store itself carries, `zstd`, `jq` and `psql`.

use crate::compare::{same, same_content};
use crate::corpus::Schema;
use crate::store::{Snapshot, Store};
use std::process::Command;
use testkit::{Cluster, Database, is_long, majors, newest_major};

/// What is odd about names, encodings, orders or kinds of content, and large objects.
const SCHEMAS: &[&str] = &[
    "01_numbers",
    "02_text",
    "05_json_xml",
    "10_columns",
    "13_names",
    "15_latin1",
    "16_sql_ascii",
    "21_partitions",
    "23_partitions_by_enum",
    "26_triggers",
    "31_matviews",
    "43_text_like_dumps",
    "45_privileges",
    "50_sequences",
    "51_constraints",
    "52_array_nulls",
    "56_large_objects",
];

/// The materialised views of these schemas that are out of date at the source.
const STALE: [&str; 2] = ["stale", "m"];

#[test]
fn a_store_restores_by_its_own_instructions() {
    let mut failed = Vec::new();
    // The script is the same for all; what differs between versions is in the snapshots, which are tried elsewhere.
    for major in if is_long() { majors() } else { vec![newest_major()] } {
        let cluster = Cluster::shared(major);
        // Names, an encoding of its own, partitions, triggers, text that looks like a dump, large objects: the rest in a long run.
        let short = [
            "13_names",
            "15_latin1",
            "21_partitions",
            "26_triggers",
            "43_text_like_dumps",
            "56_large_objects",
        ];
        for name in SCHEMAS.iter().filter(|name| is_long() || short.contains(name)) {
            let went = std::thread::scope(|scope| {
                scope.spawn(|| restores_by_hand(&Schema::named(name), &cluster)).join()
            });
            if went.is_err() {
                failed.push(format!("{name} on {major}"));
            }
        }
    }
    assert!(failed.is_empty(), "failed (see above): {failed:?}");
}

fn restores_by_hand(schema: &Schema, cluster: &std::sync::Arc<Cluster>) {
    let original = schema.make(cluster);
    let store = Store::new();
    let snapshot = store.take(&original);
    let source = &snapshot.manifest.source;
    let clauses = format!(
        "TEMPLATE template0 ENCODING '{}' LC_COLLATE '{}' LC_CTYPE '{}'",
        source.encoding, source.collate, source.ctype
    );
    let copy = cluster.database_with("by hand", &clauses);
    run(&store, &snapshot, &copy);
    if schema.list("reorders").is_empty() {
        // What belongs to the database itself is not in the rows and objects that the script restores.
        let objects = |database: &Database| database.dump_text();
        same(&schema.name, &objects(&original), &objects(&copy), schema.header("moves").is_some());
    }
    let again = store.take(&copy);
    same_content(
        &snapshot.manifest,
        &again.manifest,
        &schema.list("reorders"),
        &STALE.map(str::to_owned).into(),
    );
}

/// Runs the script of the store's README, as it is there.
fn run(store: &Store, snapshot: &Snapshot, copy: &Database) {
    let readme = std::fs::read_to_string(store.path().join("README.md")).unwrap();
    let (_, fenced) = readme.split_once("```bash\n").expect("a script");
    let (script, _) = fenced.split_once("```").expect("the script's end");
    let file = store.file("restore.sh", script);
    let psql = copy.cluster().client("psql", copy.name());
    let mut bash = Command::new("bash");
    bash.arg(file).arg(store.path()).args([&snapshot.id, copy.name()]);
    bash.envs(psql.get_envs().filter_map(|(name, value)| Some((name, value?))));
    // The very psql that fits the server comes first, and a user's own settings are not the script's.
    let directory = std::path::Path::new(psql.get_program()).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    bash.env("PATH", format!("{}:{path}", directory.display())).env_remove("PGCLIENTENCODING");
    let output = bash.output().expect("bash runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.is_empty(),
        "{}: {}\n{said}",
        output.status,
        String::from_utf8_lossy(&output.stdout)
    );
}
