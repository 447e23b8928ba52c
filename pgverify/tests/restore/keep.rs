//! `--keep` and `--hold`: a copy that somebody goes on to use.

use super::{restore, shop, stored};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

fn query(copy: &serde_json::Value, sql: &str) -> String {
    let field = |name: &str| copy[name].as_str().map_or_else(|| copy[name].to_string(), str::to_owned);
    let mut psql = Command::new("psql");
    psql.env_clear().env("PATH", super::path());
    psql.args([
        "-XAt",
        "-h",
        &field("host"),
        "-p",
        &field("port"),
        "-U",
        &field("user"),
        "-d",
        &field("database"),
    ]);
    let done = psql.args(["-c", sql]).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_kept_copy_answers_until_it_is_removed_as_was_said() {
    let database = shop();
    let store = stored(&database);
    let verified = restore(&store).arg("--keep").run().success();
    let copy = verified.record("copy");
    assert_eq!(query(copy, "SELECT count(*) FROM orders"), "1000");
    assert_eq!(query(copy, "SHOW listen_addresses"), "", "never a TCP port");
    let directory = Path::new(copy["host"].as_str().unwrap()).parent().unwrap().to_owned();
    let removed = Command::new("sh").args(["-c", copy["remove"].as_str().unwrap()]).status().unwrap();
    assert!(removed.success());
    let begun = Instant::now();
    while directory.join("data/postmaster.pid").exists() {
        assert!(begun.elapsed() < Duration::from_mins(1), "it does not stop");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_held_copy_goes_with_the_signal() {
    let database = shop();
    let store = stored(&database);
    let mut held = restore(&store).arg("--hold").start();
    // The attestation is the last thing before it.
    held.wait_until("attested", || store.join("verified").is_dir());
    held.wait_until("written", || std::fs::read_dir(store.join("verified")).unwrap().count() == 1);
    held.signal(rustix::process::Signal::INT);
    let outcome = held.finish().exit(0);
    let host = outcome.record("copy")["host"].as_str().unwrap().to_owned();
    assert!(!Path::new(&host).exists(), "{host} is still there");
}
