//! What a file is, by its content; its name says nothing.

use super::input::Input;
use crate::error::{Error, Result};
use std::path::Path;

/// The formats of `pg_dump` and `pg_dumpall`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Custom,
    Directory,
    Tar,
    Plain,
}

/// What other files begin with, what they are, and what to do with them.
const OTHERS: &[(&[u8], &str, &str)] = &[
    (
        b"\xFF\xFE",
        "UTF-16 text",
        "let pg_dump write the file itself: `pg_dump --file=…`; a shell's `>` has changed it",
    ),
    (
        b"\xFE\xFF",
        "UTF-16 text",
        "let pg_dump write the file itself: `pg_dump --file=…`; a shell's `>` has changed it",
    ),
    (b"BZh", "a bzip2 file", "unpack it first: `bunzip2`"),
    (b"\xFD7zXZ", "an xz file", "unpack it first: `unxz`"),
    (b"PK\x03\x04", "a zip file", "unpack it first: `unzip`"),
    (b"7z\xBC\xAF", "a 7z file", "unpack it first: `7z x`"),
    (b"age-encryption.org", "a file that age has encrypted", "decrypt it first"),
    (b"-----BEGIN PGP MESSAGE", "a file that PGP has encrypted", "decrypt it first"),
    (b"Salted__", "a file that openssl has encrypted", "decrypt it first"),
    (b"SQLite format 3", "an SQLite database", "this reads what pg_dump and pg_dumpall write"),
    (b"-- MySQL dump", "a dump of MySQL", "this reads what pg_dump and pg_dumpall write"),
    (b"-- MariaDB dump", "a dump of MariaDB", "this reads what pg_dump and pg_dumpall write"),
    (b"/*M!999999", "a dump of MariaDB", "this reads what pg_dump and pg_dumpall write"),
    (b"<", "HTML or XML, such as the error page of a server", "fetch the dump again"),
];

/// The format of the directory at `path`.
pub(super) fn of_directory(path: &Path) -> Result<Kind> {
    let has = |name: &str| path.join(name).exists();
    if has("toc.dat") {
        return Ok(Kind::Directory);
    }
    let (what, hint) = if has("snapshots") && has("store.json") {
        ("a store of pgsnap", "verify a snapshot in it: `pgverify restore latest --store …`")
    } else if has("PG_VERSION") || has("base.tar") || has("base.tar.gz") || has("backup_manifest") {
        (
            "a physical backup or a data directory",
            "pg_verifybackup checks what pg_basebackup wrote; start a server on a copy of it and use `pgsnap create`",
        )
    } else {
        ("a directory without toc.dat", "pg_dump's directory format has its table of contents there")
    };
    Err(not_a_dump(path, what, hint))
}

/// The format of the file at `path`.
pub(super) fn of_file(path: &Path, input: &Input) -> Result<Kind> {
    let head = input.head.as_slice();
    if head.is_empty() {
        return Err(not_a_dump(
            path,
            "empty",
            "pg_dump failed, or its output went elsewhere: look at its messages",
        ));
    }
    if head.starts_with(b"PGDMP") {
        return Ok(Kind::Custom);
    }
    if head.get(257..262) == Some(b"ustar") {
        return of_tar(path, head);
    }
    if let Some((_, what, hint)) = OTHERS.iter().find(|(start, ..)| head.starts_with(start)) {
        return Err(not_a_dump(path, what, hint));
    }
    if head.contains(&0) {
        return Err(not_a_dump(
            path,
            "neither SQL nor an archive of pg_dump",
            "it holds zero bytes: is it damaged, or encrypted?",
        ));
    }
    Ok(Kind::Plain)
}

fn of_tar(path: &Path, head: &[u8]) -> Result<Kind> {
    let name = head.split(|byte| *byte == 0).next().unwrap_or_default();
    if name == b"toc.dat" {
        return Ok(Kind::Tar);
    }
    let physical: [&[u8]; 4] = [b"backup_label", b"PG_VERSION", b"base/", b"global/"];
    if physical.iter().any(|start| name.starts_with(start)) {
        let hint = "pg_verifybackup checks what pg_basebackup wrote; start a server on a copy of it and use `pgsnap create`";
        return Err(not_a_dump(path, "a tar file of pg_basebackup", hint));
    }
    let what = format!("a tar file that begins with {}", String::from_utf8_lossy(name));
    Err(not_a_dump(path, &what, "unpack it, and name the dump that is in it"))
}

fn not_a_dump(path: &Path, what: &str, hint: &str) -> Error {
    Error::failed("not_a_dump", format!("{} is no dump that can be restored", path.display()))
        .cause(format!("it is {what}"))
        .hint(hint)
}
