//! The power goes, or the process is killed, before any of the system calls that write: the store opens and is sound.
//!
//! strace kills the tool at the n-th of these calls, for every n. What a disk may lose of what was not yet flushed can't be seen
//! here; that each removal is flushed before what follows from it can, in the order of the calls.

use crate::store::Stored;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};
use testkit::{Person, TempDir, Tool, is_long};

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

/// Kills what `tool` makes of each copy of `base`, or of nothing, at every so many of these calls, and looks at what is left;
/// how often it came to that.
fn at_every_call(
    base: Option<&Path>,
    (calls, step): (&[&str], usize),
    tool: impl Fn(&Path) -> Tool,
    look: impl Fn(&Path),
) -> usize {
    let mut killed = 0;
    for call in calls {
        for number in (1..).step_by(step) {
            let place = TempDir::new();
            let store = place.join("store");
            if let Some(base) = base {
                assert!(Command::new("cp").arg("-a").arg(base).arg(&store).status().unwrap().success());
            }
            if !is_killed(tool(&store), call, number) {
                break;
            }
            killed += 1;
            look(&store);
        }
    }
    killed
}

/// The store is sound, takes another snapshot, and lets the others go.
fn goes_on(stored: &Stored, store: &Path) {
    drop(Tool::pgsnap("list").store(store).run().success());
    stored.is_sound_at(store);
    die(store);
    drop(stored.create_at(store).run().success());
    drop(Tool::pgsnap("forget").store(store).args(["--keep-last", "1"]).run().success());
    stored.is_sound_at(store);
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
    let forget = |store: &Path| Tool::pgsnap("forget").store(store).args(["--keep-last", "1"]);
    for stored in if is_long() { vec![Stored::with(3), Stored::sealed(3)] } else { vec![Stored::with(3)] } {
        let calls = if is_long() { &WRITES[..] } else { &["unlink"] };
        // strace counts for each thread, and how many remove something differs.
        let look = |store: &Path| goes_on(&stored, store);
        assert!(at_every_call(Some(&stored.path()), (calls, 1), forget, look) > 0);
    }
}

#[test]
fn a_create_killed_at_any_write_leaves_a_sound_store() {
    if !is_long() || !has_strace() {
        return;
    }
    for stored in [Stored::with(1), Stored::sealed(1)] {
        stored.database.run("INSERT INTO moving VALUES (77)");
        let (base, look) = (stored.path(), |store: &Path| goes_on(&stored, store));
        assert!(at_every_call(Some(&base), (&WRITES, 1), |store| stored.create_at(store), look) > 20);
    }
}

#[test]
fn an_encrypted_store_whose_first_run_was_killed_at_any_write_is_begun_by_the_next() {
    if !has_strace() {
        return;
    }
    let stored = Stored::sealed(1);
    let calls: (&[&str], usize) = if is_long() { (&WRITES, 1) } else { (&["link", "rename"], 2) };
    let create = |store: &Path| stored.create_at(store);
    let copy = |store: &Path| stored.tool("copy", &["latest", "--to"]).arg(store);
    for begin in [&create as &dyn Fn(&Path) -> Tool, &copy] {
        let killed = at_every_call(None, calls, begin, |store| {
            if store.join("store.json").exists() {
                let listed = Tool::pgsnap("list").store(store).run().success();
                if !listed.records_of("snapshot").is_empty() {
                    stored.is_sound_at(store);
                }
            }
            drop(begin(store).run().success());
            stored.is_sound_at(store);
        });
        assert!(killed > 0, "{killed}");
    }
}

#[test]
fn a_rotation_killed_at_any_write_leaves_the_old_readers_or_the_new_ones() {
    if !has_strace() {
        return;
    }
    let stored = Stored::sealed(1);
    let (alice, bob) = (stored.reader(), stored.person("bob"));
    let keys = |store: &Path, who: &Person| {
        let keys = Tool::pgsnap("keys").store(store).arg("--identity").arg(&who.file);
        keys.args(["--encrypt-to", &bob.public])
    };
    let opens = |store: &Path, who: &Person| {
        let cat = Tool::pgsnap("cat").store(store).args(["latest", "same"]).raw();
        let mut cat = cat.arg("--identity").arg(&who.file).run();
        assert!([0, 2].contains(&cat.code()), "{cat}");
        cat.code() == 0
    };
    let calls: &[&str] = if is_long() { &WRITES } else { &["rename", "fsync", "write"] };
    let killed = at_every_call(
        Some(&stored.path()),
        (calls, 1),
        |store| keys(store, alice),
        |store| {
            let is_old = opens(store, alice);
            assert_ne!(is_old, opens(store, &bob));
            drop(keys(store, if is_old { alice } else { &bob }).run().success());
            assert!(!opens(store, alice) && opens(store, &bob));
            drop(Tool::pgsnap("check").store(store).arg("--read-data").run().success());
        },
    );
    assert!(killed > 2, "{killed}");
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
