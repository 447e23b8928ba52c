//! What only Atlas has.

use super::*;

/// By `sha256sum` and `base64`: of name and text, then both of each file so far, then of all names and hashes.
const SUM: &str = "h1:VNvw0pDgavFX/sdOa4OQ4cdfXK8LyCjaMKnLrKqiXHs=\n1_a.sql h1:oHx7vmeRbxB72kdSGUkFhE08red3y82zeqcbzCxkGjo=\n2_b.sql h1:jqdn/UCU1bnj96EwRLYv9FRnrwv3yIEfGHtJessEvPM=\n";
const FILES: [(&str, &str); 3] = [("1_a.sql", "SELECT 1;\n"), ("2_b.sql", "SELECT 2;\n"), ("atlas.sum", SUM)];

#[test]
fn the_sum_vouches_for_the_files() {
    let read = tree(&FILES).read();
    assert_eq!((read.convention, read.versions()), ("atlas", vec!["1", "2"]));
    assert!(read.found.warnings.is_empty());
}

#[test]
fn a_file_that_the_sum_does_not_vouch_for_is_named() {
    let mut changed = FILES;
    changed[1].1 = "SELECT 3;\n";
    let (code, message) = tree(&changed).fault();
    assert_eq!(code, "checksum");
    assert!(message.contains("2_b.sql is the first") && message.contains("atlas migrate hash"), "{message}");
    let mut added = FILES.to_vec();
    added.push(("3_c.sql", "SELECT 3;\n"));
    assert!(tree(&added).fault().1.contains("3_c.sql is the first"));
    let (_, message) = tree(&[FILES[0], FILES[2]]).fault();
    assert!(message.contains("gone"), "{message}");
}

#[test]
fn files_without_a_sum_are_told() {
    let read = named(&["1_a.sql"]).convention("atlas").read();
    assert_eq!(read.found.warnings[0].code, "not_proved");
}

#[test]
fn directives_stand_in_the_head_alone() {
    let mode = |text: &str| tree(&[("1_a.sql", text)]).convention("atlas").read().only().up.transaction;
    assert_eq!(mode("-- atlas:txmode none\n\nSELECT 1;\n"), Transaction::No);
    assert_eq!(mode("-- atlas:txmode file\n\nSELECT 1;\n"), Transaction::Unsaid);
    assert_eq!(mode("-- atlas:txmode none\nSELECT 1;\n"), Transaction::Unsaid);
    let wrong = tree(&[("1_a.sql", "-- atlas:txmode nome\n\nSELECT 1;\n")]).fault();
    assert!(wrong.0 == "directive" && wrong.1.contains("nome"), "{wrong:?}");
}

#[test]
fn a_checkpoint_stands_for_all_before_it() {
    let files = [("1_a.sql", "SELECT 1;\n"), ("2_checkpoint.sql", "-- atlas:checkpoint\n\nSELECT 2;\n")];
    let read = tree(&files).read();
    assert_eq!(read.found.migrations[1].kind, MigrationKind::Baseline);
}

#[test]
fn delimiters_are_taken_out_and_what_stands_between_is_one_statement() {
    let text = "-- atlas:delimiter \\n-- end\n\nCREATE a; b;\n-- end\nSELECT 2\n-- end\n";
    let read = tree(&[("1_a.sql", text)]).read();
    let up = &read.only().up;
    let singles: Vec<&str> = up.single.iter().map(|at| shown(&up.text[at.clone()]).trim()).collect();
    assert_eq!(singles, ["CREATE a; b;", "SELECT 2"]);
    assert_eq!(up.text.len(), text.len());
}
