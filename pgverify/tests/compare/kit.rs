//! Two databases and what is said of them.

use serde_json::Value;
use std::sync::Arc;
use testkit::{Cluster, Database, Outcome, Tool, newest_major};

/// The cluster that most tests share.
pub(crate) fn cluster() -> Arc<Cluster> {
    Cluster::shared(newest_major())
}

/// Two databases, made by these statements.
pub(crate) fn two(hint: &str, a: &str, b: &str) -> (Database, Database) {
    let cluster = cluster();
    let (here, there) = (cluster.database(&format!("{hint}_a")), cluster.database(&format!("{hint}_b")));
    here.run(a);
    there.run(b);
    (here, there)
}

/// `pgverify compare A B`.
pub(crate) fn compare(a: &Database, b: &Database, arguments: &[&str]) -> Outcome {
    let tool = Tool::named("pgverify").arg("compare").arg(a.connection()).arg(b.connection());
    tool.args(arguments.iter().copied()).run()
}

/// The verdict of the only table.
pub(crate) fn verdict(outcome: &Outcome) -> String {
    outcome.record("table")["verdict"].as_str().unwrap().to_owned()
}

/// Each differing row in short: `changed {"id":"1"} ["a"]`.
pub(crate) fn rows(outcome: &Outcome) -> Vec<String> {
    let short = |row: &&Value| format!("{} {} {}", row["kind"].as_str().unwrap(), row["key"], row["columns"]);
    outcome.records_of("row").iter().map(short).collect()
}

/// What differs: `sequence "public"."s": state`.
pub(crate) fn differences(outcome: &Outcome) -> Vec<String> {
    let short = |record: &&Value| {
        format!("{}: {}", record["object"].as_str().unwrap(), record["property"].as_str().unwrap())
    };
    outcome.records_of("difference").iter().map(short).collect()
}
