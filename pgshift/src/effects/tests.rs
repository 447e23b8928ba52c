//! Effects beside what a real server does: the locks in `pg_locks`, the files that change, the scans that are counted.
//!
//! Each statement runs in a transaction that is rolled back. That is the proof of the matrix, on each major version.

use super::*;
use crate::facts;
use crate::grammar::read;
use common::pg::session::{Row, Session};
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
    let relation = |row: &Row| {
        let name = QualifiedName::new(row.text(1), row.text(2));
        (row.text(0).to_owned(), (name, row.text(3).to_owned(), row.text(4).to_owned()))
    };
    rows.iter().map(relation).collect()
}

/// What the server did.
fn done(session: &mut Session, statement: &str) -> Result<Told, String> {
    let before = relations(session);
    session.execute("BEGIN").unwrap();
    let scans = scans(session);
    let tables = session.query("SELECT indexrelid, indrelid FROM pg_index").unwrap();
    let ran = session.execute(statement);
    let told = ran.map(|()| observed(session, &before, &scans, &tables)).map_err(|error| error.to_string());
    session.execute("ROLLBACK").unwrap();
    told
}

fn observed(
    session: &mut Session,
    before: &BTreeMap<String, (QualifiedName, String, String)>,
    already: &BTreeMap<String, String>,
    tables: &[Row],
) -> Told {
    let mut locks: BTreeMap<String, Mode> = BTreeMap::new();
    let held = "SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted";
    for row in session.query(held).unwrap() {
        let mode = mode(row.text(1));
        let strongest = locks.entry(row.text(0).to_owned()).or_insert(mode);
        *strongest = mode.max(*strongest);
    }
    let mut told = Told::new();
    let owners: BTreeMap<&str, &str> = tables.iter().map(|row| (row.text(0), row.text(1))).collect();
    for (oid, mode) in &locks {
        let Some((name, kind, _)) = before.get(oid) else { continue };
        // An index is of interest where it stops those who plan queries, and its table does not.
        let table = owners.get(oid.as_str()).and_then(|table| locks.get(*table));
        let counts = match kind.as_str() {
            "i" | "I" => *mode == Mode::AccessExclusive && table != Some(mode),
            "S" => false,
            _ => *mode > Mode::AccessShare,
        };
        if counts {
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
    for (oid, count) in scans(session) {
        if let Some((name, ..)) = before.get(&oid).filter(|_| already.get(&oid) != Some(&count)) {
            told.insert((name.to_string(), "read".to_owned()));
        }
    }
    told
}

/// How often this session has read each table from end to end, since it last reported that.
fn scans(session: &mut Session) -> BTreeMap<String, String> {
    let sql = "SELECT relid, seq_scan FROM pg_stat_xact_all_tables WHERE seq_scan > 0";
    let rows = session.query(sql).unwrap();
    rows.iter().map(|row| (row.text(0).to_owned(), row.text(1).to_owned())).collect()
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
        let known = facts.relation(&lock.relation).map(|relation| relation.kind);
        // What is no relation of the facts is an index.
        if known.is_some_and(|kind| kind != 'S') || (known.is_none() && lock.mode == Mode::AccessExclusive) {
            told.insert((lock.relation.to_string(), lock.mode.to_string()));
        }
    }
    for work in &effects.work {
        let mut tables = facts.descendants(&work.relation);
        tables.push(work.relation.clone());
        tables
            .retain(|table| facts.relation(table).is_some_and(|relation| matches!(relation.kind, 'r' | 'm')));
        for table in tables {
            let what = if work.kind == WorkKind::Rewrite { "rewritten" } else { "read" };
            told.insert((table.to_string(), what.to_owned()));
        }
    }
    (told, effects)
}

/// Leaves out what follows from the rest, or concerns nobody.
fn matters(told: &mut Told, rewritten: &[String], statement: &str) {
    let weak = |name: &String| {
        let held = |mode: Mode| told.contains(&(name.clone(), mode.to_string()));
        let mode = [Mode::AccessExclusive, Mode::Exclusive, Mode::ShareRowExclusive, Mode::Share];
        !mode.into_iter().chain([Mode::ShareUpdateExclusive, Mode::RowExclusive]).any(held)
    };
    let unlocked: Vec<String> = told.iter().map(|(name, _)| name.clone()).filter(weak).collect();
    told.retain(|(name, what)| match what.as_str() {
        // A table that is written anew is read for it; and who only reads stops nobody.
        "read" => !rewritten.contains(name) && !unlocked.contains(name),
        // It gets an empty file.
        "rewritten" => !statement.starts_with("TRUNCATE"),
        _ => true,
    });
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
    let mut wrong = String::new();
    for major in majors() {
        let database = Cluster::shared(major).database("effects");
        database.run(SCHEMA);
        let facts = Facts::from(facts::collect(&mut open(&database)).unwrap());
        let mut session = open(&database);
        for (since, statement) in statements() {
            if since > major {
                continue;
            }
            let (mut told, effects) = judged(&facts, &statement);
            match done(&mut session, &statement) {
                Err(error) => {
                    let _ = writeln!(wrong, "\n{major}: {statement}\n  fails: {error}");
                }
                Ok(mut seen) => {
                    // A table that is written anew is read for it.
                    let rewritten: Vec<String> = told
                        .union(&seen)
                        .filter(|(_, what)| what == "rewritten")
                        .map(|(name, _)| name.clone())
                        .collect();
                    for set in [&mut told, &mut seen] {
                        matters(set, &rewritten, &statement);
                    }
                    if told != seen {
                        let _ = writeln!(
                            wrong,
                            "\n{major}: {statement}\n  said and not so: {:?}\n  so and not said: {:?}",
                            told.difference(&seen).collect::<Vec<_>>(),
                            seen.difference(&told).collect::<Vec<_>>()
                        );
                    }
                    assert!(effects.alone.is_none(), "{statement} ran in a transaction");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What a session of that process holds while it waits for somebody.
fn held_while_waiting(session: &mut Session, pid: i32) -> Told {
    let waits = format!("SELECT count(*) FROM pg_locks WHERE pid = {pid} AND NOT granted");
    while session.query_one(&waits).unwrap().text(0) == "0" {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let sql = format!(
        "SELECT n.nspname, c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE l.pid = {pid} AND l.granted AND n.nspname = 'public' \
         AND c.relkind IN ('r', 'p') AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    );
    let rows = session.query(&sql).unwrap();
    rows.iter()
        .map(|row| (QualifiedName::new(row.text(0), row.text(1)), mode(row.text(2))))
        .filter(|(_, mode)| *mode > Mode::RowShare)
        .map(|(name, mode)| (name.to_string(), mode.to_string()))
        .collect()
}

#[test]
fn what_runs_concurrently_holds_weak_locks_while_it_waits() {
    let statements = [
        (12, "CREATE INDEX CONCURRENTLY i ON t (note)"),
        (12, "DROP INDEX CONCURRENTLY t_n"),
        (12, "REINDEX INDEX CONCURRENTLY t_name"),
        (12, "REINDEX TABLE CONCURRENTLY w"),
        (14, "ALTER TABLE q DETACH PARTITION q1 CONCURRENTLY"),
    ];
    for major in majors() {
        let database = Cluster::shared(major).database("concurrent");
        database.run(SCHEMA);
        let facts = Facts::from(facts::collect(&mut open(&database)).unwrap());
        for (_, statement) in statements.iter().filter(|(since, _)| *since <= major) {
            let (told, effects) = judged(&facts, statement);
            assert!(effects.alone.is_some(), "{statement}");
            let others = database.hold("BEGIN; LOCK t, w, q1 IN ROW EXCLUSIVE MODE; SELECT * FROM q");
            let mut session = open(&database);
            let pid = session.announced_pid();
            std::thread::scope(|scope| {
                let running = scope.spawn(move || session.execute(statement));
                let seen = held_while_waiting(&mut open(&database), pid);
                drop(others);
                running.join().unwrap().unwrap();
                let told: Told = told.into_iter().filter(|(_, what)| what != "read").collect();
                // Detaching holds nothing while it waits, between its two transactions.
                let expected = if statement.contains("DETACH") { Told::new() } else { told };
                assert_eq!(expected, seen, "{major}: {statement}");
            });
        }
    }
}
