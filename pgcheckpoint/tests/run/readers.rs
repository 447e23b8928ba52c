//! What is written for Prometheus is read by a parser of its own project.

use super::{database, run};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use testkit::TempDir;

/// Families, samples and how many have a time, as Prometheus' parser reads them.
const PARSE: &str = "import sys\n\
    from prometheus_client.parser import text_string_to_metric_families as parse\n\
    families = list(parse(sys.stdin.read()))\n\
    samples = [sample for family in families for sample in family.samples]\n\
    assert all(family.type == 'gauge' and family.documentation for family in families), families\n\
    assert all(sample.timestamp is None for sample in samples), samples\n\
    print(len(families), len(samples))\n";

/// Where `scripts/test` puts what it brings.
fn brought() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    cache.unwrap_or_default().join("pgrunbook")
}

/// Says that something is missing, which is a failure where everything has to be there.
fn missing(what: &str) {
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{what} is missing");
    drop(writeln!(std::io::stderr(), "SKIPPED: {what} is missing: scripts/test brings it"));
}

#[test]
fn the_parser_of_prometheus_reads_the_metrics() {
    let python = || {
        let mut python = Command::new("python3");
        python.env("PYTHONPATH", brought().join("prometheus_client"));
        python
    };
    let there = python().args(["-c", "import prometheus_client.parser"]).output();
    if !there.is_ok_and(|there| there.status.success()) {
        return missing("prometheus_client");
    }
    let database = database();
    database.run("CREATE TABLE \"a\"\"\\b\" (id int)");
    let said = run(&database, &["--format", "prometheus"]).raw().run().exit(1);
    let place = TempDir::new();
    let page = std::fs::File::open(place.write("page.prom", said.stdout())).unwrap();
    let read = python().args(["-c", PARSE]).stdin(page).output().unwrap();
    assert!(read.status.success(), "{}\n{said}", String::from_utf8_lossy(&read.stderr));
    let lines = said.stdout().lines().filter(|line| !line.starts_with('#')).count();
    let families = said.stdout().lines().filter(|line| line.starts_with("# TYPE")).count();
    assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), format!("{families} {lines}"));
}
