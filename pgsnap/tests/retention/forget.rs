//! What stays, what goes, and what is refused.

use crate::store::{Stored, field};
use testkit::{Tool, reseal};

#[test]
fn rules_keep_snapshots_and_the_blocks_of_the_others_go() {
    let stored = Stored::with(3);
    let before = stored.files("").len();
    let dry = stored.run("forget", &["--keep-last", "1", "--dry-run"]).success();
    assert_eq!(dry.result()["dry_run"], true);
    assert_eq!(stored.files("").len(), before);
    let done = stored.run("forget", &["--keep-last", "1", "--keep-tag", "n0"]).success();
    assert_eq!(field(&done, "kept", "snapshot"), [&*stored.snapshots[2], &*stored.snapshots[0]]);
    assert_eq!(field(&done, "kept", "reason"), ["last", "tag n0"]);
    assert_eq!(field(&done, "forgotten", "snapshot"), [&*stored.snapshots[1]]);
    assert_eq!(field(&done, "forgotten", "reason"), ["no rule keeps it"]);
    assert_eq!(stored.listed(), [&*stored.snapshots[0], &*stored.snapshots[2]]);
    stored.is_sound_and_swept();
    let done = stored.run("forget", &["--keep-last", "1"]).success();
    assert_eq!((&done.result()["kept"], &done.result()["forgotten"]), (&1.into(), &1.into()));
    // What a dry run tells is what is done.
    let removed = |outcome: &testkit::Outcome| outcome.result()["blocks_removed"].as_u64().unwrap();
    assert!(removed(&done) > 0 && removed(&dry) > removed(&done), "{dry}{done}");
    stored.is_sound_and_swept();
    assert_eq!(stored.files("running").len() + stored.files("sweeping").len(), 0);
}

#[test]
fn what_nobody_has_thought_through_is_refused() {
    let stored = Stored::with(2);
    let [first, second] = [&*stored.snapshots[0], &*stored.snapshots[1]];
    drop(stored.run("forget", &[]).exit(2).says("nothing says which snapshots to keep"));
    drop(stored.run("forget", &["--keep-daily", "0"]).exit(2));
    drop(stored.run("forget", &["--keep-within", "30"]).exit(2));
    drop(stored.run("forget", &["--keep-last", "1", first]).exit(2).says("both"));
    drop(stored.run("forget", &[first, second]).exit(4).says("the last one of its database"));
    assert_eq!(stored.listed().len(), 2);
    // Whatever the rules say, the last one stays.
    let done = stored.run("forget", &["--keep-tag", "none"]).success();
    assert_eq!(field(&done, "kept", "reason"), ["the last one of its database"]);
    assert_eq!(stored.listed(), [second]);
    let done = stored.run("forget", &[second, "--even-the-last"]).success();
    assert_eq!(field(&done, "forgotten", "reason"), ["it was named"]);
    assert_eq!((stored.files("blocks").len(), stored.listed().len()), (0, 0));
}

#[test]
fn the_newest_proved_one_stays_and_attestations_go_with_their_snapshots() {
    let stored = Stored::with(4);
    stored.attest(&stored.snapshots[0], true);
    stored.attest(&stored.snapshots[1], true);
    stored.attest(&stored.snapshots[2], false);
    drop(stored.run("forget", &[&stored.snapshots[1]]).exit(4).says("the newest one that was proved"));
    let done = stored.run("forget", &["--keep-last", "1"]).success();
    assert_eq!(field(&done, "kept", "reason"), ["last", "the newest one that was proved"]);
    assert_eq!(stored.listed(), [&*stored.snapshots[1], &*stored.snapshots[3]]);
    let left = stored.files("verified");
    assert!(left.len() == 1 && left[0].contains(&stored.snapshots[1]), "{left:?}");
    let status = stored.run("status", &[]).success();
    let record = status.record("database");
    assert_eq!(record["proved"], *stored.snapshots[1]);
    assert_eq!((&record["snapshots"], &record["failed"]), (&2.into(), &0.into()));
    assert!(record["age_seconds"].as_f64().unwrap() < 3600.0 && record["bytes_before"].is_u64(), "{status}");
    assert_eq!(status.result()["blocks"], stored.files("blocks").len());
}

#[test]
fn an_attestation_of_another_manifest_proves_nothing() {
    let stored = Stored::with(2);
    stored.attest(&stored.snapshots[0], true);
    let name = format!("snapshots/{}.json", stored.snapshots[0]);
    let text = std::fs::read_to_string(stored.path().join(&name)).unwrap();
    std::fs::write(stored.path().join(&name), reseal(&text.replace("\"n0\"", "\"other\""))).unwrap();
    let done = stored.run("forget", &["--keep-last", "1"]).success();
    assert_eq!(field(&done, "forgotten", "snapshot"), [&*stored.snapshots[0]]);
}

#[test]
fn one_manifest_that_cannot_be_read_keeps_all_blocks_until_it_is_let_go() {
    let stored = Stored::with(3);
    let blocks = stored.files("blocks").len();
    stored.write(&format!("snapshots/{}.json", stored.snapshots[1]), "{torn");
    drop(stored.run("forget", &["--keep-last", "1"]).exit(3).says("1 snapshot cannot be read"));
    assert_eq!(stored.files("blocks").len(), blocks);
    drop(stored.run("sweep", &[]).exit(3).says("no block was removed"));
    assert_eq!(stored.files("blocks").len(), blocks);
    drop(stored.run("status", &[]).exit(3));
    let done = stored.run("forget", &[&stored.snapshots[1]]).success();
    assert_eq!(field(&done, "forgotten", "snapshot"), [&*stored.snapshots[1]]);
    assert_eq!(stored.listed(), [&*stored.snapshots[2]]);
    stored.is_sound_and_swept();
}

#[test]
fn a_snapshot_of_a_newer_release_keeps_all_blocks() {
    let stored = Stored::with(2);
    let name = stored.path().join(format!("snapshots/{}.json", stored.snapshots[0]));
    let text = std::fs::read_to_string(&name).unwrap();
    let (head, tail) = text.split_once("\"minor\":").unwrap();
    let tail = &tail[tail.find('}').unwrap()..];
    std::fs::write(&name, reseal(&format!("{head}\"minor\":99{tail}"))).unwrap();
    let blocks = stored.files("blocks").len();
    drop(stored.run("sweep", &[]).exit(3).says("has format 1.99"));
    assert_eq!(stored.files("blocks").len(), blocks);
}

#[test]
fn what_may_not_be_removed_is_told_and_the_rest_goes_on() {
    let stored = Stored::with(2);
    let mode = |name: &str, mode: u32| {
        use std::os::unix::fs::PermissionsExt as _;
        let path = stored.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let all = std::process::Command::new("chmod").args(["-R", "a+rX"]).arg(stored.path()).status();
    assert!(all.unwrap().success());
    // As a bucket that only grows: one may add, and remove what one has added.
    let blocks: Vec<_> = std::fs::read_dir(stored.path().join("blocks")).unwrap().collect();
    for directory in blocks {
        mode(&format!("blocks/{}", directory.unwrap().file_name().display()), 0o555);
    }
    mode("snapshots", 0o555);
    for markers in ["running", "sweeping"] {
        mode(markers, 0o777);
    }
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let forget = |arguments: &[&str]| {
        let tool = stored.tool("forget", arguments);
        let is_root = rustix::process::geteuid().is_root();
        if is_root { tool.under("setpriv", nobody).run() } else { tool.run() }
    };
    let denied = forget(&["--keep-last", "1"]).exit(3).says("not all that should go could be removed");
    let objects = field(&denied, "skipped", "object");
    assert_eq!(objects, [format!("snapshots/{}.json", stored.snapshots[0])]);
    assert_eq!((&denied.result()["forgotten"], &denied.result()["blocks_removed"]), (&0.into(), &0.into()));
    assert_eq!(stored.listed().len(), 2);
    mode("snapshots", 0o777);
    let denied = forget(&["--keep-last", "1"]).exit(3);
    assert_eq!(denied.result()["forgotten"], 1);
    let reasons = field(&denied, "skipped", "reason");
    assert!(reasons.len() == 1 && reasons[0].contains("ermission denied"), "{denied}");
    stored.is_sound();
    for directory in std::fs::read_dir(stored.path().join("blocks")).unwrap() {
        mode(&format!("blocks/{}", directory.unwrap().file_name().display()), 0o755);
    }
    drop(Tool::pgsnap("sweep").store(&stored.path()).run().success());
    stored.is_sound_and_swept();
}
