//! Others at work in the same store: they are waited for, and the dead are not.

use crate::store::{Stored, field};
use common::store::{Location, Store};
use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

const WHO: &str = r#"{"tool":"pgsnap 0.1.0","host":"elsewhere","pid":7,"began":"2026-01-31T02:00:00Z"}"#;

fn age(file: &Path, minutes: u64) {
    let moment = SystemTime::now() - Duration::from_mins(minutes);
    File::options().append(true).open(file).unwrap().set_modified(moment).unwrap();
}

#[test]
fn beside_a_run_that_adds_no_block_is_removed_until_it_is_dead() {
    let stored = Stored::with(2);
    let marker = stored.write("running/0123456789abcdef.json", WHO);
    let blocks = stored.files("blocks").len();
    let done = stored.run("forget", &["--keep-last", "1", "--wait", "0"]).exit(3);
    assert_eq!(done.result()["forgotten"], 1);
    let reasons = field(&done, "skipped", "reason");
    assert_eq!(
        reasons,
        ["pgsnap 0.1.0 on \"elsewhere\" (process 7, since 2026-01-31T02:00:00Z) adds to the store"]
    );
    assert_eq!(stored.files("blocks").len(), blocks);
    assert_eq!(stored.files("sweeping").len(), 0);
    // Younger than what is taken for dead.
    age(&marker, 25);
    drop(stored.run("sweep", &["--wait", "0"]).exit(3));
    age(&marker, 35);
    let done = stored.run("sweep", &["--wait", "0"]).success();
    assert!(done.result()["blocks_removed"].as_u64().unwrap() > 0, "{done}");
    assert!(!marker.exists());
    stored.is_sound_and_swept();
}

#[test]
fn a_sweep_begins_when_the_run_that_adds_has_ended() {
    let stored = Stored::with(2);
    let marker = stored.write("running/0123456789abcdef.json", WHO);
    let own = stored.path().join("sweeping");
    std::fs::create_dir(&own).unwrap();
    let changed = || std::fs::metadata(&own).unwrap().modified().unwrap();
    let before = changed();
    let mut sweep = stored.tool("forget", &["--keep-last", "1"]).start();
    sweep.wait_until("it has given way", || {
        let is_empty = std::fs::read_dir(&own).unwrap().next().is_none();
        is_empty && changed() != before
    });
    std::fs::remove_file(marker).unwrap();
    drop(sweep.finish().success().says("waits for pgsnap 0.1.0 on \"elsewhere\""));
    stored.is_sound_and_swept();
}

#[test]
fn a_run_that_adds_begins_when_the_sweep_has_ended_or_is_dead() {
    let mut stored = Stored::with(1);
    let marker = stored.write("sweeping/0123456789abcdef.json", WHO);
    let mut create = stored.create().start();
    let running = stored.path().join("running");
    let mut first = None;
    create.wait_until("it has looked twice", || {
        let own = std::fs::read_dir(&running).ok().and_then(|mut names| names.next()?.ok()?.metadata().ok());
        let written = own.and_then(|own| own.modified().ok());
        written.is_some() && written != *first.get_or_insert(written)
    });
    std::fs::remove_file(&marker).unwrap();
    drop(create.finish().success().says("has removed blocks"));
    let marker = stored.write("sweeping/0123456789abcdef.json", WHO);
    age(&marker, 35);
    stored.take("behind a dead one");
    assert!(!marker.exists());
    assert_eq!(stored.files("running").len(), 0);
}

#[test]
fn a_snapshot_that_goes_while_all_are_read_is_no_damage() {
    let stored = Stored::with(2);
    let store = Store::open(&Location::Directory(stored.path())).unwrap();
    let mut outlines = store.outlines().unwrap();
    drop(outlines.next().unwrap().1.unwrap());
    std::fs::remove_file(stored.path().join(format!("snapshots/{}.json", stored.snapshots[1]))).unwrap();
    assert!(outlines.next().is_none());
}

#[test]
fn a_store_is_for_its_user_alone_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt as _;
    let stored = Stored::with(0);
    let open = ["-c", "umask 0; exec \"$0\" \"$@\""];
    let make = || drop(stored.create().under("sh", open).run().success());
    make();
    make();
    stored.tool("forget", &["--keep-last", "1"]).under("sh", open).run().success();
    let mut left = vec![stored.path()];
    let mut seen = 0;
    while let Some(path) = left.pop() {
        let metadata = path.metadata().unwrap();
        assert_eq!(metadata.permissions().mode() & 0o077, 0, "{}", path.display());
        seen += 1;
        if metadata.is_dir() {
            left.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    assert!(seen > 8, "only {seen} files and directories");
}

#[test]
fn create_and_forget_at_once_leave_whole_snapshots() {
    let mut stored = Stored::with(2);
    for round in 0..4 {
        stored.database.run(&format!("INSERT INTO moving VALUES ({round})"));
        let creates = [stored.create().start(), stored.create().start()];
        let forgets = [1, 2].map(|_| stored.tool("forget", &["--keep-last", "2"]).start());
        for create in creates {
            drop(create.finish().success());
        }
        for forget in forgets {
            drop(forget.finish().success());
        }
        stored.is_sound();
    }
    stored.take("the last");
    drop(stored.run("forget", &["--keep-last", "1"]).success());
    assert_eq!(stored.listed().len(), 1);
    stored.is_sound_and_swept();
    assert_eq!(stored.files("running").len() + stored.files("sweeping").len(), 0);
}
