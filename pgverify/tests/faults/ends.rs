//! Success, failure, signals at several moments, and what the next run makes of a killed one.

use crate::place::{Place, listens, segments};
use rustix::process::Signal;
use std::time::Duration;
use testkit::Started;

const SIGNALS: [(Signal, i32); 2] = [(Signal::INT, 130), (Signal::TERM, 143)];

/// Many objects and rows: long enough a restore and a proof to be met in the middle.
const LARGE: &str = "CREATE TABLE t (id int, v text); INSERT INTO t SELECT g, repeat(md5(g::text), 20) FROM generate_series(1, 60000) g; \
     CREATE INDEX ON t (md5(v)); CREATE INDEX ON t (v)";

/// Waits until the place's server has a session that does this.
fn wait_for_query(place: &Place, started: &mut Started, pattern: &str) {
    started.wait_until(pattern, || {
        let titles = place.titles();
        titles.iter().any(|title| title.contains(pattern))
    });
}

impl Place {
    /// The titles of the server's processes, each with the command that it is at.
    fn titles(&self) -> Vec<String> {
        let Some(postmaster) = self.postmaster() else { return Vec::new() };
        let children = std::fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"));
        let children = children.unwrap_or_default();
        let title = |pid: &str| std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        children.split_whitespace().map(|pid| String::from_utf8_lossy(&title(pid)).into_owned()).collect()
    }
}

#[test]
fn nothing_is_left_after_success_and_failure() {
    let place = Place::new();
    let before = segments();
    place.restore().run().success();
    place.is_clean();
    place.restore().args(["--", "false"]).run().exit(1);
    place.is_clean();
    place.restore().args(["--", "/no/such/program"]).run().exit(3);
    place.is_clean();
    let ours: Vec<_> = segments().into_iter().filter(|segment| !before.contains(segment)).collect();
    // Other tests' servers may have started meanwhile; those of this place would be without any process.
    assert!(ours.iter().all(|segment| attached(segment) > 0), "shared memory of nobody: {ours:?}");
}

/// How many processes have a memory segment.
fn attached(segment: &str) -> u64 {
    let table = std::fs::read_to_string("/proc/sysvipc/shm").unwrap();
    let line = table.lines().find(|line| line.split_whitespace().nth(1) == Some(segment));
    // It may have gone meanwhile, which is as well.
    line.map_or(1, |line| line.split_whitespace().nth(6).unwrap().parse().unwrap())
}

#[test]
fn a_signal_while_the_cluster_is_made_ends_it() {
    let place = Place::new();
    for (signal, code) in SIGNALS {
        let mut started = place.restore().env("PGRUNBOOK_TEST_CLUSTERS", "").start();
        started.wait_until("initdb runs", || {
            place.processes().iter().any(|(_, title)| title.contains("initdb"))
        });
        started.signal(signal);
        let outcome = started.finish().exit(code);
        assert_eq!(outcome.result()["status"], "interrupted", "{outcome}");
        place.becomes_clean();
    }
}

#[test]
fn a_signal_while_rows_or_indexes_are_made_ends_it() {
    let place = Place::of(LARGE);
    for ((signal, code), moment) in SIGNALS.into_iter().zip(["COPY", "CREATE INDEX"]) {
        let mut started = place.restore().start();
        wait_for_query(&place, &mut started, moment);
        let segment = place.segment().unwrap();
        started.signal(signal);
        let outcome = started.finish().exit(code);
        assert!(outcome.result().get("proved").is_none(), "{outcome}");
        place.is_clean();
        assert!(!segments().contains(&segment), "shared memory is left: {segment}");
    }
    let attested = place.store().join("verified");
    assert!(
        !attested.exists() || std::fs::read_dir(attested).unwrap().next().is_none(),
        "attested what was not proved"
    );
}

#[test]
fn a_signal_while_a_command_runs_ends_both() {
    let place = Place::new();
    for (signal, code) in SIGNALS {
        let ready = place.store().join("ready");
        let script = "cd \"$1\"; : > ready; exec sleep 600";
        let mut started = place.restore().args(["--", "sh", "-c", script, "sh"]).arg(place.store()).start();
        started.wait_until("the command runs", || ready.exists());
        let postmaster = place.postmaster().unwrap();
        assert_eq!(listens(postmaster), Vec::<String>::new(), "a TCP port");
        started.signal(signal);
        started.finish().exit(code);
        place.is_clean();
        assert!(!sleeps_in(place.store()), "the command is still there");
        std::fs::remove_file(&ready).unwrap();
    }
}

/// Whether a process works in this directory.
fn sleeps_in(directory: &std::path::Path) -> bool {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| std::fs::read_link(entry.path().join("cwd")).ok())
        .any(|working| working == directory)
}

#[test]
fn the_next_run_sweeps_up_what_a_killed_one_left() {
    let place = Place::new();
    let ready = place.store().join("ready");
    // Without its tool the command ends, too.
    let script = "cd \"$1\"; : > ready; while kill -0 $PPID 2>/dev/null; do sleep 0.1; done";
    let mut started = place.restore().args(["--", "sh", "-c", script, "sh"]).arg(place.store()).start();
    started.wait_until("the command runs", || ready.exists());
    let (postmaster, segment) = (place.postmaster().unwrap(), place.segment().unwrap());
    started.signal(Signal::KILL);
    drop(started.finish().exit(137));
    assert!(!place.left().is_empty(), "a killed run cannot clean up: the test is not worth anything");
    place.restore().run().success();
    place.becomes_clean();
    // One that has ended has no words until somebody has noticed its end.
    let words = std::fs::read(format!("/proc/{postmaster}/cmdline")).unwrap_or_default();
    assert!(words.is_empty(), "the server of a killed run is alive");
    assert!(!segments().contains(&segment), "shared memory is left: {segment}");
}

#[test]
fn a_run_that_was_killed_while_it_made_its_cluster_is_swept_up_too() {
    let place = Place::new();
    let mut started = place.restore().env("PGRUNBOOK_TEST_CLUSTERS", "").start();
    started.wait_until("initdb runs", || place.processes().iter().any(|(_, title)| title.contains("initdb")));
    started.signal(Signal::KILL);
    drop(started.finish().exit(137));
    std::thread::sleep(Duration::from_millis(100));
    place.restore().run().success();
    place.becomes_clean();
}

#[test]
fn two_at_once_do_not_meet() {
    let place = Place::new();
    let both = [place.restore().start(), place.restore().start()];
    let both = both.map(|started| started.finish().success());
    for outcome in &both {
        assert_eq!(outcome.result()["proved"], true);
    }
    assert_ne!(both[0].result()["attestation"], both[1].result()["attestation"], "one attestation for two");
    place.is_clean();
}

#[test]
fn a_reader_that_goes_away_ends_it() {
    let place = Place::of(LARGE);
    place
        .restore()
        .raw()
        .under("/bin/bash", ["-c", "\"$0\" \"$@\" | head -n 1; exit ${PIPESTATUS[0]}"])
        .run()
        .exit(141)
        .says("nobody reads its output any more");
    place.is_clean();
    place
        .restore()
        .raw()
        .under("/bin/sh", ["-c", "exec \"$0\" \"$@\" > /dev/full"])
        .run()
        .exit(3)
        .says("No space left");
    place.is_clean();
}
