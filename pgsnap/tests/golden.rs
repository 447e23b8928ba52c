//! Stores that earlier releases wrote stay readable: one of each format is kept as it was written.
//!
//! `tests/golden/format-1.0`, `format-1.1` and `format-2.0` hold three snapshots of one small database, each with another
//! compression. The last one is encrypted, and its key lies beside it.
//! It is never written again; a new format gets a directory of its own.

use std::path::{Path, PathBuf};
use testkit::{Cluster, Tool, newest_major};

/// The formats, and how many blocks each store has.
const FORMATS: [(&str, u64); 3] = [("1.0", 9), ("1.1", 12), ("2.0", 17)];

fn golden(format: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../tests/golden/format-{format}"))
}

/// Opens the encrypted one.
fn key() -> PathBuf {
    golden("2.0").with_file_name("format-2.0.key")
}

#[test]
fn a_store_of_each_format_is_listed_and_sound() {
    for (format, blocks) in FORMATS {
        let listed = Tool::pgsnap("list").store(&golden(format)).run().success();
        let snapshots = listed.records_of("snapshot");
        let tags: Vec<_> =
            snapshots.iter().map(|snapshot| snapshot["tags"].as_str().expect("tags")).collect();
        assert_eq!(tags, ["zstd", "gzip", "none"]);
        let proved: Vec<_> = snapshots.iter().map(|snapshot| snapshot.get("proved").is_some()).collect();
        assert_eq!(proved, [false, false, format != "1.0"]);
        let checked = Tool::pgsnap("check").store(&golden(format)).arg("--read-data").run().success();
        assert_eq!(checked.result()["blocks_checked"], blocks);
    }
}

#[test]
fn rows_of_every_compression_come_out_as_they_went_in() {
    for (format, _) in FORMATS {
        let store = golden(format);
        for tag in ["zstd", "gzip", "none"] {
            let listed = Tool::pgsnap("list").store(&store).args(["--tag", tag]).run().success();
            let snapshot = listed.record("snapshot")["snapshot"].as_str().expect("a name").to_owned();
            let cat = |arguments: &[&str]| {
                Tool::pgsnap("cat")
                    .store(&store)
                    .arg(&snapshot)
                    .args(arguments)
                    .env("PGSNAP_IDENTITY", key())
                    .raw()
                    .run()
                    .success()
                    .stdout()
            };
            assert_eq!(cat(&["odd \"name\""]), "tab\\there\t0.1\n\\N\tNaN\n\t-Infinity\n");
            assert_eq!(cat(&["customers", "--as", "csv"]).lines().count(), 101);
        }
    }
}

#[test]
fn a_snapshot_of_each_format_restores_and_is_proved() {
    let cluster = Cluster::shared(newest_major());
    for (format, _) in FORMATS {
        let target = cluster.database("golden");
        let restored = Tool::pgsnap("restore")
            .store(&golden(format))
            .arg("latest")
            .database(&target)
            .arg("--no-owner")
            .env("PGSNAP_IDENTITY", key())
            .run()
            .success();
        assert_eq!(restored.result()["proved"], true);
        assert_eq!(target.scalar("SELECT sum(doubled) FROM customers"), "10100");
        assert_eq!(target.scalar("SELECT name FROM customers WHERE id = 50"), "customer 50 zstd gzip");
        assert_eq!(target.scalar("SELECT nextval('tickets')"), "6");
        assert_eq!(target.scalar("SELECT convert_from(lo_get(4711), 'UTF8')"), "golden bytes");
    }
}
