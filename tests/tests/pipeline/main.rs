//! The runbook as one line: what succeeds goes through to the end, and what fails at any stage stops all that follows, shows in
//! the exit code without `pipefail`, and is told by the last record.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what a test cannot do, it fails with")]

mod line;

use line::Line;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::process::{Command, Stdio};
use testkit::{Outcome, TempDir, Tool};

/// What the result of the last tool says is the reason.
fn reason(outcome: &Outcome) -> String {
    let errors = outcome.records_of("error");
    let run = &outcome.result()["run"];
    let own: Vec<_> = errors.iter().filter(|error| &error["run"] == run).collect();
    let [error] = own.as_slice() else { panic!("{} errors of the last tool: {outcome}", own.len()) };
    let causes = error["causes"].as_array().cloned().unwrap_or_default();
    let texts = std::iter::once(&error["message"]).chain(&causes).filter_map(Value::as_str);
    texts.collect::<Vec<_>>().join("; ")
}

/// Tool and status of each result.
fn statuses(outcome: &Outcome) -> Vec<[String; 2]> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let results = outcome.records_of("result");
    results.iter().map(|result| [text(&result["tool"]), text(&result["status"])]).collect()
}

#[test]
fn a_line_that_goes_well_tells_the_whole_story_and_becomes_a_page() {
    let line = Line::new();
    let outcome = line.run().codes([0, 0, 0, 0]);
    let all = ["pgsnap", "pgverify", "pgshift", "pgcheckpoint"].map(|tool| [tool, "ok"]);
    assert_eq!(statuses(&outcome), all, "{outcome}");
    assert!(line.is_migrated());
    let records = line.place.path().join("run.jsonl");
    std::fs::write(&records, outcome.stdout_bytes()).unwrap();
    let page = Tool::named("pgcheckpoint").args(["report"]).arg(&records).raw().run().success().stdout();
    for told in ["<html", "email", "customers", "it's a \"shop\""] {
        let escaped = told.replace('"', "&quot;").replace('\'', "&#39;");
        assert!(page.contains(told) || page.contains(&escaped), "{told} is not in the page: {page}");
    }
}

#[test]
fn nothing_follows_a_snapshot_that_fails() {
    let line = Line::new().of(0, "host=/nowhere dbname=none");
    let outcome = line.run().codes([3, 4, 4, 4]);
    assert!(reason(&outcome).contains("pgsnap did not succeed (exit code 3)"), "{outcome}");
    assert!(!line.is_migrated());
}

#[test]
fn nothing_follows_a_snapshot_that_is_killed() {
    let line = Line::new();
    let held = line.database.hold("BEGIN; LOCK TABLE customers;");
    let mut started = line.tool().start();
    let waits = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted";
    started.wait_until("pgsnap waits for the lock", || line.database.scalar(waits) == "t");
    kill_process(Pid::from_raw(line.pid(0).unwrap()).unwrap(), Signal::KILL).unwrap();
    let outcome = line.ended(started.finish()).codes([137, 4, 4, 4]);
    drop(held);
    assert!(reason(&outcome).contains("pgsnap"), "{outcome}");
    assert!(!line.is_migrated());
}

#[test]
fn nothing_follows_a_proof_that_is_killed() {
    let line = Line::new();
    // The proof cannot begin before the stage before it has let the records through.
    let line =
        line.behind(0, r#"{ cat; touch "$PLACE/told"; while [ ! -e "$PLACE/go" ]; do sleep 0.05; done; }"#);
    let mut started = line.tool().start();
    started.wait_until("the snapshot is there", || line.place.path().join("told").exists());
    kill_process(Pid::from_raw(line.pid(1).unwrap()).unwrap(), Signal::KILL).unwrap();
    std::fs::write(line.place.path().join("go"), "").unwrap();
    let outcome = line.ended(started.finish()).codes([0, 137, 4, 4]);
    assert!(!line.is_migrated(), "{outcome}");
}

#[test]
fn nothing_follows_a_snapshot_that_was_damaged_since() {
    let line = Line::new();
    let damage = r#"{ cat; block=$(find "$PLACE/store/blocks" -type f | head -n 1); printf X | dd of="$block" bs=1 seek=20 conv=notrunc 2>/dev/null; }"#;
    let line = line.behind(0, damage);
    let outcome = line.run().codes([0, 1, 4, 4]);
    assert!(
        reason(&outcome).contains("pgverify did not succeed (exit code 1)")
            || reason(&outcome).contains("pgshift did not succeed"),
        "{outcome}"
    );
    assert!(!line.is_migrated());
}

#[test]
fn a_proof_of_another_database_opens_no_gate() {
    let line = Line::new();
    let other = line.database.cluster().database("another");
    other.run("CREATE TABLE t AS SELECT 1 AS a");
    let line = line.of(0, &other.connection());
    let outcome = line.run().codes([0, 0, 4, 4]);
    assert!(reason(&outcome).contains("pgshift did not succeed (exit code 4)"), "{outcome}");
    assert!(!line.is_migrated());
}

#[test]
fn no_check_follows_a_migration_that_fails() {
    let line = Line::new();
    line.migration("0002_wrong.sql", "ALTER TABLE no_such_table ADD COLUMN a integer;\n");
    let outcome = line.run().codes([0, 0, 3, 4]);
    assert!(reason(&outcome).contains("pgshift did not succeed (exit code 3)"), "{outcome}");
    assert!(line.is_migrated(), "the first one stays");
}

#[test]
fn no_check_follows_a_migration_that_is_killed() {
    let line = Line::new();
    line.migration("0002_slow.sql", "SELECT pg_sleep(100);\n");
    let mut started = line.tool().start();
    let sleeps = "SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(100)%' AND pid <> pg_backend_pid()";
    started.wait_until("the migration runs", || line.database.scalar(sleeps) == "t");
    kill_process(Pid::from_raw(line.pid(2).unwrap()).unwrap(), Signal::KILL).unwrap();
    let outcome = line.ended(started.finish()).codes([0, 0, 137, 4]);
    assert!(reason(&outcome).contains("pgshift stopped without a result"), "{outcome}");
    line.database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(100)%' AND pid <> pg_backend_pid()");
}

#[test]
fn a_check_that_fails_is_told_by_the_last_exit_code() {
    let line = Line::new();
    let nearly_used_up =
        "CREATE TABLE small (id smallserial PRIMARY KEY);\nSELECT setval('small_id_seq', 32760);\n";
    line.migration("0002_small.sql", nearly_used_up);
    let outcome = line.run().codes([0, 0, 0, 1]);
    assert!(reason(&outcome).contains("sequences.used"), "{outcome}");
    assert_eq!(outcome.result()["status"], "no");
}

#[test]
fn records_that_are_cut_off_on_their_way_open_nothing() {
    for stage in 0..3 {
        let line = Line::new().behind(stage, "{ head -c 300; cat >/dev/null; }");
        let codes = line.run();
        let (before, after) = codes.codes.split_at(stage + 1);
        assert!(before[..stage].iter().all(|code| *code == 0), "{stage}: {:?}", codes.codes);
        assert!(after.iter().all(|code| *code == 4 || *code == 3), "{stage}: {:?}", codes.codes);
        let outcome = codes.outcome.exit(codes.codes[3]);
        assert!(["refused", "error"].contains(&outcome.result()["status"].as_str().unwrap()), "{outcome}");
        assert_eq!(line.is_migrated(), stage == 2, "{outcome}");
    }
}

#[test]
fn nothing_follows_a_store_on_a_full_disk() {
    let line = Line::new();
    line.database.run("CREATE TABLE wide AS SELECT i, md5(i::text) || md5((i + 1)::text) AS a FROM generate_series(1, 40000) AS i");
    std::fs::create_dir(line.store()).unwrap();
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=700k", "tmpfs"]).arg(line.store()).stderr(Stdio::null());
    if !mount.status().is_ok_and(|status| status.success()) {
        let told = b"SKIPPED: no tmpfs can be mounted here (root may): full disks are not tried\n";
        std::io::Write::write_all(&mut std::io::stderr(), told).unwrap();
        return;
    }
    let ended = line.run();
    let unmounted = Command::new("umount").arg("--lazy").arg(line.store()).status().unwrap();
    assert!(unmounted.success());
    let outcome = ended.codes([3, 4, 4, 4]);
    assert!(!line.is_migrated(), "{outcome}");
}

/// `-d "$DB"` without DB would otherwise mean the database that is called as the user, and `--keep-tag "$TAG"` no snapshot.
#[test]
fn a_variable_that_is_not_set_is_never_taken_for_a_default() {
    let line = Line::new();
    let store = line.store();
    let one = Tool::pgsnap("create").database(&line.database).store(&store).run().success();
    let name = one.result()["snapshot"].as_str().unwrap().to_owned();
    let in_store = |command: &str, words: &[&str]| Tool::pgsnap(command).store(&store).args(words);
    let named = |tool: &str, words: &[&str]| Tool::named(tool).args(words);
    for tool in [
        in_store("create", &["-d", ""]),
        in_store("create", &["-d", "x", ""]),
        in_store("create", &["-h", ""]),
        in_store("create", &["-U", "", "-d", "x"]),
        in_store("create", &["-d", "x", "--tag", ""]),
        in_store("create", &["-d", "x", "--tag", "a,b"]),
        in_store("create", &["-d", "x", "--encrypt-to", ""]),
        in_store("restore", &["latest", "--create", "-d", ""]),
        in_store("restore", &[""]),
        in_store("cat", &["", "t"]),
        in_store("copy", &["latest", "--to", ""]),
        in_store("forget", &["", "--even-the-last"]),
        in_store("forget", &["--keep-tag", ""]),
        in_store("forget", &["--keep-tag", "a,"]),
        in_store("forget", &["--keep-last", "1", "--tag", ""]),
        in_store("forget", &["--keep-last", "1", "-d", ""]),
        named("pgsnap", &["list", "--store", ""]),
        named("pgsnap", &["list"]).env("PGSNAP_STORE", ""),
        named("pgverify", &["restore", "", "--store"]).arg(&store),
        named("pgverify", &["restore", "latest", "--server", "", "--store"]).arg(&store),
        named("pgverify", &["compare", "", "latest", "--store"]).arg(&store),
        named("pgverify", &["compare", "db:", "latest", "--store"]).arg(&store),
        named("pgshift", &["apply", "--no-gate", "-d", ""]),
        named("pgcheckpoint", &["run", "-d", ""]),
    ] {
        let said = tool.run().exit(2);
        // Not for anything else that is wrong.
        let why = ["but none was supplied", "empty", "no comma", "in \"\""];
        assert!(why.iter().any(|why| said.stderr().contains(why)), "{said}");
    }
    let left = in_store("list", &[]).run().success();
    assert_eq!(left.record("snapshot")["snapshot"], *name, "{left}");
}

#[test]
fn what_reads_records_waits_for_them_before_it_looks_for_the_store_that_they_tell_of() {
    let place = TempDir::new();
    let to_come = place.join("store");
    let commands: [(&str, &[&str]); 5] = [
        ("pgsnap", &["restore", "-"]),
        ("pgsnap", &["export", "-", "--to", "sql"]),
        ("pgsnap", &["copy", "-", "--to", "nowhere"]),
        ("pgverify", &["restore", "-"]),
        ("pgverify", &["compare", "-", "dbname=postgres"]),
    ];
    for (tool, arguments) in commands {
        let outcome = Tool::named(tool).args(arguments).store(&to_come).raw().input("").run();
        drop(outcome.exit(4).says("nothing came in on stdin"));
    }
}
