//! What only graphile-migrate has.

use super::*;

/// Hashes by `sha1sum`: of the body, for the second with the first hash and a line break in front.
const FIRST: &str =
    "--! Previous: -\n--! Hash: sha1:bfd2015be86e51e4db5c2f39ff305b5d957b7444\n\ncreate table a();\n";
const SECOND: &str = "--! Previous: sha1:bfd2015be86e51e4db5c2f39ff305b5d957b7444\n--! Hash: sha1:e3d243f884755295ae8663d867654ff7f4d3a34b\n--! Message: b\n\n--! no-transaction\nselect ':NAME'::text;\n";

#[test]
fn the_chain_is_read_and_proved() {
    let read = tree(&[("committed/000001.sql", FIRST), ("committed/000002-b.sql", SECOND)]).read();
    assert_eq!((read.convention, read.versions()), ("graphile-migrate", vec!["1", "2"]));
    let (first, second) = (&read.found.migrations[0], &read.found.migrations[1]);
    assert_eq!((shown(&first.up.text), first.up.first_line), ("create table a();\n", 4));
    assert_eq!(
        (second.name.as_str(), second.up.first_line, second.up.transaction),
        ("b", 5, Transaction::No)
    );
}

#[test]
fn a_file_that_was_changed_is_found() {
    let changed = FIRST.replace("table a", "table b");
    let (code, message) = tree(&[("committed/000001.sql", changed)]).fault();
    assert_eq!(code, "checksum");
    assert!(message.contains("000001.sql"), "{message}");
    let allowed = FIRST.replace("table a", "table b").replace("\n\n", "\n--! AllowInvalidHash\n\n");
    assert_eq!(tree(&[("committed/000001.sql", allowed)]).read().versions(), ["1"]);
}

#[test]
fn a_chain_that_lacks_a_link_is_found() {
    assert_eq!(tree(&[("committed/000002-b.sql", SECOND)]).fault().0, "chain_broken");
}

#[test]
fn placeholders_are_those_that_the_configuration_has() {
    let files = [
        ("../.gmrc", "{\n  // comment\n  \"placeholders\": {\n    \":NAME\": \"!ENV\",\n  },\n}\n"),
        ("committed/000001.sql", FIRST),
        ("committed/000002-b.sql", SECOND),
    ];
    assert_eq!(tree(&files).fault().0, "placeholder_missing");
    let read = tree(&files).placeholder("NAME=n").read();
    assert_eq!(shown(&read.found.migrations[1].up.text), "--! no-transaction\nselect 'n'::text;\n");
}

#[test]
fn settings_of_the_configuration_are_made_before_each_script() {
    let files = [
        (
            "../.gmrc",
            "{\n  \"pgSettings\": {\n    \"search_path\": \"app,public\",\n  },\n  \"placeholders\": {\n  }\n}\n",
        ),
        ("committed/000001.sql", FIRST),
    ];
    let read = tree(&files).read();
    let up = &read.only().up;
    let expected = "SELECT pg_catalog.set_config('search_path', 'app,public', false);\ncreate table a();\n";
    assert_eq!((shown(&up.text), up.first_line), (expected, 3));
    assert_eq!(up.written.as_deref(), Some(&b"create table a();\n"[..]));
}

#[test]
fn what_is_not_committed_and_actions_are_told() {
    let files = [
        ("../.gmrc", "{\n  \"afterAllMigrations\": [\"!x.sql\"],\n  \"beforeAllMigrations\": [],\n}\n"),
        ("committed/000001.sql", FIRST),
        ("current.sql", "-- Enter migration here\nselect 1;\n"),
    ];
    let read = tree(&files).read();
    let warned = read.warned();
    assert_eq!(warned.len(), 2, "{warned:?}");
    assert!(warned[0].contains("current.sql") && warned[1].contains("afterAllMigrations"), "{warned:?}");
}
