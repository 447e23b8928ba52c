//! Disks that are full or cannot be written to.

use crate::place::Place;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use testkit::Tool;

/// A file system of its own; without the right to mount one there is none.
struct Mounted(PathBuf);

impl Mounted {
    fn tmpfs(at: &Path, options: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).stderr(Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(Self(at.to_owned()));
        }
        std::io::stderr()
            .write_all(b"SKIPPED: no tmpfs can be mounted here (root may): full disks are not tried\n")
            .unwrap();
        None
    }

    fn again(&self, options: &str) {
        let mut mount = Command::new("mount");
        assert!(mount.args(["-o", options]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let mut umount = Command::new("umount");
        assert!(umount.arg(&self.0).status().unwrap().success() || std::thread::panicking());
    }
}

#[test]
fn too_little_space_for_the_copy_is_told_before_anything_is_made() {
    let place = Place::new();
    let at = place.temporary().join("tiny");
    let Some(_disk) = Mounted::tmpfs(&at, "size=8m,mode=1777") else { return };
    let outcome = place.restore().arg("--work-dir").arg(&at).run().exit(3).says("hint: ");
    assert_eq!(outcome.record("error")["code"], "disk_full", "{outcome}");
    assert_eq!(fs::read_dir(&at).unwrap().count(), 0, "something was made");
}

/// The disk fills up while the copy grows: nobody expects so many indexes.
#[test]
fn a_disk_that_fills_up_under_the_copy_is_an_error_and_is_emptied() {
    let place = Place::of(
        "CREATE TABLE t AS SELECT g AS id FROM generate_series(1, 300000) g; \
         DO $$ BEGIN FOR i IN 1..24 LOOP EXECUTE format('CREATE INDEX ON t ((id + %s))', i); END LOOP; END $$",
    );
    let at = place.temporary().join("small");
    let Some(disk) = Mounted::tmpfs(&at, "size=185m,mode=1777") else { return };
    let outcome = place
        .restore()
        .arg("--work-dir")
        .arg(&at)
        .arg("--no-attest")
        .run()
        .exit(3)
        .says("No space left on device");
    assert!(outcome.result().get("proved").is_none(), "{outcome}");
    assert_eq!(fs::read_dir(&at).unwrap().count(), 0, "something was left");
    disk.again("remount,size=2g");
    place.restore().arg("--work-dir").arg(&at).run().success();
    assert_eq!(fs::read_dir(&at).unwrap().count(), 0, "something was left");
}

#[test]
fn a_store_that_cannot_be_written_to_is_verified_without_an_attestation_only_on_demand() {
    let place = Place::new();
    let at = place.temporary().join("store");
    let Some(disk) = Mounted::tmpfs(&at, "size=50m") else { return };
    let copied = Command::new("cp").arg("-r").arg(place.store().join(".")).arg(&at).status().unwrap();
    assert!(copied.success());
    disk.again("remount,ro");
    let restore = || {
        let tool = Tool::named("pgverify").args(["restore", "latest"]).store(&at);
        tool.env("TMPDIR", place.temporary())
    };
    restore().run().exit(3).says("Read-only file system").says("hint: --no-attest");
    restore().arg("--no-attest").run().success();
    assert_eq!(place.left(), std::slice::from_ref(&at), "left behind");
    drop(disk);
}
