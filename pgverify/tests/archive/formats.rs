//! Every format, in every wrapping.

use super::{archive, dump, dump_by, gzip, lz4, rows, shop, verify, zstd};
use std::process::Command;
use testkit::{Outcome, TempDir};

fn is_the_shop(outcome: &Outcome) {
    assert_eq!(rows(outcome, "orders"), Some(500), "{outcome}");
    assert_eq!(rows(outcome, "customers"), Some(3), "{outcome}");
    assert_eq!(
        (outcome.result()["tables"].as_u64(), outcome.result()["found_rows"].as_u64()),
        (Some(2), Some(503))
    );
}

#[test]
fn custom_tar_and_plain_are_recognised_by_content_in_any_wrapping() {
    let database = shop();
    for format in ["--format=custom", "--format=tar", "--format=plain"] {
        let content = dump(&database, &[format]);
        for wrapped in [content.clone(), gzip(&content), zstd(&content), lz4(&content)] {
            is_the_shop(&verify(&wrapped, &[]).success());
        }
    }
}

#[test]
fn a_directory_is_restored_by_several_jobs() {
    let database = shop();
    let place = TempDir::new();
    let directory = place.join("directory");
    dump(&database, &["--format=directory", "--file", directory.to_str().unwrap()]);
    is_the_shop(&archive(&directory).args(["-j", "4"]).run().success());
    let nothing = TempDir::new();
    archive(nothing.path()).run().exit(3).says("a directory without toc.dat");
}

#[test]
fn wrappings_of_several_parts_are_one_file() {
    let content = dump(&shop(), &[]);
    let (one, other) = content.split_at(content.len() / 2);
    for wrapped in [[gzip(one), gzip(other)], [zstd(one), zstd(other)], [lz4(one), lz4(other)]] {
        is_the_shop(&verify(wrapped.concat(), &[]).success());
    }
}

#[test]
fn dumps_of_statements_are_restored() {
    let database = shop();
    for arguments in [
        &["--inserts"][..],
        &["--column-inserts", "--rows-per-insert=100"],
        &["--inserts", "--format=custom"],
        &["--clean", "--if-exists", "--create"],
        &["--clean"],
        &["--create"],
        &["--schema=public"],
        &["--schema=public", "--format=custom"],
        &["--no-owner", "--no-privileges", "--quote-all-identifiers"],
    ] {
        is_the_shop(&verify(dump(&database, arguments), &[]).success());
    }
}

#[test]
fn a_dump_of_the_cluster_brings_all_its_databases() {
    let database = shop();
    let cluster = testkit::Cluster::start(database.cluster().major(), &[]);
    let (one, other) = (cluster.database("one shop's \"db\""), cluster.database("other"));
    one.run("CREATE ROLE \"odd \"\"role\" LOGIN; CREATE TABLE t (a int); ALTER TABLE t OWNER TO \"odd \"\"role\"; INSERT INTO t VALUES (1), (2)");
    other.run("CREATE TABLE t AS SELECT 1 AS a; ALTER DATABASE other_1 SET work_mem = '1MB'");
    for arguments in [&[][..], &["--clean", "--if-exists"], &["--clean"]] {
        let outcome = verify(dump_by("pg_dumpall", &one, arguments), &["--", "true"]).success();
        assert_eq!(outcome.records_of("restored_table").len(), 2, "{outcome}");
        assert_eq!(outcome.result()["found_rows"], 3);
        assert_eq!(outcome.result()["database"], "one shop's \"db\"_0", "{outcome}");
        assert!(outcome.stderr().contains("role \"postgres\" already exists"), "{outcome}");
    }
}

#[test]
fn a_dump_that_comes_through_a_pipe_is_read_once() {
    let database = shop();
    for format in ["--format=custom", "--format=plain"] {
        let place = TempDir::new();
        let pipe = place.join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let content = dump(&database, &[format]);
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::write(pipe, content).unwrap()
        });
        is_the_shop(&archive(&pipe).run().success());
        writer.join().unwrap();
    }
}

#[test]
fn the_copy_can_be_asserted_and_used() {
    let checks = TempDir::new();
    std::fs::write(checks.join("a.sql"), "-- no order is free\nSELECT * FROM orders WHERE total = 0;")
        .unwrap();
    let checks = checks.join("a.sql").display().to_string();
    let content = dump(&shop(), &["--format=custom"]);
    let outcome =
        verify(&content, &["--checks", &checks, "--", "sh", "-c", "test -n \"$PGDATABASE\""]).success();
    assert_eq!(outcome.result()["checks_passed"], 1);
    verify(&content, &["--", "false"]).exit(1);
}

#[test]
fn what_is_no_dump_is_called_what_it_is() {
    let database = shop();
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain("-- PostgreSQL".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for (content, said) in [
        (&b""[..], "empty"),
        (utf16.as_slice(), "UTF-16"),
        (b"PK\x03\x04rest", "a zip file"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"<!DOCTYPE html>", "HTML"),
        (b"\x00\x01\x02 nothing", "neither SQL nor"),
        (b"age-encryption.org/v1", "age has encrypted"),
    ] {
        verify(content, &[]).exit(3).says(said);
    }
    verify(gzip(b""), &[]).exit(3).says("empty");
    verify("-- only words\n", &[]).exit(3).says("the dump holds no table");
    verify(dump(&database, &["--schema-only"]), &[]).success();
    archive(std::path::Path::new("/nowhere")).run().exit(2).says("cannot read /nowhere");
}
