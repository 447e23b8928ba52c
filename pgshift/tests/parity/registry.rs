//! A history that people have written: the 285 migrations in twelve years of the Rust crate registry's application, in Diesel's
//! layout. `scripts/test --all` brings it into the cache.

use super::crates::{built, cached};
use super::{cannot_be_had, ours, same, succeed, url};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::{Cluster, Database, Outcome, TempDir, Tool, is_long, newest_major};

const LENGTH: usize = 285;

/// How many crates there were, by year and month, as the registry has told now and then; between, it grew evenly.
const CRATES: [(u64, u64, u64); 10] = [
    (2014, 11, 0),
    (2014, 12, 1_300),
    (2016, 3, 5_000),
    (2017, 6, 10_000),
    (2018, 11, 20_000),
    (2020, 11, 50_000),
    (2022, 12, 100_000),
    (2024, 6, 150_000),
    (2025, 10, 200_000),
    (2026, 8, 235_000),
];

/// A table, how many rows it has for a hundred crates, and the bytes of a row: estimates, rather too large.
const TABLES: [(&str, u64, u64); 22] = [
    ("api_tokens", 100, 250),
    ("badges", 30, 150),
    ("crate_downloads", 30_000, 90),
    ("crate_owner_invitations", 10, 150),
    ("crate_owners", 130, 100),
    ("crates", 100, 3_000),
    ("crates_categories", 110, 90),
    ("crates_keywords", 250, 90),
    ("default_versions", 100, 110),
    ("dependencies", 6_000, 180),
    ("emails", 200, 180),
    ("follows", 50, 90),
    ("keywords", 50, 120),
    ("oauth_github", 200, 200),
    ("processed_log_files", 300, 150),
    ("readme_renderings", 800, 70),
    ("users", 200, 250),
    ("version_authors", 1_000, 60),
    ("version_downloads", 150_000, 90),
    ("version_owner_actions", 800, 90),
    ("versions", 800, 2_500),
    ("versions_published_by", 800, 90),
];

/// Its migrations, if they can be had.
fn history() -> Option<PathBuf> {
    if !is_long() {
        cannot_be_had("the registry's history", "it is long: scripts/test --all");
        return None;
    }
    let place = cached("registry/migrations");
    if !place.is_dir() {
        cannot_be_had("the registry's history", &format!("{} is not there", place.display()));
        return None;
    }
    Some(place)
}

/// Its directories by the month that they are of, in their order.
fn months(history: &Path) -> BTreeMap<(u64, u64), Vec<String>> {
    let mut named: Vec<(String, String)> = Vec::new();
    for entry in fs::read_dir(history).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            named.push((name.split('_').next().unwrap().replace('-', ""), name));
        }
    }
    named.sort();
    assert_eq!(named.len(), LENGTH);
    let mut months: BTreeMap<(u64, u64), Vec<String>> = BTreeMap::new();
    for (version, name) in named {
        months.entry((version[..4].parse().unwrap(), version[4..6].parse().unwrap())).or_default().push(name);
    }
    months
}

fn crates_at((year, month): (u64, u64)) -> u64 {
    let at = |(year, month, _): &(u64, u64, u64)| year * 12 + month;
    let now = year * 12 + month;
    let Some(next) = CRATES.iter().position(|known| at(known) >= now) else { return CRATES[9].2 };
    let Some(before) = next.checked_sub(1).map(|before| CRATES[before]) else { return 0 };
    let (after, passed) = (CRATES[next], now - at(&before));
    before.2 + (after.2 - before.2) * passed / (at(&after) - at(&before))
}

/// What `pgshift stats` says of the database, with `times` as many rows as its tables had in that month.
fn stats(database: &Database, month: (u64, u64), times: u64) -> String {
    let told = Tool::named("pgshift").arg("stats").database(database).run().success().stdout();
    let mut text = String::new();
    for line in told.lines() {
        let mut record: Value = serde_json::from_str(line).unwrap();
        let known =
            TABLES.iter().find(|(table, ..)| record["name"] == *table && record["schema"] == "public");
        if let Some((table, rows, bytes)) = known.filter(|_| record["type"] == "relation_stats") {
            // The first table of that name had a row for each crate and day, the one of today has one for each crate.
            let rows = if *table == "crate_downloads" && month.0 > 2020 { 100 } else { *rows };
            let rows = times * rows * crates_at(month) / 100;
            record["rows"] = rows.into();
            record["bytes"] = (rows * bytes).into();
        }
        text.push_str(&record.to_string());
        text.push('\n');
    }
    text
}

fn copy(name: &str, from: &Path, to: &Path) {
    fs::create_dir_all(to.join(name)).unwrap();
    for file in fs::read_dir(from.join(name)).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(name).join(file.file_name())).unwrap();
    }
}

#[test]
fn a_real_history_makes_what_its_own_tool_makes() {
    let Some(history) = history() else { return };
    let Some(diesel) = built("diesel") else { return };
    let cluster = Cluster::shared(newest_major());
    let (theirs, here) = (cluster.database("theirs"), cluster.database("ours"));
    let mut native = Command::new(diesel);
    native
        .args(["migration", "run", "--migration-dir"])
        .arg(&history)
        .args(["--database-url", &url(&theirs)]);
    native.current_dir(&history);
    succeed(native);
    let applied = ours(&here, &history, "apply").arg("--no-gate").run().success();
    assert_eq!(applied.result()["applied"], LENGTH);
    same(&theirs, &here, &["-T", "public.__diesel_schema_migrations"]);

    let adopted = ours(&theirs, &history, "adopt").run().success();
    assert_eq!(adopted.records_of("adopted").len(), LENGTH);
    ours(&theirs, &history, "check").run().success();
}

/// Which migrations have an error, and which an error or a warning.
#[derive(Default)]
struct Flagged {
    alarms: BTreeSet<OsString>,
    warnings: BTreeSet<OsString>,
}

impl Flagged {
    fn add(&mut self, mut judged: Outcome) {
        let code = judged.code();
        assert!(code <= 1, "{judged}");
        for finding in judged.records_of("finding") {
            let file = Path::new(finding["file"].as_str().unwrap()).parent().unwrap().file_name().unwrap();
            let file = file.to_owned();
            match finding["severity"].as_str().unwrap() {
                "error" => drop((self.alarms.insert(file.clone()), self.warnings.insert(file))),
                "warning" => drop(self.warnings.insert(file)),
                _ => {}
            }
        }
    }
}

/// Each migration is judged as on its day: by the schema that there was then, and the sizes that its tables had.
#[test]
fn lint_that_knows_the_sizes_alarms_for_less_than_15_of_100_files() {
    let Some(history) = history() else { return };
    let database = Cluster::shared(newest_major()).database("history");
    let (applied, files) = (TempDir::new(), TempDir::new());
    // By what is estimated, and by three times as much.
    let mut flagged = [1, 3].map(|times| (times, Flagged::default()));
    for (month, names) in months(&history) {
        let due = TempDir::new();
        for name in &names {
            copy(name, &history, due.path());
            copy(name, &history, applied.path());
        }
        for (times, flagged) in &mut flagged {
            let stats = files.write("stats.jsonl", stats(&database, month, *times));
            let mut judged =
                Tool::named("pgshift").arg("lint").arg("--dir").arg(due.path()).arg("--stats").arg(stats);
            judged = judged.args(["--convention", "diesel"]);
            let judged = judged.run();
            assert_eq!(judged.result()["files"], names.len(), "{judged}");
            flagged.add(judged);
        }
        ours(&database, applied.path(), "apply")
            .args(["--no-gate", "--convention", "diesel"])
            .run()
            .success();
    }
    for (times, Flagged { alarms, warnings }) in flagged {
        // What never alarms would pass, too: half of that is real dangers at least.
        let of = |found: &BTreeSet<_>| found.len() * 1000 / LENGTH;
        assert!(
            (75..150).contains(&of(&alarms)),
            "x{times}: {} of {LENGTH} files alarm: {alarms:?}",
            alarms.len()
        );
        assert!(of(&warnings) < 200, "x{times}: {} of {LENGTH} files warn: {warnings:?}", warnings.len());
    }
}
