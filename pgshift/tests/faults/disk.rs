//! A full disk on the server.

use super::Shop;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use testkit::TempDir;

/// A small file system; without the right to mount one there is none.
struct Disk(PathBuf);

impl Disk {
    fn small(place: &TempDir) -> Option<Self> {
        let at = place.join("disk");
        std::fs::create_dir(&at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=6m,mode=1777", "tmpfs"]).arg(&at).stderr(Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(Self(at));
        }
        std::io::stderr()
            .write_all(b"SKIPPED: no tmpfs can be mounted here (root may): full disks are not tried\n")
            .unwrap();
        None
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let mut umount = Command::new("umount");
        assert!(umount.arg(&self.0).status().unwrap().success() || std::thread::panicking());
    }
}

#[test]
fn what_the_disk_cannot_take_is_taken_back_and_done_later() {
    let place = TempDir::new();
    let Some(disk) = Disk::small(&place) else { return };
    let space = disk.0.join("space");
    std::fs::create_dir(&space).unwrap();
    std::os::unix::fs::chown(&space, Some(postgres(&disk.0)), None).unwrap();
    let shop = Shop::with(&[
        ("1_t.sql", "CREATE TABLE t AS SELECT g AS a FROM generate_series(1, 200000) g;"),
        (
            "2_i.sql",
            "CREATE TABLE u ();\nCREATE INDEX CONCURRENTLY i ON t (a) TABLESPACE pgshift_small;\nCREATE TABLE v ();",
        ),
    ]);
    shop.database.run(&format!("CREATE TABLESPACE pgshift_small LOCATION '{}'", space.display()));
    shop.database.run("CREATE TABLE filler (x text) TABLESPACE pgshift_small; INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 3000)");
    let failed = shop.apply().run().exit(3).says("2_i.sql:2:1").says("No space left on device");
    assert_eq!(failed.record("error")["sqlstate"], "53100");
    assert_eq!(shop.history(), [["1", "applied", "1"], ["2", "partial", "1"]]);
    assert_eq!(shop.count("pg_index WHERE NOT indisvalid"), "0");
    shop.database.run("DROP TABLE filler");
    shop.apply().run().success();
    assert_eq!(shop.history(), [["1", "applied", "1"], ["2", "applied", "3"]]);
    shop.database.run("DROP INDEX i; DROP TABLESPACE pgshift_small");
}

/// Who runs the test's servers: root's are somebody else's.
fn postgres(disk: &std::path::Path) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    let cluster = testkit::Cluster::shared(testkit::newest_major());
    let owner = std::fs::metadata(cluster.host()).unwrap().uid();
    assert!(disk.exists());
    owner
}
