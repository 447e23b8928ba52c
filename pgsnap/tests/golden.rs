//! Stores that earlier releases wrote stay readable: one of each format is kept as it was written.
//!
//! `tests/golden/format-1.0` holds three snapshots of one small database, each with another compression.
//! It is never written again; a new format gets a directory of its own.

use std::path::{Path, PathBuf};
use testkit::{Cluster, Tool, newest_major};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/format-1.0")
}

#[test]
fn a_store_of_format_1_0_is_listed_and_sound() {
    let listed = Tool::pgsnap("list").store(&golden()).run().success();
    let snapshots = listed.records_of("snapshot");
    let tags: Vec<_> = snapshots.iter().map(|snapshot| snapshot["tags"].as_str().expect("tags")).collect();
    assert_eq!(tags, ["zstd", "gzip", "none"]);
    let checked = Tool::pgsnap("check").store(&golden()).arg("--read-data").run().success();
    assert_eq!(checked.result()["blocks_checked"], 9);
}

#[test]
fn rows_of_every_compression_come_out_as_they_went_in() {
    let store = golden();
    for tag in ["zstd", "gzip", "none"] {
        let listed = Tool::pgsnap("list").store(&store).args(["--tag", tag]).run().success();
        let snapshot = listed.record("snapshot")["snapshot"].as_str().expect("a name").to_owned();
        let rows = Tool::pgsnap("cat").store(&store).args([&snapshot, "odd \"name\""]).raw().run().success();
        assert_eq!(rows.stdout(), "tab\\there\t0.1\n\\N\tNaN\n\t-Infinity\n");
        let rows = Tool::pgsnap("cat")
            .store(&store)
            .args([&snapshot, "customers", "--as", "csv"])
            .raw()
            .run()
            .success();
        assert_eq!(rows.stdout().lines().count(), 101);
    }
}

#[test]
fn a_snapshot_of_format_1_0_restores_and_is_proved() {
    let cluster = Cluster::shared(newest_major());
    let target = cluster.database("golden");
    let restored = Tool::pgsnap("restore")
        .store(&golden())
        .arg("latest")
        .database(&target)
        .arg("--no-owner")
        .run()
        .success();
    assert_eq!(restored.result()["proved"], true);
    assert_eq!(target.scalar("SELECT sum(doubled) FROM customers"), "10100");
    assert_eq!(target.scalar("SELECT name FROM customers WHERE id = 50"), "customer 50 zstd gzip");
    assert_eq!(target.scalar("SELECT nextval('tickets')"), "6");
    assert_eq!(target.scalar("SELECT convert_from(lo_get(4711), 'UTF8')"), "golden bytes");
}
