//! `pgshift new`.

use super::{directory, pgshift};
use testkit::{Outcome, TempDir};

/// The records of files that were made: name and purpose.
fn made(outcome: &Outcome, place: &TempDir) -> Vec<(String, String)> {
    let made = outcome.records_of("created").into_iter().map(|record| {
        let path = record["path"].as_str().unwrap();
        let name = std::path::Path::new(path).strip_prefix(place.path()).unwrap().display().to_string();
        assert!(place.join(&name).is_file(), "{name} is not there");
        (name, record["purpose"].as_str().unwrap().to_owned())
    });
    made.collect()
}

#[track_caller]
fn makes(files: &[&str], name: &str, expected: &[(&str, &str)]) {
    let place = directory(files);
    let outcome = pgshift("new", &place).arg(name).run().success();
    let made = made(&outcome, &place);
    let made: Vec<(&str, &str)> =
        made.iter().map(|(name, purpose)| (name.as_str(), purpose.as_str())).collect();
    assert_eq!(made, expected);
}

#[test]
fn a_number_follows_its_neighbours_with_their_width() {
    makes(&[], "first", &[("0001_first.sql", "up")]);
    makes(&["0009_a.sql"], "add users", &[("0010_add_users.sql", "up")]);
    makes(&["9_a.sql", "9_a.down.sql"], "b", &[("10_b.sql", "up"), ("10_b.down.sql", "down")]);
    makes(&["000001_a.up.sql"], "b", &[("000002_b.up.sql", "up"), ("000002_b.down.sql", "down")]);
    makes(&["V1__a.sql", "R__v.sql"], "b", &[("V2__b.sql", "up")]);
    makes(&["V1_9__a.sql"], "b", &[("V1.10__b.sql", "up")]);
    makes(&["1_a/up.sql"], "b", &[("2_b/up.sql", "up"), ("2_b/down.sql", "down")]);
}

#[test]
fn a_time_follows_times() {
    let place = directory(&["20200101000000_a.sql"]);
    let made = made(&pgshift("new", &place).arg("b").run().success(), &place);
    let [(name, _)] = made.as_slice() else { panic!("{made:?}") };
    let (version, rest) = name.split_once('_').unwrap();
    assert!(version.len() == 14 && version > "20240000000000" && rest == "b.sql", "{name}");
}

#[test]
fn a_time_in_the_future_is_followed_all_the_same() {
    makes(&["29991231235959_a.sql"], "b", &[("29991231235960_b.sql", "up")]);
}

#[test]
fn sections_are_in_the_file() {
    let place = directory(&[]);
    let new = pgshift("new", &place).args(["a", "--convention", "dbmate"]);
    let files = made(&new.run().success(), &place);
    let text = std::fs::read_to_string(place.join(&files[0].0)).unwrap();
    assert_eq!(text, "-- migrate:up\n\n\n-- migrate:down\n\n");
    // What was made is recognised, and the next one follows.
    let outcome = pgshift("new", &place).arg("b").run().success();
    assert_eq!(outcome.records_of("result")[0]["convention"], "dbmate");
}

#[test]
fn atlas_still_vouches_for_its_files() {
    let place = TempDir::new();
    place.write("1_a.sql", "SELECT 1;\n");
    // By sha256sum and base64.
    let sum = "h1:V9Px1bouBIVfuWAOMdrOMvfuUsJkeoZdwOtivywry+U=\n1_a.sql h1:oHx7vmeRbxB72kdSGUkFhE08red3y82zeqcbzCxkGjo=\n";
    place.write("atlas.sum", sum);
    pgshift("new", &place).arg("b").run().success();
    let outcome = pgshift("new", &place).arg("c").run().success();
    assert_eq!(outcome.records_of("result")[0]["convention"], "atlas");
    assert!(std::fs::read_to_string(place.join("atlas.sum")).unwrap().contains("3_c.sql h1:"));
}

#[test]
fn no_file_is_overwritten_and_no_half_is_left() {
    let place = directory(&["1_a.up.sql", "1_a.down.sql"]);
    // A directory where the second file would be.
    std::fs::create_dir(place.join("2_b.down.sql")).unwrap();
    pgshift("new", &place).arg("b").run().exit(3).says("2_b.down.sql");
    assert_eq!(place.files(), ["1_a.down.sql", "1_a.up.sql"]);
}

#[test]
fn a_name_that_is_a_path_is_refused() {
    let place = directory(&[]);
    for name in ["../a", "a/b", ".a", ""] {
        pgshift("new", &place).args(["--", name]).run().exit(2);
    }
    assert!(place.files().is_empty());
}

#[test]
fn a_directory_that_may_be_two_things_is_not_guessed() {
    let place = directory(&["V1__a.sql", "U1__a.sql"]);
    pgshift("new", &place).arg("b").run().exit(2).says("refinery").says("--convention");
}

#[test]
fn tools_that_keep_a_plan_make_their_own() {
    let place = TempDir::new();
    place.write("sqitch.plan", "%project=x\n");
    pgshift("new", &place).arg("b").run().exit(2).says("sqitch add");
}
