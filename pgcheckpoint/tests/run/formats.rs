use super::{database, run};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use testkit::{TempDir, Tool};

/// What the guidelines of monitoring plugins say of a line of numbers: `label=value[unit];[warn];[crit];[min];[max]`.
fn perfdata(text: &str) -> Vec<String> {
    let mut labels = Vec::new();
    for number in text.split_whitespace() {
        let (label, rest) = number.split_once('=').unwrap_or_else(|| panic!("no number: {number}"));
        assert!(!label.contains('\''), "{number}");
        let mut parts = rest.split(';');
        let value = parts.next().unwrap();
        let unit = value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
        assert!(["", "s", "%", "B"].contains(&unit), "{number}");
        assert!(value.strip_suffix(unit).unwrap().parse::<f64>().is_ok(), "{number}");
        for range in parts.filter(|range| !range.is_empty()) {
            let ends = range.trim_start_matches("~:").trim_end_matches(':');
            assert!(ends.parse::<f64>().is_ok(), "{number}");
        }
        labels.push(label.to_owned());
    }
    labels
}

#[test]
fn as_a_plugin_it_keeps_to_the_guidelines() {
    let database = database();
    database.run("CREATE TABLE \"a|b\" (id int); CREATE SEQUENCE s MAXVALUE 100; SELECT setval('s', 99)");
    let cases: [(&[&str], i32, &str); 4] = [
        (&["connections.limit", "--warn", "connections.limit=9999"], 0, "OK"),
        (&["connections.limit", "schema", "--warn", "connections.limit=1"], 1, "WARNING"),
        (&["sequences.used", "connections.limit"], 2, "CRITICAL"),
        (&["vacuum.wraparound", "--statement-timeout", "10s", "--lock-timeout", "1s"], 0, "OK"),
    ];
    for (arguments, code, word) in cases {
        let said = run(&database, arguments).args(["--format", "nagios"]).raw().run().exit(code);
        let text = said.stdout();
        let (first, rest) = text.split_once('\n').unwrap();
        assert!(first.starts_with(&format!("PGCHECKPOINT {word}: ")), "{said}");
        assert!(text.ends_with('\n') && !text.contains('\t') && text.matches('|').count() <= 2, "{said}");
        let mut labels = first.split_once(" | ").map(|(_, numbers)| perfdata(numbers)).unwrap_or_default();
        labels.extend(rest.split_once(" | ").map(|(_, numbers)| perfdata(numbers)).unwrap_or_default());
        let distinct: BTreeSet<_> = labels.iter().collect();
        assert!(!labels.is_empty() && distinct.len() == labels.len(), "{labels:?}");
    }
}

#[test]
fn as_a_plugin_what_cannot_be_told_is_3_and_so_is_wrong_usage() {
    let gone = Tool::named("pgcheckpoint")
        .args(["run", "-d", "host=/nowhere", "--format", "nagios"])
        .raw()
        .run()
        .exit(2);
    assert!(gone.stdout().starts_with("PGCHECKPOINT CRITICAL"), "{gone}");
    for wrong in [vec!["run", "no.such", "--format", "nagios"], vec!["run", "--format=nagios", "--nonsense"]]
    {
        let said = Tool::named("pgcheckpoint").args(wrong).raw().run().exit(3);
        assert!(
            said.stdout().starts_with("PGCHECKPOINT UNKNOWN: ") && said.stdout().lines().count() == 1,
            "{said}"
        );
    }
    let database = database();
    let _held = database.hold("SELECT pg_advisory_lock(8099005376193621104)");
    run(&database, &["locks", "--format", "nagios"]).raw().run().exit(3);
}

/// Reads the text format 0.0.4 as strictly as its definition allows: families in one group, HELP and TYPE once and first,
/// no timestamps, no sample twice.
fn exposition(text: &str) -> BTreeMap<String, String> {
    assert!(text.ends_with('\n') && !text.contains('\r'));
    let (mut samples, mut done, mut family) = (BTreeMap::new(), BTreeSet::new(), String::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(done.insert(name.to_owned()) && !help.is_empty(), "twice: {line}");
            assert_eq!(lines.next(), Some(format!("# TYPE {name} gauge").as_str()));
            name.clone_into(&mut family);
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = series.split('{').next().unwrap();
        assert_eq!(name, family, "outside of its family: {line}");
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{line}");
        if let Some(labels) = series.strip_prefix(name).filter(|labels| !labels.is_empty()) {
            assert!(labels.starts_with('{') && labels.ends_with("\"}"), "{line}");
        }
        assert!(value.parse::<f64>().is_ok(), "no value: {line}");
        assert!(samples.insert(series.to_owned(), value.to_owned()).is_none(), "twice: {line}");
    }
    samples
}

/// Whether the run came to its end. Its server is told: files of several lie in one directory, and no sample may be there twice.
fn success(samples: &BTreeMap<String, String>) -> &str {
    let (_, value) =
        samples.iter().find(|(series, _)| series.starts_with("pgcheckpoint_run_success{server=\"")).unwrap();
    value
}

#[test]
fn metrics_can_be_read_by_the_rules_of_the_textfile_collector() {
    let database = database();
    database.run("CREATE TABLE t1 (id int); CREATE TABLE t2 (id int)");
    let said = run(&database, &["--format", "prometheus"]).raw().run().exit(1);
    let samples = exposition(&said.stdout());
    assert_eq!(success(&samples), "1");
    let of = |name: &str, check: &str| {
        let found =
            samples.iter().find(|(series, _)| series.starts_with(&format!("{name}{{check=\"{check}\"")));
        found.unwrap_or_else(|| panic!("no {name} of {check}")).1.clone()
    };
    assert_eq!(of("pgcheckpoint_check_status", "settings.dangerous"), "2");
    assert_eq!(of("pgcheckpoint_check_findings", "schema.without_primary_key"), "2");
    assert_eq!(of("pgcheckpoint_check_findings", "indexes.invalid"), "0");
    assert!(of("pgcheckpoint_check_value_bytes", "size.database").parse::<u64>().unwrap() > 1_000_000);
    // However many objects there are, a check has one series.
    assert!(samples.keys().all(|series| !series.contains("t1")), "{said}");
}

#[test]
fn a_file_of_metrics_is_replaced_as_a_whole_and_may_be_read_by_all() {
    let database = database();
    let place = TempDir::new();
    let file = place.write("pg.prom", "old");
    let arguments = ["connections.limit", "--format", "prometheus", "--write", file.to_str().unwrap()];
    let said = run(&database, &arguments).raw().run().success();
    assert_eq!(said.stdout(), "");
    exposition(&std::fs::read_to_string(&file).unwrap());
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o644);
    assert_eq!(place.files(), ["pg.prom"], "something is left behind");
    // A run that comes to nothing says so, too.
    let _held = database.hold("SELECT pg_advisory_lock(8099005376193621104)");
    run(&database, &arguments).raw().run().exit(4);
    assert_eq!(success(&exposition(&std::fs::read_to_string(&file).unwrap())), "0");
}

#[test]
fn other_languages_are_table_csv_and_a_page() {
    let database = database();
    let table = run(&database, &["connections.limit", "--format", "table"]).raw().run().success();
    assert!(table.stdout().contains("connections.limit") && table.stdout().starts_with("STATUS"), "{table}");
    let csv = run(&database, &["connections.limit", "--format", "csv"]).raw().run().success();
    assert!(csv.stdout().starts_with("check,status,value,unit,"), "{csv}");
    let page = run(&database, &["connections.limit", "--format", "html"]).raw().run().success();
    assert!(
        page.stdout().starts_with("<!DOCTYPE html>") && page.stdout().contains("connections.limit"),
        "{page}"
    );
    // Other tools have no such pages.
    Tool::named("pgsnap")
        .args(["list", "--store", "/nowhere", "--format", "nagios"])
        .run()
        .exit(2)
        .says("such a page");
}
