//! Growth, from what runs before have kept: their files are made to look as if they were older.

use super::{database, flags, look, quiet};
use jiff::{SignedDuration, Timestamp};
use std::path::Path;
use testkit::TempDir;

/// Makes what was kept `hours` older, and what things took then `bytes` of what they take now.
fn age(place: &Path, kind: &str, hours: i64, bytes: impl Fn(i64) -> i64) {
    for entry in place.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_string_lossy().starts_with(kind) {
            continue;
        }
        let lines = std::fs::read_to_string(&path).unwrap();
        let aged = lines.lines().map(|line| {
            let mut point: serde_json::Value = serde_json::from_str(line).unwrap();
            let time: Timestamp = point["time"].as_str().unwrap().parse().unwrap();
            point["time"] = (time - SignedDuration::from_hours(hours)).to_string().into();
            point["bytes"] = bytes(point["bytes"].as_i64().unwrap()).into();
            format!("{point}\n")
        });
        let aged: String = aged.collect();
        std::fs::write(&path, aged).unwrap();
    }
}

#[test]
fn how_a_database_grows_is_told_from_the_runs_before() {
    let database = database();
    let place = TempDir::new();
    let kept = place.join("deep/history");
    let with = ["--history", kept.to_str().unwrap(), "--warn", "size.growth=1MB"];
    let said = look(&database, "size.growth", &with);
    assert!(said[0]["message"].as_str().unwrap().contains("can be told after an hour"), "{said:?}");
    quiet(&database, "size.growth", &with);
    // Ten days ago it took half of what it takes now.
    age(&kept, "database", 240, |bytes| bytes / 2);
    let said =
        flags(&database, "size.growth", &[&with[..2], &["--warn", "size.growth=1kB"]].concat(), "warn", "");
    let size: f64 = database.scalar("SELECT pg_database_size(current_database())").parse().unwrap();
    let a_day = said["value"].as_f64().unwrap();
    assert!((a_day / (size / 20.0) - 1.0).abs() < 0.01, "{a_day} of {size}: {said}");
    quiet(&database, "size.growth", &[&with[..2], &["--warn", "size.growth=1GB"]].concat());
    // A database that shrinks.
    let place = TempDir::new();
    let with = ["--history", place.path().to_str().unwrap()];
    quiet(&database, "size.growth", &with);
    age(place.path(), "database", 48, |bytes| bytes * 3);
    let said = look(&database, "size.growth", &with);
    assert!(
        said[0]["value"].as_f64().unwrap() < 0.0
            && said[0]["message"].as_str().unwrap().contains("went by -"),
        "{said:?}"
    );
}

#[test]
fn a_disk_that_will_soon_be_full_is_critical() {
    let database = database();
    let place = TempDir::new();
    let with = ["--disk", "/", "--history", place.path().to_str().unwrap()];
    quiet(&database, "disk.full_in", &with);
    // It took nothing an hour ago, and at this pace ends within a day; or within years.
    age(place.path(), "disk", 2, |_| 0);
    let said =
        flags(&database, "disk.full_in", &[&with[..], &["--crit", "disk.full_in=90d"]].concat(), "crit", "/");
    assert!(said["message"].as_str().unwrap().contains(" a day"), "{said}");
    let place = TempDir::new();
    let with = ["--disk", "/", "--history", place.path().to_str().unwrap()];
    quiet(&database, "disk.full_in", &with);
    age(place.path(), "disk", 24 * 30, |bytes| bytes - 4096);
    quiet(
        &database,
        "disk.full_in",
        &[
            "--disk",
            "/",
            "--history",
            place.path().to_str().unwrap(),
            "--warn",
            "disk.full_in=0s",
            "--crit",
            "disk.full_in=0s",
        ],
    );
    // What takes less than it did will not be full.
    let place = TempDir::new();
    let with = ["--disk", "/", "--history", place.path().to_str().unwrap()];
    quiet(&database, "disk.full_in", &with);
    age(place.path(), "disk", 24, |bytes| bytes * 2);
    quiet(&database, "disk.full_in", &with);
}

#[test]
fn what_is_no_history_is_left_alone_and_without_one_there_is_nothing_to_tell() {
    let database = database();
    let said = look(&database, "size.growth", &[]);
    assert!(said[0]["message"].as_str().unwrap().contains("no --history was named"), "{said:?}");
    let place = TempDir::new();
    let with = ["--history", place.path().to_str().unwrap()];
    quiet(&database, "size.growth", &with);
    let file = place.path().join(&place.files()[0]);
    std::fs::write(&file, "Dear customer,\n").unwrap();
    let said = look(&database, "size.growth", &with);
    assert_eq!(said[0]["status"], "unknown", "{said:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "Dear customer,\n");
}
