//! What is in files, whoever's they are.

use super::*;

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    let read = tree(&[("1_a.sql", b"\xEF\xBB\xBFSELECT 1;\n")]).read();
    assert_eq!(shown(&read.only().up.text), "SELECT 1;\n");
}

#[test]
fn line_ends_of_windows_are_kept_and_directives_seen() {
    let read =
        tree(&[("1_a.sql", "-- migrate:up transaction:false\r\nSELECT 1;\r\n-- migrate:down\r\n")]).read();
    assert_eq!(read.only().up.transaction, Transaction::No);
    assert!(read.only().up.text.ends_with(b"SELECT 1;\r\n"));
}

#[test]
fn text_in_another_encoding_is_passed_as_it_is() {
    let read = tree(&[("1_a.sql", b"SELECT '\xE9t\xE9';\n")]).read();
    assert_eq!(read.only().up.text, b"SELECT '\xE9t\xE9';\n");
}

#[test]
fn utf_16_is_refused() {
    let (code, message) = tree(&[("1_a.sql", b"\xFF\xFES\0")]).fault();
    assert_eq!(code, "utf16");
    assert!(message.contains("1_a.sql"), "{message}");
}

#[test]
fn names_may_hold_spaces_and_other_letters() {
    let read = named(&["1_add the users.sql", "2_größe.sql"]).read();
    let names: Vec<&str> = read.found.migrations.iter().map(|migration| migration.name.as_str()).collect();
    assert_eq!(names, ["add the users", "größe"]);
}

#[test]
fn a_name_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let tree = named(&["1_a.sql"]);
    let name = std::ffi::OsStr::from_bytes(b"2_\xFF.sql");
    std::fs::write(tree.place.join("migrations").join(name), "SELECT 1;").unwrap();
    assert_eq!(tree.fault().0, "name_not_utf8");
}

#[test]
fn links_are_followed_and_broken_ones_refused() {
    let tree = tree(&[("../real.sql", "SELECT 7;\n")]);
    let link = tree.place.join("migrations/1_a.sql");
    std::os::unix::fs::symlink("../real.sql", &link).unwrap();
    assert_eq!(shown(&tree.read().only().up.text), "SELECT 7;\n");
    std::fs::remove_file(tree.place.join("real.sql")).unwrap();
    let (code, message) = tree.fault();
    assert_eq!(code, "io");
    assert!(message.contains("1_a.sql"), "{message}");
}

#[test]
fn what_editors_leave_behind_does_not_count() {
    assert_eq!(named(&["1_a.sql", ".2_b.sql.swp", "1_a.sql~", "2_b.sql.orig"]).read().versions(), ["1"]);
}

#[test]
fn what_is_not_run_is_told() {
    let read = named(&["1_a.sql", "seed.sql", "more/2_b.sql"]).read();
    assert_eq!(read.versions(), ["1"]);
    let warned = read.warned();
    assert_eq!(warned.len(), 2);
    assert!(warned[0].contains("seed.sql is not run") && warned[1].contains("more is not run"), "{warned:?}");
}

#[test]
fn a_script_with_its_own_transaction_is_known() {
    let own = |text: &str| tree(&[("1_a.sql", text)]).read().only().up.transaction;
    assert_eq!(own("begin;\nSELECT 1;\ncommit;\n"), Transaction::Own);
    assert_eq!(own("SET x.y = 1; START TRANSACTION; SELECT 1; COMMIT;"), Transaction::Own);
    assert_eq!(own("DO $$ BEGIN PERFORM 1; END $$;"), Transaction::Unsaid);
    assert_eq!(own("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END;"), Transaction::Unsaid);
    assert_eq!(own("-- begin\nSELECT 'begin;';"), Transaction::Unsaid);
}

#[test]
fn our_own_directive_asks_for_no_transaction_everywhere() {
    let text = "-- what it does\n-- pgshift: no-transaction\nSELECT 1;\n";
    for name in ["1_a.sql", "V1__a.sql", "1_a.up.sql"] {
        assert_eq!(tree(&[(name, text)]).read().only().up.transaction, Transaction::No, "{name}");
    }
    assert_eq!(
        tree(&[("1_a.sql", "SELECT 1;\n-- pgshift: no-transaction\n")]).read().only().up.transaction,
        Transaction::Unsaid
    );
}

#[test]
fn a_script_that_takes_back_what_is_not_there_is_refused() {
    let (code, message) = named(&["1_a.sql", "2_b.down.sql"]).fault();
    assert_eq!(code, "down_alone");
    assert!(message.contains("2_b.down.sql"), "{message}");
}
