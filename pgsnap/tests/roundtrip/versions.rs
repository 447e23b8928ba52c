//! From each server into newer ones, and never into an older one.

use crate::compare::same_content;
use crate::corpus::Schema;
use crate::store::{Store, proved, valid};
use std::collections::BTreeSet;
use std::sync::Arc;
use testkit::{Cluster, Database, is_long, majors};

/// Schemas whose rows or objects were written otherwise in some version.
const SCHEMAS: &[&str] = &[
    "01_numbers",
    "03_dates_times",
    "10_columns",
    "21_partitions",
    "31_matviews",
    "50_sequences",
    "56_large_objects",
];

/// Every pair of an older and a newer version; of many, those between the oldest and the newest, unless all are wanted.
fn pairs() -> Vec<(u32, u32)> {
    let majors = majors();
    let pairs = majors
        .iter()
        .flat_map(|&from| majors.iter().map(move |&to| (from, to)))
        .filter(|(from, to)| from < to);
    let mut pairs: Vec<_> = pairs.collect();
    if !is_long() {
        pairs.retain(|&(from, to)| from == majors[0] || Some(&to) == majors.last());
        pairs.truncate(2);
    }
    pairs
}

#[test]
fn a_snapshot_restores_into_every_newer_version() {
    for (from, to) in pairs() {
        let (old, new) = (Cluster::shared(from), Cluster::shared(to));
        for name in SCHEMAS {
            let original = Schema::named(name).make(&old);
            let store = Store::new();
            let snapshot = store.take(&original);
            let copy = new.existing(&format!("{name} of {from}"));
            let outcome = proved(store.restore(&snapshot, &copy).args(["--create", "--create-roles"]).run());
            let stale: BTreeSet<String> = ["stale".to_owned()].into();
            same_content(
                &snapshot.manifest,
                &store.take(&copy).manifest,
                &Schema::named(name).list("reorders"),
                &stale,
            );
            drop(outcome);
        }
    }
}

#[test]
fn an_older_server_is_refused_before_anything_is_made() {
    for (older, newer) in pairs() {
        let (older, newer): (Arc<Cluster>, Arc<Cluster>) = (Cluster::shared(older), Cluster::shared(newer));
        let original = newer.database("of_newer");
        original.run("CREATE TABLE t AS SELECT 1 AS a");
        let store = Store::new();
        let snapshot = store.take(&original);
        let copy = older.existing("of_newer_copy");
        let said = format!(
            "the target is PostgreSQL {}, the snapshot is of PostgreSQL {}",
            older.major(),
            newer.major()
        );
        drop(valid(store.restore(&snapshot, &copy).arg("--create").run()).exit(3).says(&said).says("hint: "));
        assert_eq!(databases(&older, "of_newer_copy"), 0);
    }
}

fn databases(cluster: &Arc<Cluster>, name: &str) -> usize {
    let postgres: Database = cluster.existing("postgres");
    postgres.rows(&format!("SELECT 1 FROM pg_database WHERE datname = '{name}'")).len()
}
