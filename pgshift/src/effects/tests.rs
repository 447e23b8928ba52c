//! Effects beside what a real server does: the locks in `pg_locks`, the files that change, the scans that are counted.
//!
//! Each statement runs in a transaction that is rolled back. That is the proof of the matrix, on each major version.

use super::*;
use crate::facts;
use crate::grammar::read;
use common::pg::session::Session;
use common::pg::target::{ConnectOptions, Target};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use testkit::{Cluster, Database, majors};

const SCHEMA: &str = include_str!("tests/schema.sql");
const STATEMENTS: &str = include_str!("tests/statements.sql");

fn open(database: &Database) -> Session {
    let options = ConnectOptions { dbname: Some(database.connection()), ..ConnectOptions::default() };
    Session::open(&Target::resolve(&options).unwrap()).unwrap()
}

/// A relation and what is said of it, in words that can be compared.
type Told = BTreeSet<(String, String)>;

/// What is there before, by OID: its name, its kind, its file.
fn relations(session: &mut Session) -> BTreeMap<String, (QualifiedName, String, String)> {
    let sql = "SELECT c.oid, n.nspname, c.relname, c.relkind, coalesce(pg_relation_filenode(c.oid), 0) \
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
    let rows = session.query(sql).unwrap();
    let relation = |row: &common::pg::session::Row| {
        let name = QualifiedName::new(row.text(1), row.text(2));
        (row.text(0).to_owned(), (name, row.text(3).to_owned(), row.text(4).to_owned()))
    };
    rows.iter().map(relation).collect()
}

/// What the server did.
fn done(session: &mut Session, statement: &str) -> Result<Told, String> {
    let before = relations(session);
    session.execute("BEGIN").unwrap();
    let ran = session.execute(statement);
    let told = ran.map(|()| observed(session, &before)).map_err(|error| error.to_string());
    session.execute("ROLLBACK").unwrap();
    told
}

fn observed(session: &mut Session, before: &BTreeMap<String, (QualifiedName, String, String)>) -> Told {
    let mut locks: BTreeMap<String, Mode> = BTreeMap::new();
    let held = "SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted";
    for row in session.query(held).unwrap() {
        let mode = mode(row.text(1));
        let strongest = locks.entry(row.text(0).to_owned()).or_insert(mode);
        *strongest = mode.max(*strongest);
    }
    let mut told = Told::new();
    for (oid, mode) in locks {
        let Some((name, kind, _)) = before.get(&oid) else { continue };
        // An index is of interest where it stops those who plan queries.
        let counts = if kind == "i" || kind == "I" { mode == Mode::AccessExclusive } else { mode > Mode::AccessShare };
        if counts && kind != "S" {
            told.insert((name.to_string(), mode.to_string()));
        }
    }
    let after = relations(session);
    for (oid, (name, kind, file)) in before {
        let changed = after.get(oid).is_some_and(|(_, _, now)| now != file);
        if changed && matches!(kind.as_str(), "r" | "m") {
            told.insert((name.to_string(), "rewritten".to_owned()));
        }
    }
    let scans = "SELECT relid FROM pg_stat_xact_all_tables WHERE seq_scan > 0";
    for row in session.query(scans).unwrap() {
        if let Some((name, ..)) = before.get(row.text(0)) {
            told.insert((name.to_string(), "read".to_owned()));
        }
    }
    told
}

fn mode(text: &str) -> Mode {
    match text {
        "AccessShareLock" => Mode::AccessShare,
        "RowShareLock" => Mode::RowShare,
        "RowExclusiveLock" => Mode::RowExclusive,
        "ShareUpdateExclusiveLock" => Mode::ShareUpdateExclusive,
        "ShareLock" => Mode::Share,
        "ShareRowExclusiveLock" => Mode::ShareRowExclusive,
        "ExclusiveLock" => Mode::Exclusive,
        "AccessExclusiveLock" => Mode::AccessExclusive,
        other => panic!("{other}"),
    }
}

/// What we say that it does.
fn judged(facts: &Facts, statement: &str) -> (Told, Effects) {
    let effects = of(&read(statement), facts);
    let mut told = Told::new();
    for lock in &effects.locks {
        let name = lock.relation.to_string();
        let known = facts.relation(&lock.relation);
        if known.is_none_or(|relation| relation.kind != 'S') {
            told.insert((name, lock.mode.to_string()));
        }
    }
    for work in &effects.work {
        let mut tables = facts.descendants(&work.relation);
        tables.push(work.relation.clone());
        tables.retain(|table| facts.relation(table).is_some_and(|relation| matches!(relation.kind, 'r' | 'm')));
        for table in tables {
            let what = if work.kind == WorkKind::Rewrite { "rewritten" } else { "read" };
            told.insert((table.to_string(), what.to_owned()));
        }
    }
    (told, effects)
}

/// A statement, and the versions that have it.
fn statements() -> Vec<(u32, String)> {
    let cut = STATEMENTS.split(";\n").map(str::trim).filter(|statement| !statement.is_empty());
    cut.map(|statement| {
        let since = statement.strip_prefix("-- since ").and_then(|rest| rest.split_once('\n'));
        match since {
            Some((major, statement)) => (major.trim().parse().unwrap(), statement.to_owned()),
            None => (12, statement.to_owned()),
        }
    })
    .collect()
}

#[test]
fn effects_are_what_the_server_does() {
    for major in majors() {
        let database = Cluster::shared(major).database("effects");
        database.run(SCHEMA);
        let facts = Facts::from(facts::collect(&mut open(&database)).unwrap());
        let mut session = open(&database);
        let mut wrong = String::new();
        for (since, statement) in statements() {
            if since > major {
                continue;
            }
            let (mut told, effects) = judged(&facts, &statement);
            match done(&mut session, &statement) {
                Err(error) => {
                    let _ = writeln!(wrong, "\n{statement}\n  fails: {error}");
                }
                Ok(mut seen) => {
                    // A table that is written anew is read for it.
                    let rewritten: Vec<String> = told
                        .union(&seen)
                        .filter(|(_, what)| what == "rewritten")
                        .map(|(name, _)| name.clone())
                        .collect();
                    for set in [&mut told, &mut seen] {
                        set.retain(|(name, what)| what != "read" || !rewritten.contains(name));
                    }
                    if told != seen {
                        let _ = writeln!(
                            wrong,
                            "\n{statement}\n  said and not so: {:?}\n  so and not said: {:?}",
                            told.difference(&seen).collect::<Vec<_>>(),
                            seen.difference(&told).collect::<Vec<_>>()
                        );
                    }
                    assert!(effects.alone.is_none(), "{statement} ran in a transaction");
                }
            }
        }
        assert!(wrong.is_empty(), "PostgreSQL {major}:{wrong}");
    }
}
