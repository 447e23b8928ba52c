//! `--server`: a scratch database on an existing server.

use super::{restore, shop, stored};
use std::sync::Arc;
use testkit::{Cluster, newest_major};

/// Those of every run on this server: it has to be the test's own.
fn databases(cluster: &Arc<Cluster>) -> Vec<Vec<String>> {
    cluster.existing("postgres").rows("SELECT datname FROM pg_database WHERE datname LIKE 'pgverify%'")
}

#[test]
fn a_scratch_database_is_proved_used_and_dropped() {
    let database = shop();
    let store = stored(&database);
    let cluster = Cluster::start(newest_major(), &[]);
    let server = cluster.existing("postgres").connection();
    let verified = restore(&store)
        .args(["--server", &server, "--", "psql", "-Atc", "SELECT current_database(), count(*) FROM orders"])
        .run()
        .success();
    assert_eq!(verified.result()["proved"], true);
    assert!(
        verified.stderr().starts_with("pgverify_") && verified.stderr().ends_with("|1000\n"),
        "{verified}"
    );
    assert_eq!(databases(&cluster), Vec::<Vec<String>>::new());
    // A restore there would be of another kind: nothing is estimated.
    assert!(verified.result().get("estimate_seconds").is_none());
}

#[test]
fn it_is_dropped_after_a_failure_too() {
    let database = shop();
    let store = stored(&database);
    let cluster = Cluster::start(newest_major(), &[]);
    let server = cluster.existing("postgres").connection();
    restore(&store).args(["--server", &server, "--", "false"]).run().exit(1);
    assert_eq!(databases(&cluster), Vec::<Vec<String>>::new());
}

#[test]
fn who_may_not_create_a_database_is_told_how() {
    let database = shop();
    let store = stored(&database);
    let cluster = Cluster::shared(newest_major());
    cluster.existing("postgres").run("CREATE ROLE nobody_of_verify LOGIN");
    let server = cluster.existing("postgres").connection().replace("user=postgres", "user=nobody_of_verify");
    restore(&store).args(["--server", &server]).run().exit(3).says("CREATEDB");
    cluster.existing("postgres").run("DROP ROLE nobody_of_verify");
}
