//! What `docs/pgcheckpoint.md` says is what there is.

use std::collections::BTreeSet;
use testkit::{Tool, documents};

const PAGE: &str = include_str!("../../../docs/pgcheckpoint.md");
const EVERYWHERE: &str = include_str!("../../../docs/pgsnap.md");

#[test]
fn every_check_is_described_and_no_other() {
    let list = Tool::named("pgcheckpoint").arg("list").run().success();
    let listed: BTreeSet<_> = list
        .records_of("listed_check")
        .iter()
        .map(|check| check["check"].as_str().unwrap().to_owned())
        .collect();
    let table = PAGE.split("## The checks").nth(1).unwrap().split("\n## ").next().unwrap();
    let described: BTreeSet<_> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect();
    assert_eq!(described, listed);
}

#[test]
fn every_option_is_described_and_no_other() {
    let commands = ["run", "list", "assert", "diff", "watch", "ready", "report"];
    let there = documents::options_of_help("pgcheckpoint", &commands);
    let mut described = documents::options_described(PAGE);
    // What is everywhere is described once.
    described.extend(documents::options_described(EVERYWHERE.split("### Connections").next().unwrap()));
    let missing: Vec<_> = there.difference(&described).collect();
    let invented: Vec<_> = described.difference(&there).collect();
    assert!(missing.is_empty() && invented.is_empty(), "missing: {missing:?}, invented: {invented:?}");
}
