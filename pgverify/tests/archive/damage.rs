//! Dumps that are cut off, changed, or wrong in the middle: none of them passes.

use super::{dump, gzip, lz4, rows, shop, verify, zstd};
use testkit::is_long;

/// Places to cut at: near both ends, and some between.
fn places(length: usize) -> Vec<usize> {
    some([100, length / 2, length - 1, 1, length / 4, length * 9 / 10, length - 30, length - 5])
}

/// The first three, or all in a long run: each takes a cluster of its own.
fn some(places: impl Into<Vec<usize>>) -> Vec<usize> {
    let mut places = places.into();
    places.truncate(if is_long() { usize::MAX } else { 3 });
    places
}

#[test]
fn a_plain_dump_that_was_cut_off_fails_wherever() {
    let content = dump(&shop(), &[]);
    let end = String::from_utf8_lossy(&content).rfind("dump complete").unwrap();
    for at in places(end) {
        let mut outcome = verify(&content[..at], &[]);
        assert!([1, 3].contains(&outcome.code()), "{at}: {outcome}");
        assert_ne!(outcome.result()["status"], "ok");
    }
    // In the rows, where psql would take the end of the file for theirs.
    let rows = String::from_utf8_lossy(&content).find("COPY public.orders").unwrap() + 400;
    verify(&content[..rows], &[]).exit(1).says("the rows of a COPY");
    let statements =
        String::from_utf8_lossy(&content).rfind("\n--\n-- PostgreSQL database dump complete").unwrap();
    verify(&content[..statements], &[]).exit(1).says("pg_dump's last line is missing");
}

#[test]
fn what_is_wrapped_needs_the_end_of_its_wrapping() {
    let content = dump(&shop(), &[]);
    for wrapped in [gzip(&content), zstd(&content), lz4(&content)] {
        for at in [wrapped.len() - 1, wrapped.len() - 4, wrapped.len() / 2].into_iter().take(if is_long() {
            3
        } else {
            1
        }) {
            let outcome = verify(&wrapped[..at], &[]).exit(1);
            assert_eq!(outcome.record("error")["code"], "damaged", "{outcome}");
        }
        verify([&wrapped[..], b"rest"].concat(), &[]).exit(1);
    }
}

#[test]
fn a_flipped_byte_in_a_wrapping_is_found() {
    let content = dump(&shop(), &[]);
    for wrapped in [gzip(&content), zstd::bulk::compress(&content, 1).map(|_| checked(&content)).unwrap()] {
        for at in [wrapped.len() / 3, wrapped.len() / 2, wrapped.len() * 4 / 5] {
            let mut flipped = wrapped.clone();
            flipped[at] ^= 1;
            verify(&flipped, &[]).exit(1);
        }
    }
}

/// zstd as its command line writes it, with a checksum.
fn checked(content: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn an_archive_that_was_cut_off_or_changed_fails() {
    let database = shop();
    for format in ["--format=custom", "--format=tar"] {
        let content = dump(&database, &[format]);
        let length = content.len();
        for at in some([600, length / 2, length - 1, 20, length / 3, length * 9 / 10]) {
            let mut outcome = verify(&content[..at], &[]);
            assert_ne!(outcome.code(), 0, "{format} {at}: {outcome}");
        }
    }
    let content = dump(&database, &["--format=custom"]);
    let mut changed = 0;
    for part in (1..12).step_by(if is_long() { 1 } else { 2 }) {
        let mut flipped = content.clone();
        let at = content.len() * part / 12;
        flipped[at] ^= 0x20;
        let mut outcome = verify(&flipped, &[]);
        changed += u32::from(outcome.code() != 0);
        // What passes is not told from what was dumped by anybody: a name, a number in a comment.
        assert!(outcome.code() != 0 || rows(&outcome, "orders") == Some(500), "{at}: {outcome}");
    }
    assert!(changed > if is_long() { 3 } else { 1 }, "{changed}");
}

#[test]
fn the_first_error_ends_it_and_is_told_with_its_line() {
    for (script, line, said) in [
        (
            "CREATE TABLE t (a int PRIMARY KEY);\n\nINSERT INTO t VALUES (1), (1);\nINSERT INTO t VALUES (2);",
            3,
            "23505",
        ),
        ("CREATE TABLE t (a int);\nCOPY t FROM stdin;\n1\nx\n\\.\n", 2, "22P02"),
        ("CREATE TABLE t (a int);\nCREATE TABLE t (a int);", 2, "42P07"),
        ("CREATE TABLE t (a int);\nDROP TABLE nothing; SELEKT 1;", 2, "42601"),
        ("CREATE TABLE t (a missing);", 1, "42704"),
    ] {
        let outcome = verify(script, &[]).exit(1).says(said).says(&format!("line {line} of the dump"));
        assert_eq!(outcome.record("error")["code"], "does_not_restore");
    }
    let secret = "CREATE TABLE t (a int);\nINSERT INTO missing VALUES ('a secret');";
    verify(secret, &[]).exit(1).says("INSERT INTO missing").hides("a secret");
}

#[test]
fn an_archive_whose_rows_do_not_fit_fails() {
    let database = shop();
    database.run("ALTER TABLE orders ADD CONSTRAINT small CHECK (id < 1000)");
    let custom = dump(&database, &["--format=custom", "--compress=0"]);
    // One digit of one row: the primary key is there twice.
    let at = custom.windows(5).position(|window| window == b"499\t5").unwrap();
    let mut twice = custom.clone();
    twice[at + 2] = b'8';
    let outcome = verify(&twice, &[]).exit(1).says("orders");
    assert_eq!(outcome.record("error")["code"], "does_not_restore");
}

#[test]
fn what_this_machine_lacks_is_no_verdict_on_the_dump() {
    let outcome = verify("CREATE TABLE t ();\nCREATE EXTENSION nobody_has_it;", &[]).exit(3);
    assert_eq!(outcome.record("error")["code"], "extension_missing");
}
