//! The power goes, or the process is killed, before any of the system calls that write: the store opens and is sound.
//!
//! strace kills the tool at the n-th of these calls of one of its threads, for every n, and at the removal of each file. What a disk may lose of what was not yet flushed can't be seen
//! here; that each removal is flushed before what follows from it can, in the order of the calls.

use crate::store::Stored;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
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

/// Runs `tool`, which is killed before it removes this file; whether it came to that.
fn is_killed_at(tool: Tool, file: &Path) -> bool {
    let arguments = ["-f", "-qq", "-o", "/dev/null", "--trace=unlink", "--inject=unlink:signal=KILL", "-P"];
    let arguments = arguments.map(OsString::from).into_iter().chain([file.as_os_str().to_owned()]);
    tool.under("strace", arguments).raw().run().code() != 0
}

/// All files of a store, below it.
fn files(store: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut directories = vec![store.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                found.insert(path.strip_prefix(store).unwrap().to_owned());
            }
        }
    }
    found
}

fn copy_of(stored: &Stored) -> (TempDir, PathBuf) {
    let place = TempDir::new();
    let store = place.join("store");
    let copied = Command::new("cp").arg("-a").arg(stored.path()).arg(&store).status().unwrap();
    assert!(copied.success());
    (place, store)
}

/// What a killed run left is sound, and those who come next go on with it.
fn is_sound(stored: &Stored, store: &Path) {
    drop(Tool::pgsnap("list").store(store).run().success());
    drop(Tool::pgsnap("check").store(store).arg("--read-data").run().success());
    die(store);
    drop(Tool::pgsnap("create").store(store).database(&stored.database).run().success());
    drop(Tool::pgsnap("forget").store(store).args(["--keep-last", "1"]).run().success());
    drop(Tool::pgsnap("check").store(store).arg("--read-data").run().success());
}

/// Kills what `tool` makes of each copy of a store at every call in turn, and looks at what is left.
fn at_every_call(stored: &Stored, calls: &[&str], tool: impl Fn(&Path) -> Tool) -> usize {
    let mut killed = 0;
    for call in calls {
        for number in 1.. {
            let (_place, store) = copy_of(stored);
            if !is_killed(tool(&store), call, number) {
                break;
            }
            killed += 1;
            is_sound(stored, &store);
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
fn a_forget_killed_at_any_removal_leaves_a_sound_store() {
    if !has_strace() {
        return;
    }
    let stored = Stored::with(3);
    let forget = |store: &Path| Tool::pgsnap("forget").store(store).args(["--keep-last", "1"]);
    let (_place, store) = copy_of(&stored);
    let before = files(&store);
    drop(forget(&store).run().success());
    let removed: Vec<PathBuf> = before.difference(&files(&store)).cloned().collect();
    assert!(removed.len() > 3, "{removed:?}");
    // A few say enough, unless there is time for all.
    let few = removed.iter().enumerate().filter(|(at, _)| *at < 3 || at + 2 >= removed.len());
    let some: Vec<&PathBuf> = few.map(|(_, file)| file).collect();
    let chosen = if is_long() { removed.iter().collect() } else { some };
    for file in chosen {
        let (_place, store) = copy_of(&stored);
        assert!(is_killed_at(forget(&store), &store.join(file)), "{}", file.display());
        is_sound(&stored, &store);
    }
}

#[test]
fn a_forget_killed_at_any_write_leaves_a_sound_store() {
    if !is_long() || !has_strace() {
        return;
    }
    let stored = Stored::with(3);
    let forget = |store: &Path| Tool::pgsnap("forget").store(store).args(["--keep-last", "1"]);
    assert!(at_every_call(&stored, &WRITES, forget) > 3);
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
    let arguments = ["-f", "-qq", "-y", "--trace=unlink,fsync", "-o"].map(OsString::from);
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
