//! In which order they run, and that none is there twice.

use super::MigrationKind::{Baseline, Repeatable, Versioned};
use super::*;

#[test]
fn numbers_are_in_the_order_of_numbers() {
    assert_eq!(named(&["10_b.sql", "9_a.sql", "0011_c.sql"]).read().versions(), ["9", "10", "11"]);
    assert_eq!(named(&["10_b.up.sql", "9_a.up.sql"]).read().versions(), ["9", "10"]);
    let goose = [("10_b.sql", "-- +goose Up\nSELECT 1;"), ("9_a.sql", "-- +goose Up\nSELECT 1;")];
    assert_eq!(tree(&goose).read().versions(), ["9", "10"]);
}

#[test]
fn text_is_in_the_order_of_text() {
    let dbmate = [("10_b.sql", "-- migrate:up\nSELECT 1;"), ("9_a.sql", "-- migrate:up\nSELECT 1;")];
    assert_eq!(tree(&dbmate).read().versions(), ["10", "9"]);
    assert_eq!(named(&["10_b/migration.sql", "9_a/migration.sql"]).read().versions(), ["10_b", "9_a"]);
    let diesel =
        named(&["2024-01-02-000000_b/up.sql", "2024-01-01-000000_a c/up.sql", "00000000000000_init/up.sql"]);
    assert_eq!(diesel.read().versions(), ["00000000000000", "20240101000000", "20240102000000"]);
}

#[test]
fn versions_of_flyway_are_compared_part_by_part() {
    let read =
        named(&["V1.10__c.sql", "V1_9__b.sql", "V1__a.sql", "R__z.sql", "R__a.sql", "B1_9__base.sql"]).read();
    let all: Vec<(&str, MigrationKind)> =
        read.found.migrations.iter().map(|migration| (migration.version.as_str(), migration.kind)).collect();
    assert_eq!(
        all,
        [
            ("1", Versioned),
            ("1.9", Baseline),
            ("1.9", Versioned),
            ("1.10", Versioned),
            ("a", Repeatable),
            ("z", Repeatable)
        ]
    );
}

#[test]
fn the_same_version_twice_names_both_files() {
    let twice = [
        (named(&["0002_a.sql", "2_b.sql"]), "0002_a.sql", "2_b.sql"),
        (named(&["1_a.up.sql", "1_b.up.sql"]), "1_a.up.sql", "1_b.up.sql"),
        (named(&["V1.0__a.sql", "V1__b.sql"]), "V1.0__a.sql", "V1__b.sql"),
        (named(&["V1__a.sql", "more/V1__b.sql"]).convention("refinery"), "V1__a.sql", "more/V1__b.sql"),
        (named(&["1_a/up.sql", "1_b/up.sql"]), "1_a/up.sql", "1_b/up.sql"),
    ];
    for (tree, one, other) in twice {
        let (code, message) = tree.fault();
        assert_eq!(code, "version_repeated", "{message}");
        assert!(message.contains(one) && message.contains(other), "{message}");
    }
    let goose = [("1_a.sql", "-- +goose Up\nSELECT 1;"), ("01_b.sql", "-- +goose Up\nSELECT 1;")];
    assert_eq!(tree(&goose).fault().0, "version_repeated");
}

#[test]
fn two_scripts_that_take_back_one_version_are_refused() {
    let (code, message) = named(&["1_a.up.sql", "1_a.down.sql", "1_b.down.sql"]).fault();
    assert_eq!(code, "version_repeated");
    assert!(message.contains("1_a.down.sql") && message.contains("1_b.down.sql"), "{message}");
}

#[test]
fn each_conventions_down_script_is_found() {
    for names in [["1_a.sql", "1_a.down.sql"], ["1_a.up.sql", "1_a.down.sql"], ["1_a/up.sql", "1_a/down.sql"]]
    {
        let read = named(&names).read();
        let down = read.only().down.clone().unwrap();
        assert!(down.path.ends_with(names[1]), "{down:?}");
    }
}
