//! Programs that run on the copy: what they do wrong is seen, and what they say comes through.

use crate::place::Place;

#[test]
fn a_command_that_fails_or_is_killed_counts_and_leaves_nothing() {
    let place = Place::new();
    for (script, code) in [("exit 7", 1), ("exit 2", 3), ("kill -KILL $$", 3), ("kill -SEGV $$", 3)] {
        let outcome = place.restore().args(["--", "sh", "-c", script]).run().exit(code);
        assert_eq!(outcome.result()["proved"], true, "the proof stands: {outcome}");
        place.is_clean();
    }
}

#[test]
fn garbage_of_a_command_is_no_record_and_its_records_pass_through() {
    let place = Place::new();
    let record = r#"{"v":1,"tool":"other","type":"said","time":"2026-01-01T00:00:00.000Z","run":"r","n":1}"#;
    let script = format!(
        "echo garbage; printf '\\377\\376\\n'; echo '{{\"half\":'; echo '{record}'; printf 'no newline'"
    );
    // The harness reads every line of what comes out as a record.
    let outcome = place.restore().args(["--", "sh", "-c", &script]).run().success();
    assert_eq!(outcome.records_of("said").len(), 1, "{outcome}");
    assert_eq!(outcome.record("said")["n"], 1);
    outcome.says("garbage").says("no newline");
    place.is_clean();
}

#[test]
fn a_command_that_says_very_much_blocks_nobody() {
    let place = Place::new();
    let script = "yes line | head -n 300000; yes line | head -n 300000 >&2";
    let outcome = place.restore().args(["--", "sh", "-c", script]).run().success();
    // Both streams end in one pipe, where a line may break into another: no line is lost.
    assert!(outcome.stderr().matches('\n').count() >= 600_000);
    place.is_clean();
}

#[test]
fn a_command_that_stops_the_server_leaves_nothing() {
    let place = Place::new();
    let script = "kill -QUIT \"$(head -n 1 \"$PGHOST/../data/postmaster.pid\")\"; sleep 0.5";
    let mut outcome = place.restore().args(["--", "sh", "-c", script]).run();
    // The command itself did what it wanted; what matters is that nothing is left.
    assert!([0, 3, 5].contains(&outcome.code()), "{outcome}");
    place.is_clean();
}
