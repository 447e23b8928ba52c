//! The power goes, or the process is killed, before any of the system calls that write: the store opens and is sound.
//!
//! strace kills the tool at the n-th of these calls, for every n. What a disk may lose of what was not yet flushed can't be seen
//! here; that each removal is flushed before what follows from it can, in the order of the calls.

use crate::store::Stored;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};
use testkit::{TempDir, Tool, is_long};

/// The calls that change what is on the disk.
const WRITES: [&str; 7] = ["rename", "link", "unlink", "mkdir", "fsync", "openat", "write"];

fn has_strace() -> bool {
    let is_there = Command::new("strace").arg("-V").output().is_ok_and(|output| output.status.success());
    assert!(is_there || std::env::var_os("CI").is_none(), "there is no strace");
    is_there
}

/// Runs `tool`, which is killed before the n-th such call of one of its threads; whether it came to that.
fn is_killed(tool: Tool, call: &str, number: usize) -> bool {
    let inject = format!("--inject={call}:signal=KILL:when={number}");
    let arguments = ["-f", "-qq", "-o", "/dev/null", &format!("--trace={call}"), &inject];
    tool.under("strace", arguments).raw().run().code() != 0
}

/// Kills what `tool` makes of each copy of a store at every call in turn, and looks at what is left.
fn at_every_call(stored: &Stored, calls: &[&str], tool: impl Fn(&Path) -> Tool) -> usize {
    let mut killed = 0;
    for call in calls {
        for number in 1.. {
            let place = TempDir::new();
            let store = place.join("store");
            let copied = Command::new("cp").arg("-a").arg(stored.path()).arg(&store).status().unwrap();
            assert!(copied.success());
            if !is_killed(tool(&store), call, number) {
                break;
            }
            killed += 1;
            drop(Tool::pgsnap("list").store(&store).run().success());
            drop(Tool::pgsnap("check").store(&store).arg("--read-data").run().success());
            die(&store);
            drop(Tool::pgsnap("create").store(&store).database(&stored.database).run().success());
            drop(Tool::pgsnap("forget").store(&store).args(["--keep-last", "1"]).run().success());
            drop(Tool::pgsnap("check").store(&store).arg("--read-data").run().success());
        }
    }
    killed
}

/// Lets the time pass after which others know that a run is dead.
fn die(store: &Path) {
    for kind in ["running", "sweeping"] {
        for marker in store.join(kind).read_dir().into_iter().flatten() {
            let file = std::fs::File::options().append(true).open(marker.unwrap().path()).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_hours(1)).unwrap();
        }
    }
}

#[test]
fn a_forget_killed_at_any_write_leaves_a_sound_store() {
    if !has_strace() {
        return;
    }
    let stored = Stored::with(3);
    let calls = if is_long() { &WRITES[..] } else { &["unlink"] };
    let forget = |store: &Path| Tool::pgsnap("forget").store(store).args(["--keep-last", "1"]);
    // strace counts for each thread, and how many remove something differs.
    assert!(at_every_call(&stored, calls, forget) > 0);
}

#[test]
fn a_create_killed_at_any_write_leaves_a_sound_store() {
    if !is_long() || !has_strace() {
        return;
    }
    let stored = Stored::with(1);
    stored.database.run("INSERT INTO moving VALUES (77)");
    let create = |store: &Path| Tool::pgsnap("create").store(store).database(&stored.database);
    assert!(at_every_call(&stored, &WRITES, create) > 20);
}

#[test]
fn a_manifest_is_gone_for_good_before_its_first_block() {
    if !has_strace() {
        return;
    }
    let stored = Stored::with(2);
    let trace = stored.path().with_extension("trace");
    let arguments = ["-f", "-qq", "-y", "--trace=unlink,fsync", "-o"].map(std::ffi::OsString::from);
    let arguments = arguments.into_iter().chain([trace.clone().into_os_string()]);
    drop(stored.tool("forget", &["--keep-last", "1"]).under("strace", arguments).run().success());
    let calls = std::fs::read_to_string(trace).unwrap();
    let position = |what: &str, name: &str| {
        let line = calls.lines().position(|line| line.contains(what) && line.contains(name));
        line.unwrap_or_else(|| panic!("no {what} {name} in\n{calls}"))
    };
    let gone = position("unlink(", "/snapshots/");
    let flushed =
        calls.lines().skip(gone).position(|line| line.contains("fsync(") && line.contains("/snapshots>"));
    let flushed = gone + flushed.unwrap_or_else(|| panic!("not flushed:\n{calls}"));
    assert!(flushed < position("unlink(", "/blocks/"), "{calls}");
}
