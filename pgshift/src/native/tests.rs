//! Each tool's table as the tool makes it, on a real server: what is written as the tool would is read as what it wrote.

use super::*;
use crate::source::{Migration, MigrationKind, Script, Transaction};
use common::pg::target::{ConnectOptions, Target};
use testkit::{Cluster, Database, TempDir, newest_major};

/// What the tools' own documents and sources say that they create.
const TABLES: [(&str, &str, &str); 11] = [
    (
        "flyway",
        "flyway_schema_history",
        "(installed_rank int PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL, \
      type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum int, installed_by varchar(100) NOT NULL, \
      installed_on timestamp NOT NULL DEFAULT now(), execution_time int NOT NULL, success boolean NOT NULL)",
    ),
    (
        "refinery",
        "refinery_schema_history",
        "(version int4 PRIMARY KEY, name varchar(255), applied_on varchar(255), checksum varchar(255))",
    ),
    (
        "sqlx",
        "_sqlx_migrations",
        "(version bigint PRIMARY KEY, description text NOT NULL, installed_on timestamptz NOT NULL DEFAULT now(), \
      success boolean NOT NULL, checksum bytea NOT NULL, execution_time bigint NOT NULL)",
    ),
    ("dbmate", "schema_migrations", "(version varchar(128) PRIMARY KEY)"),
    ("golang-migrate", "schema_migrations", "(version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"),
    (
        "goose",
        "goose_db_version",
        "(id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp DEFAULT now())",
    ),
    (
        "graphile-migrate",
        "migrations",
        "(hash text PRIMARY KEY, previous_hash text, filename text NOT NULL, date timestamptz NOT NULL DEFAULT now())",
    ),
    (
        "atlas",
        "atlas_schema_revisions",
        "(version varchar PRIMARY KEY, description varchar NOT NULL, type bigint NOT NULL DEFAULT 2, \
      applied bigint NOT NULL DEFAULT 0, total bigint NOT NULL DEFAULT 0, executed_at timestamptz NOT NULL, execution_time bigint NOT NULL, \
      error text, error_stmt text, hash varchar NOT NULL, partial_hashes jsonb, operator_version varchar NOT NULL)",
    ),
    (
        "diesel",
        "__diesel_schema_migrations",
        "(version varchar(50) PRIMARY KEY, run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    ),
    (
        "prisma",
        "_prisma_migrations",
        "(id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, \
      migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), \
      applied_steps_count integer NOT NULL DEFAULT 0)",
    ),
    (
        "supabase",
        "schema_migrations",
        "(version text PRIMARY KEY, statements text[], name text, created_by text)",
    ),
];

const SQITCH: &str = "CREATE TABLE changes (change_id text PRIMARY KEY, script_hash text, change text NOT NULL, project text NOT NULL, \
    note text NOT NULL DEFAULT '', committed_at timestamptz NOT NULL DEFAULT clock_timestamp(), committer_name text, committer_email text, \
    planned_at timestamptz NOT NULL, planner_name text, planner_email text); \
    CREATE TABLE tags (tag_id text PRIMARY KEY, tag text NOT NULL, project text NOT NULL, change_id text, planned_at timestamptz NOT NULL)";

fn server() -> (Database, Session) {
    let database = Cluster::shared(newest_major()).database("native");
    let dbname = Some(database.connection());
    let target = Target::resolve(&ConnectOptions { dbname, ..ConnectOptions::default() }).unwrap();
    let session = Session::open(&target).unwrap();
    (database, session)
}

fn migration(place: &TempDir, name: &str, version: &str, title: &str) -> Migration {
    let path = place.write(name, format!("--! Previous: -\n--! Hash: sha1:{version}\n\nSELECT 1;\n"));
    let script = |path| Script {
        path,
        text: b"SELECT 1;\n".to_vec(),
        first_line: 1,
        transaction: Transaction::Unsaid,
        single: Vec::new(),
        secret: Vec::new(),
        written: None,
    };
    let down = Some(script(path.clone()));
    Migration {
        version: version.into(),
        name: title.into(),
        kind: MigrationKind::Versioned,
        up: script(path),
        down,
    }
}

fn run(
    session: &mut Session,
    tool: &dyn Tool,
    table: &QualifiedName,
    place: &TempDir,
    migrations: &[Migration],
) {
    let at = Mirror { table, directory: place.path() };
    let checksums = tool.checksums(migrations).unwrap();
    for (migration, own) in migrations.iter().zip(&checksums) {
        let run = Run { checksum: own.first().map(String::as_str), statements: 1 };
        session.execute(&tool.applied(&at, migration, &run).unwrap()).unwrap();
    }
}

#[test]
fn what_is_written_as_a_tool_writes_is_read_and_proved() {
    for (name, table, columns) in TABLES {
        let (database, mut session) = server();
        database.run(&format!(
            "CREATE TABLE {table} {columns}; CREATE TABLE orders (version int, total numeric)"
        ));
        let [(tool, table)] = find(&mut session).unwrap().try_into().map_err(|_| name).unwrap();
        assert_eq!(tool.name(), name);
        let place = TempDir::new();
        let both =
            [migration(&place, "1_add_a.sql", "1", "add_a"), migration(&place, "2_add b.sql", "2", "add b")];
        run(&mut session, tool, &table, &place, &both);
        let past = tool.read(&mut session, &table).unwrap();
        let judgement = judge(tool, &both, &past).unwrap();
        assert!(judgement.conflicts.is_empty() && past.dirty.is_empty(), "{name}: {judgement:?} {past:?}");
        let expected = match name {
            "golang-migrate" => Proof::Floor,
            "dbmate" | "goose" | "diesel" | "supabase" => Proof::Version,
            _ => Proof::Checksum,
        };
        let proofs: Vec<Proof> = judgement.applied.iter().map(|adopted| adopted.proof).collect();
        assert_eq!(proofs, [expected, expected], "{name}");

        let at = Mirror { table: &table, directory: place.path() };
        session.execute(&tool.reverted(&at, &both[1], Some(&both[0])).unwrap()).unwrap();
        let past = tool.read(&mut session, &table).unwrap();
        let indexes: Vec<usize> =
            judge(tool, &both, &past).unwrap().applied.iter().map(|one| one.index).collect();
        assert_eq!(indexes, [0], "{name} after it was taken back");
        session.execute(&tool.reverted(&at, &both[0], None).unwrap()).unwrap();
        let past = tool.read(&mut session, &table).unwrap();
        assert!(judge(tool, &both, &past).unwrap().applied.is_empty(), "{name}");
        session.execute(&format!("DROP TABLE {table}")).unwrap();
    }
}

#[test]
fn a_file_that_was_changed_and_one_that_is_gone_are_conflicts() {
    let (_database, mut session) = server();
    for (name, table, columns) in TABLES {
        session.execute(&format!("CREATE TABLE {table} {columns}")).unwrap();
        let (tool, table) = find(&mut session).unwrap().remove(0);
        let place = TempDir::new();
        let mut both = vec![migration(&place, "1_a.sql", "1", "a"), migration(&place, "2_b.sql", "2", "b")];
        run(&mut session, tool, &table, &place, &both);
        let past = tool.read(&mut session, &table).unwrap();
        if !tool.checksums(&both).unwrap()[0].is_empty() {
            place.write("2_b.sql", "--! Previous: -\n--! Hash: sha1:y\n\nSELECT 2;\n");
            let conflicts = judge(tool, &both, &past).unwrap().conflicts;
            assert_eq!((conflicts[0].kind, conflicts.len()), ("edited", 1), "{name}");
            assert!(conflicts[0].message.contains("2_b.sql"), "{name}");
        }
        both.pop();
        std::fs::remove_file(place.join("2_b.sql")).unwrap();
        // One row says nothing of what lay before it.
        if name != "golang-migrate" {
            let conflicts = judge(tool, &both, &past).unwrap().conflicts;
            assert_eq!((conflicts[0].kind, conflicts.len()), ("vanished", 1), "{name}");
        }
        session.execute(&format!("DROP TABLE {table}")).unwrap();
    }
}

#[test]
fn what_went_wrong_is_dirty() {
    let dirt = [
        ("flyway", "VALUES (1, '1', 'a', 'SQL', 'V1__a.sql', 1, 'me', now(), 1, false)"),
        ("sqlx", "VALUES (1, 'a', now(), false, '\\x00', 1)"),
        ("golang-migrate", "VALUES (1, true)"),
        ("atlas", "VALUES ('1', 'a', 2, 1, 3, now(), 1, 'syntax error', 'SELEC', 'h', '[]', 'v')"),
        ("prisma", "VALUES ('x', 'c', NULL, '1_a', NULL, NULL, now(), 0)"),
    ];
    let (_database, mut session) = server();
    for (name, values) in dirt {
        let (_, table, columns) = TABLES.into_iter().find(|(own, ..)| *own == name).unwrap();
        session.execute(&format!("CREATE TABLE {table} {columns}; INSERT INTO {table} {values}")).unwrap();
        let (tool, table) = find(&mut session).unwrap().remove(0);
        let past = tool.read(&mut session, &table).unwrap();
        assert_eq!((past.dirty.len(), past.rows.len(), past.floor), (1, 0, None), "{name}");
        session.execute(&format!("DROP TABLE {table}")).unwrap();
    }
}

#[test]
fn a_baseline_of_flyway_stands_for_all_before_it_and_undo_cancels() {
    let (database, mut session) = server();
    let (_, table, columns) = TABLES[0];
    database.run(&format!(
        "CREATE TABLE {table} {columns}; INSERT INTO {table} VALUES \
         (0, NULL, '<< Flyway Schema Creation >>', 'SCHEMA', '\"app\"', NULL, 'me', now(), 0, true), \
         (1, '2', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', NULL, 'me', now(), 0, true), \
         (2, '3', 'c', 'SQL', 'V3__c.sql', NULL, 'me', now(), 0, true), \
         (3, '4', 'd', 'SQL', 'V4__d.sql', 5, 'me', now(), 0, true), \
         (4, '4', 'd', 'UNDO_SQL', 'U4__d.sql', NULL, 'me', now(), 0, true), \
         (5, NULL, 'all views', 'SQL', 'R__all_views.sql', 1, 'me', now(), 0, true), \
         (6, NULL, 'all views', 'DELETE', 'R__all_views.sql', 1, 'me', now(), 0, true)"
    ));
    let (tool, table) = find(&mut session).unwrap().remove(0);
    let place = TempDir::new();
    let named = |version: &str| migration(&place, &format!("V{version}__a.sql"), version, "a");
    let migrations = [named("1"), named("2.0"), named("3"), named("4")];
    let judgement = judge(tool, &migrations, &tool.read(&mut session, &table).unwrap()).unwrap();
    assert!(judgement.conflicts.is_empty(), "{judgement:?}");
    let applied: Vec<(usize, Proof)> = judgement.applied.iter().map(|one| (one.index, one.proof)).collect();
    assert_eq!(applied, [(0, Proof::Floor), (1, Proof::Version), (2, Proof::Version)]);
}

#[test]
fn goose_goes_by_the_last_row_of_a_version() {
    let (database, mut session) = server();
    let (_, table, columns) = TABLES[5];
    database.run(&format!(
        "CREATE TABLE {table} {columns}; INSERT INTO {table} (version_id, is_applied) VALUES (0, true), (1, true), (2, true), \
         (2, false), (3, true), (3, false), (3, true)"
    ));
    let (tool, table) = find(&mut session).unwrap().remove(0);
    let keys: Vec<String> =
        tool.read(&mut session, &table).unwrap().rows.into_iter().map(|row| row.key).collect();
    assert_eq!(keys, ["1", "3"]);
}

#[test]
fn changes_of_sqitch_are_known_by_name_and_tag() {
    let (database, mut session) = server();
    database.run(&format!(
        "{SQITCH}; INSERT INTO tags VALUES ('t', '@v1', 'shop', 'b', '2024-01-03'), ('u', '@v2', 'shop', 'b', '2024-01-03 12:00'); \
         INSERT INTO changes (change_id, script_hash, change, project, planned_at) VALUES \
         ('a', 'a', 'users', 'shop', '2024-01-01'), ('b', NULL, 'orders', 'shop', '2024-01-02'), ('c', 'h', 'users', 'shop', '2024-01-04')"
    ));
    let (tool, table) = find(&mut session).unwrap().remove(0);
    let rows = tool.read(&mut session, &table).unwrap().rows;
    let keys: Vec<(&str, Option<&str>)> =
        rows.iter().map(|row| (row.key.as_str(), row.checksum.as_deref())).collect();
    assert_eq!(rows[0].others, ["users@v2"]);
    assert_eq!(keys, [("users@v1", None), ("orders", None), ("users", Some("h"))]);
}

#[test]
fn tables_of_rails_and_of_people_are_nobodys() {
    let (database, mut session) = server();
    database.run(
        "CREATE TABLE schema_migrations (version varchar PRIMARY KEY); CREATE TABLE ar_internal_metadata (key varchar); \
         CREATE TABLE releases (version varchar); CREATE TABLE v (version int, dirty boolean); CREATE TEMP TABLE t (version bigint, dirty boolean)",
    );
    let found = find(&mut session).unwrap();
    assert!(found.is_empty(), "{}", found.len());
}
