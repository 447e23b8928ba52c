//! How the tools speak, tried from outside on a tool in miniature (`examples/speaker.rs`).

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::Value;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// The tool: cargo builds examples with the tests of their crate, next to them.
fn speaker(arguments: &[&str]) -> Command {
    let test = std::env::current_exe().expect("the test has a path");
    let program = test.ancestors().nth(2).expect("a test lies in deps").join("examples/speaker");
    assert!(
        program.exists(),
        "the example is not built: run `cargo test -p common` without naming one target"
    );
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).env_remove("RUST_BACKTRACE").env_remove("NO_COLOR");
    command
}

fn output(arguments: &[&str]) -> Output {
    speaker(arguments).output().expect("the tool starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("no exit code: {output:?}"))
}

/// What it said, each line held against the schema that the tool itself publishes.
fn records(output: &Output) -> Vec<Value> {
    let schemas: Value =
        serde_json::from_slice(&self::output(&["schema"]).stdout).expect("the schemas are JSON");
    let text = String::from_utf8(output.stdout.clone()).expect("records are UTF-8");
    assert!(text.is_empty() || text.ends_with('\n'), "the last line is whole: {text}");
    text.lines()
        .map(|line| {
            let record: Value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
            let name = format!("{}.{}", record["tool"].as_str().unwrap(), record["type"].as_str().unwrap());
            let schema = schemas.get(&name).unwrap_or_else(|| panic!("no schema of {name}"));
            let validator = jsonschema::validator_for(schema).expect("the schema is one");
            let errors: Vec<_> = validator.iter_errors(&record).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{line} breaks {name}: {errors:?}");
            assert!(
                line.starts_with(r#"{"v":1,"tool":"speaker","type":""#),
                "the envelope comes first: {line}"
            );
            record
        })
        .collect()
}

fn types(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["type"].as_str().unwrap()).collect()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("messages are UTF-8")
}

fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("pgrunbook-{}-{name}", std::process::id()))
}

#[test]
fn start_comes_first_and_one_result_last() {
    let output = output(&["count", "3"]);
    let records = records(&output);
    assert_eq!(types(&records), ["start", "number", "number", "number", "warning", "result"]);
    assert_eq!((records[0]["command"].as_str(), code(&output)), (Some("count"), 0));
    let result = records.last().unwrap();
    assert_eq!(
        (&result["status"], &result["exit_code"], &result["numbers"]),
        (&"ok".into(), &0.into(), &3.into())
    );
    assert!(records.iter().all(|record| record["run"] == result["run"]), "one run, one id");
    assert_eq!(stderr(&output), "speaker: warning: numbers: that was all\nhint: count further\n");
}

#[test]
fn an_undeclared_field_breaks_the_published_schema() {
    let schemas: Value = serde_json::from_slice(&output(&["schema"]).stdout).unwrap();
    let validator = jsonschema::validator_for(&schemas["speaker.start"]).unwrap();
    let mut start = records(&output(&["count", "0"])).remove(0);
    assert!(validator.is_valid(&start));
    start["surprise"] = true.into();
    assert!(!validator.is_valid(&start), "unknown fields are not in the schema");
    start.as_object_mut().unwrap().remove("surprise");
    start.as_object_mut().unwrap().remove("run");
    assert!(!validator.is_valid(&start), "the envelope is required");
}

#[test]
fn an_error_is_told_to_people_and_to_programs_alike() {
    let output = output(&["fail"]);
    let said = "cannot read table \"public\".\"orders\": permission denied for table orders (42501)";
    let hint = "GRANT SELECT ON orders TO reader";
    assert_eq!(stderr(&output), format!("speaker: {said}\nhint: {hint}\n"));
    let records = records(&output);
    assert_eq!(types(&records), ["start", "error", "result"]);
    assert_eq!((&records[1]["code"], &records[1]["message"]), (&"permission_denied".into(), &said.into()));
    assert_eq!((&records[1]["sqlstate"], &records[1]["hint"]), (&"42501".into(), &hint.into()));
    assert_eq!(
        (&records[2]["status"], &records[2]["exit_code"], code(&output)),
        (&"error".into(), &3.into(), 3)
    );
}

#[test]
fn every_class_has_its_exit_code_and_status() {
    for (arguments, expected, status) in [
        (&["differ"][..], 1, "no"),
        (&["count", "many"], 2, "error"),
        (&["gate", "elsewhere"], 4, "refused"),
        (&["lose"], 5, "interrupted"),
    ] {
        let output = output(arguments);
        let records = records(&output);
        let result = records.last().unwrap();
        let told = (code(&output), result["status"].as_str().unwrap(), result["exit_code"].as_i64().unwrap());
        assert_eq!(told, (expected, status, i64::from(expected)), "{arguments:?}");
    }
}

#[test]
fn an_error_that_is_passed_over_names_its_object() {
    let output = output(&["differ"]);
    let records = records(&output);
    assert_eq!(types(&records), ["start", "error", "error", "result"]);
    assert_eq!(
        (&records[1]["object"], &records[1]["code"]),
        (&"\"public\".\"a\"".into(), &"unreadable".into())
    );
    assert_eq!(stderr(&output), "speaker: \"public\".\"a\": cannot look at it\nspeaker: 1 table differs\n");
}

#[test]
fn a_missing_argument_is_named() {
    let told = stderr(&output(&["count"]));
    assert!(
        told.starts_with("speaker: the following required arguments were not provided: <NUMBERS>\n"),
        "{told}"
    );
}

#[test]
fn wrong_usage_is_told_on_stderr_and_in_records() {
    let output = output(&["count", "1", "--nubmers"]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).starts_with("speaker: unexpected argument '--nubmers' found\nhint: "),
        "{}",
        stderr(&output)
    );
    let records = records(&output);
    assert_eq!(types(&records), ["error", "result"]);
    assert_eq!((&records[0]["code"], &records[1]["exit_code"]), (&"usage".into(), &2.into()));
}

#[test]
fn wrong_usage_of_a_data_command_puts_no_records_among_the_data() {
    let output = output(&["data", "--nubmers"]);
    assert_eq!((code(&output), output.stdout.as_slice()), (2, &b""[..]));
}

#[test]
fn a_password_in_a_wrong_place_is_not_repeated() {
    let output = output(&["count", "postgres://me:hunter2@db.example/x"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("me:***@db.example"), "{}", stderr(&output));
    let all = stderr(&output) + &String::from_utf8_lossy(&output.stdout);
    assert!(!all.contains("hunter2"), "{all}");
}

#[test]
fn help_answers_to_a_question_mark_and_leaves_h_to_the_host() {
    for flag in ["--help", "-?"] {
        let output = output(&["count", flag]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(code(&output) == 0 && text.contains("Says so many numbers"), "{flag}: {output:?}");
    }
    assert_eq!(code(&output(&["-h", "db.example", "count", "1"])), 0);
    let release = format!("speaker {}\n", env!("CARGO_PKG_VERSION"));
    let version = output(&["-V"]);
    assert_eq!((code(&version), version.stdout), (0, release.clone().into_bytes()));
    let version = String::from_utf8(output(&["--version"]).stdout).unwrap();
    assert!(
        version.starts_with(&release) && version.contains("built ") && version.contains("store format"),
        "{version}"
    );
}

#[test]
fn a_panic_ends_with_a_result_and_drops_the_guards() {
    let guard = scratch("panic");
    let output = output(&["--guard", guard.to_str().unwrap(), "panic"]);
    assert_eq!(code(&output), 3);
    assert!(guard.exists(), "the guard was dropped");
    std::fs::remove_file(guard).unwrap();
    let records = records(&output);
    assert_eq!(types(&records), ["start", "number", "error", "result"]);
    assert_eq!((&records[2]["code"], &records[3]["exit_code"]), (&"internal".into(), &3.into()));
    let told = stderr(&output);
    assert!(told.contains("speaker.rs:") && told.contains("on purpose") && told.contains("report"), "{told}");
}

#[test]
fn threads_write_whole_lines_until_the_reader_goes_away() {
    let guard = scratch("flood");
    let mut child = speaker(&["--guard", guard.to_str().unwrap(), "flood"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in lines.by_ref().take(20_000) {
        serde_json::from_str::<Value>(&line.unwrap()).expect("a line is one record");
    }
    drop(lines);
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), guard.exists()), (141, true));
    assert_eq!(stderr(&output), "speaker: stopped: nobody reads its output any more\n");
    std::fs::remove_file(guard).unwrap();
}

#[test]
fn a_reader_that_goes_away_stops_work_that_writes_nothing() {
    let mut child = speaker(&["wait"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.by_ref().take(2).all(|line| line.is_ok()), "it began");
    drop(lines);
    assert_eq!(code(&child.wait_with_output().unwrap()), 141);
}

#[test]
fn data_that_nobody_reads_ends_with_141() {
    let mut child = speaker(&["data"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut some = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    assert_eq!((code(&child.wait_with_output().unwrap()), some), (141, [b'x'; 10]));
    let whole = output(&["data"]);
    assert_eq!((code(&whole), whole.stdout.len()), (0, 1 << 20));
}

#[test]
fn a_full_disk_under_stdout_is_a_failure() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = speaker(&["count", "3"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("speaker: cannot write to stdout: "), "{}", stderr(&output));
}

#[test]
fn signals_end_with_their_own_exit_code_after_the_guards() {
    for (signal, number, name) in
        [("-INT", 130, "SIGINT"), ("-TERM", 143, "SIGTERM"), ("-HUP", 129, "SIGHUP")]
    {
        let guard = scratch(name);
        let mut child = speaker(&["--guard", guard.to_str().unwrap(), "wait"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.by_ref().take(2).all(|line| line.is_ok()), "it began");
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let last: Value = serde_json::from_str(&lines.map(Result::unwrap).last().unwrap()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((code(&output), guard.exists()), (number, true), "{name}");
        assert_eq!((&last["status"], &last["exit_code"]), (&"interrupted".into(), &number.into()));
        assert_eq!(stderr(&output), format!("speaker: stopped by {name}\n"));
        std::fs::remove_file(guard).unwrap();
    }
}

#[test]
fn a_signal_that_the_caller_ignores_stays_ignored() {
    let program = speaker(&[]).get_program().to_owned();
    let script =
        r#"trap '' HUP; "$0" wait & child=$!; read -r go; kill -HUP $child; kill -TERM $child; wait $child"#;
    let mut shell = Command::new("/bin/sh")
        .args(["-c", script])
        .arg(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines();
    assert!(lines.by_ref().take(2).all(|line| line.is_ok()), "it began");
    shell.stdin.take().unwrap().write_all(b"go\n").unwrap();
    drop(lines.last());
    assert_eq!(code(&shell.wait_with_output().unwrap()), 143, "SIGTERM stopped it, not SIGHUP before it");
}

/// What the gate does with these records on its stdin.
fn gate(input: &[u8]) -> Output {
    let mut child = speaker(&["gate", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn what_came_in_is_passed_on_unchanged_before_its_own_records() {
    let upstream = output(&["count", "2"]).stdout;
    let mut odd = b"{\"v\":1, \"tool\":\"other\",\"type\":\"new\",\"time\":\"t\",\"run\":\"r\",\"deep\":{\"x\":[1.50]}}\n".to_vec();
    odd.extend_from_slice(&upstream);
    let output = gate(&odd);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let own = output.stdout.strip_prefix(odd.as_slice()).expect("unchanged, and first");
    let own = Output { stdout: own.to_vec(), ..output.clone() };
    assert_eq!(types(&records(&own)), ["start", "number", "result"]);
}

#[test]
fn the_gate_refuses_what_failed_was_cut_off_or_is_no_record() {
    let good = output(&["count", "2"]).stdout;
    let lines: Vec<_> = good.split_inclusive(|&byte| byte == b'\n').collect();
    let without_result = lines[..lines.len() - 1].concat();
    let torn = &good[..good.len() - 10];
    let failed = output(&["fail"]).stdout;
    let failed_then_good = [failed.as_slice(), &good].concat();
    let begun_then_good = [lines[0], &output(&["count", "1"]).stdout].concat();
    let noise = [lines[0], b"Segmentation fault\n"].concat();
    let newer = good.strip_prefix(b"{\"v\":1").map(|rest| [b"{\"v\":2", rest].concat()).unwrap();
    for (input, code_word, message) in [
        (&b""[..], "cut_off", "nothing came in on stdin: the stream was cut off"),
        (&without_result, "cut_off", "speaker stopped without a result: the stream was cut off"),
        (torn, "cut_off", "line 5 of the records was cut off"),
        (&failed, "upstream_failed", "speaker did not succeed (exit code 3): cannot read table"),
        (&failed_then_good, "upstream_failed", "speaker did not succeed (exit code 3): cannot read table"),
        (&begun_then_good, "cut_off", "speaker stopped without a result"),
        (&noise, "bad_records", "line 2 of the records is not a record: expected value, at column 1"),
        (&newer, "bad_records", "line 1 of the records is in version 2"),
    ] {
        let output = gate(input);
        let told = stderr(&output);
        assert_eq!(code(&output), 4, "{told}");
        assert!(told.contains(message), "{told} should contain {message}");
        let last_two: Vec<Value> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .rev()
            .take(2)
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(
            (&last_two[0]["status"], &last_two[1]["code"]),
            (&"refused".into(), &code_word.into()),
            "{message}"
        );
    }
}

#[test]
fn a_signal_ends_the_wait_for_records() {
    let mut child = speaker(&["gate", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let first = output(&["count", "0"]).stdout;
    input.write_all(&first).unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().is_ok(), "it reads");
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    drop(lines.last());
    assert_eq!(code(&child.wait_with_output().unwrap()), 143);
    drop(input);
}

#[test]
fn a_stalled_reader_cannot_hold_up_a_stop() {
    let mut child = speaker(&["flood"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stalled = child.stdout.take().unwrap();
    let mut first = [0; 1];
    stalled.read_exact(&mut first).unwrap();
    // Long enough to fill the pipe; were it not, the test would only ask less.
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(code(&child.wait_with_output().unwrap()), 143);
    drop(stalled);
}

#[test]
fn progress_is_in_the_records_only_when_asked_for() {
    assert!(!types(&records(&output(&["count", "9"]))).contains(&"progress"));
}

#[test]
fn people_get_columns_and_a_summary() {
    let output = output(&["count", "2", "--format", "table"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[..4],
        [
            "NAME                             NUMBER       SIZE  IS",
            "\"public\".\"n0\"                         0    0 bytes  even",
            "\"public\".\"n1\"                         1    1024 kB  odd",
            "",
        ]
    );
    assert_eq!(lines[4], "numbers  2");
    assert!(lines[5].starts_with("took     ") && lines.len() == 6, "{text}");
}

#[test]
fn a_list_is_as_wide_as_it_needs() {
    let output = output(&["list", "--format", "table"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let list: Vec<_> = text.lines().take(4).collect();
    assert_eq!(
        list,
        [
            "NAME           NUMBER     SIZE  IS",
            "\"public\".\"n0\"       0  0 bytes  even",
            "\"public\".\"n1\"       1  1024 kB  odd",
            "\"public\".\"n2\"       2  2048 kB  even",
        ]
    );
}

/// A page of the documentation.
fn page(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_documented_records_are_what_the_schemas_allow() {
    let schemas: Value = serde_json::from_slice(&output(&["schema"]).stdout).unwrap();
    let page = page("protocol.md");
    let example =
        page.split("```jsonl\n").nth(1).and_then(|rest| rest.split("```").next()).expect("it has an example");
    let mut seen = Vec::new();
    for line in example.replace("\"pgsnap\"", "\"speaker\"").lines() {
        let mut record: Value = serde_json::from_str(line).unwrap();
        let kind = record["type"].as_str().unwrap().to_owned();
        if kind == "result" {
            record["numbers"] = 0.into();
        }
        let validator = jsonschema::validator_for(&schemas[format!("speaker.{kind}")]).unwrap();
        let errors: Vec<_> = validator.iter_errors(&record).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{line}: {errors:?}");
        seen.push(kind);
    }
    assert_eq!(seen, ["start", "progress", "warning", "error", "result"], "each shared type has an example");
}

#[test]
fn the_documented_exit_codes_are_those_of_the_classes() {
    use common::error::Class;
    let page = page("exit-codes.md");
    let documented: Vec<u8> =
        page.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok()).collect();
    let signals = [1, 2, 13, 15].map(Class::Signal);
    let classes = [
        Class::No,
        Class::Usage,
        Class::Failed,
        Class::Refused,
        Class::Interrupted,
        Class::Conflict,
        Class::Drift,
        Class::Dirty,
        Class::Inconsistent,
    ];
    let built: Vec<u8> =
        [0].into_iter().chain(classes.into_iter().chain(signals).map(Class::exit_code)).collect();
    assert_eq!(documented, built);
}
