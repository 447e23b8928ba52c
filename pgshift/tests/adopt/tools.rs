//! Each tool's history, and what is proved by it.

use super::{apply, database, files, pgshift, sqlx};

/// Tool, names of the two files, its table with migration 1 in it, and what proves that.
const TOOLS: [(&str, [&str; 2], &str, &str); 8] = [
    (
        "flyway",
        ["V1__a.sql", "V2__b.sql"],
        "CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200), \
         type varchar(20), script varchar(1000), checksum int, installed_by varchar(100), installed_on timestamp DEFAULT now(), \
         execution_time int, success boolean); \
         INSERT INTO flyway_schema_history VALUES (1, '1', 'a', 'SQL', 'V1__a.sql', CHECKSUM, 'me', now(), 5, true)",
        "checksum",
    ),
    (
        "prisma",
        ["20240101_a/migration.sql", "20240102_b/migration.sql"],
        "CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64), finished_at timestamptz, \
         migration_name varchar(255), logs text, rolled_back_at timestamptz, started_at timestamptz DEFAULT now(), \
         applied_steps_count int); INSERT INTO _prisma_migrations VALUES \
         ('x', encode(sha256(convert_to(E'CREATE TABLE a (id int);\\n', 'UTF8')), 'hex'), now(), '20240101_a', NULL, NULL, now(), 1)",
        "checksum",
    ),
    (
        "golang-migrate",
        ["1_a.up.sql", "2_b.up.sql"],
        "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (1, false)",
        "before",
    ),
    (
        "dbmate",
        ["01_a.sql", "02_b.sql"],
        "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY); INSERT INTO schema_migrations VALUES ('01')",
        "version",
    ),
    (
        "goose",
        ["00001_a.sql", "00002_b.sql"],
        "CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint, is_applied boolean, tstamp timestamp DEFAULT now()); \
         INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true)",
        "version",
    ),
    (
        "diesel",
        ["2024-01-01-000000_a/up.sql", "2024-01-02-000000_b/up.sql"],
        "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp DEFAULT now()); \
         INSERT INTO __diesel_schema_migrations VALUES ('20240101000000')",
        "version",
    ),
    (
        "supabase",
        ["20240101000000_a.sql", "20240102000000_b.sql"],
        "CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, \
         statements text[], name text); INSERT INTO supabase_migrations.schema_migrations VALUES ('20240101000000', '{}', 'a')",
        "version",
    ),
    (
        "atlas",
        ["1_a.sql", "2_b.sql"],
        "CREATE TABLE atlas_schema_revisions (version varchar PRIMARY KEY, description varchar, type bigint, applied bigint, total bigint, \
         executed_at timestamptz, execution_time bigint, error text, error_stmt text, hash varchar, partial_hashes jsonb, operator_version varchar); \
         INSERT INTO atlas_schema_revisions VALUES ('1', 'a', 2, 1, 1, now(), 1, NULL, NULL, \
         encode(sha256(convert_to(E'1_a.sqlCREATE TABLE a (id int);\\n', 'UTF8')), 'base64'), NULL, 'v')",
        "checksum",
    ),
];

#[test]
fn what_a_tool_applied_is_applied_and_only_the_rest_is_run() {
    for (tool, names, table, proof) in TOOLS {
        let database = database();
        let place = files(names);
        let mark = match tool {
            "dbmate" => "-- migrate:up\n",
            "goose" => "-- +goose Up\n",
            _ => "",
        };
        if !mark.is_empty() {
            place.write(names[0], format!("{mark}CREATE TABLE a (id int);\n"));
            place.write(names[1], format!("{mark}CREATE TABLE b (id int);\n"));
        }
        // By Python's zlib.crc32.
        database.run(&table.replace("CHECKSUM", "-623083431"));
        let outcome = pgshift("adopt", &database, &place).run().success();
        let adopted = outcome.records_of("adopted");
        assert_eq!((adopted.len(), adopted[0]["proof"].as_str()), (1, Some(proof)), "{tool}: {outcome}");
        let result = outcome.records_of("result")[0].clone();
        assert_eq!((result["applied"].as_u64(), result["pending"].as_u64()), (Some(1), Some(1)), "{tool}");
        pgshift("check", &database, &place).run().exit(1);
        apply(&database, &place);
        assert_eq!(database.scalar("SELECT to_regclass('b') IS NOT NULL"), "t", "{tool}");
        pgshift("check", &database, &place).run().success();
    }
}

#[test]
fn the_time_of_the_tool_is_kept() {
    let (database, place) = (database(), files(["1_a.sql", "2_b.sql"]));
    sqlx(&database);
    pgshift("adopt", &database, &place).run().success();
    let row = database.rows("SELECT finished_at = '2024-01-02 03:04:05+00', gate FROM pgshift.migrations");
    assert_eq!(row, [["t", "adopted"]]);
}

#[test]
fn a_dry_run_tells_the_same_and_writes_nothing() {
    let (database, place) = (database(), files(["1_a.sql", "2_b.sql"]));
    sqlx(&database);
    let outcome = pgshift("adopt", &database, &place).arg("--dry-run").run().success();
    assert_eq!(outcome.records_of("adopted")[0]["proof"], "checksum");
    assert_eq!(database.scalar("SELECT to_regnamespace('pgshift') IS NULL"), "t");
}

#[test]
fn what_was_adopted_before_is_left_as_it_is() {
    let (database, place) = (database(), files(["1_a.sql", "2_b.sql"]));
    sqlx(&database);
    pgshift("adopt", &database, &place).run().success();
    apply(&database, &place);
    let before = database.rows("SELECT * FROM pgshift.migrations ORDER BY id");
    let outcome = pgshift("adopt", &database, &place).run().success();
    assert_eq!(outcome.records_of("adopted")[0]["known"], true);
    assert_eq!(database.rows("SELECT * FROM pgshift.migrations ORDER BY id"), before);
}
