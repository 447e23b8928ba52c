use super::{database, flags, quiet};

#[test]
fn foreign_keys_without_an_index_are_told_unless_an_index_begins_with_them() {
    let database = database();
    database.run("CREATE TABLE far (id int PRIMARY KEY, a int, b int, UNIQUE (a, b)); CREATE TABLE near (id int PRIMARY KEY, f int REFERENCES far, \"B\" int, a int, FOREIGN KEY (a, \"B\") REFERENCES far (a, b))");
    let said = flags(&database, "schema.foreign_key_without_index", &[], "info", "\"near\"");
    assert!(
        said["hint"].as_str().unwrap().starts_with("CREATE INDEX CONCURRENTLY ON \"public\".\"near\" ("),
        "{said}"
    );
    // A longer index serves, whatever order its first columns are in; one that leaves NULLs out, too.
    database.run("CREATE INDEX ON near (\"B\", a, id); CREATE INDEX ON near (f) WHERE f IS NOT NULL");
    quiet(&database, "schema.foreign_key_without_index", &[]);
    // One of which they are not the beginning does not.
    database.run("DROP INDEX near_f_idx; CREATE INDEX ON near (id, f)");
    flags(&database, "schema.foreign_key_without_index", &[], "info", "\"near\"");
}

#[test]
fn constraints_that_were_never_validated_are_told() {
    let database = database();
    database.run("CREATE TABLE t (id int, CONSTRAINT fine CHECK (id > 0))");
    quiet(&database, "schema.not_valid_constraint", &[]);
    database.run("ALTER TABLE t ADD CONSTRAINT \"not Yet\" CHECK (id < 9) NOT VALID");
    let said = flags(&database, "schema.not_valid_constraint", &[], "warn", "\"t\"");
    assert_eq!(said["hint"], "ALTER TABLE \"public\".\"t\" VALIDATE CONSTRAINT \"not Yet\";");
    database.run(said["hint"].as_str().unwrap());
    quiet(&database, "schema.not_valid_constraint", &[]);
}

#[test]
fn a_foreign_key_that_nobody_checks_is_worse_than_a_trigger_that_is_off() {
    let database = database();
    database.run("CREATE TABLE far (id int PRIMARY KEY); CREATE TABLE near (f int REFERENCES far); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER mine BEFORE INSERT ON near FOR EACH ROW EXECUTE FUNCTION f()");
    quiet(&database, "schema.disabled_trigger", &[]);
    database.run("ALTER TABLE near DISABLE TRIGGER mine");
    flags(&database, "schema.disabled_trigger", &[], "warn", "\"near\"");
    database.run("ALTER TABLE near DISABLE TRIGGER ALL");
    let said = flags(&database, "schema.disabled_trigger", &[], "crit", "\"near\"");
    assert!(said["message"].as_str().unwrap().contains("near_f_fkey"), "{said}");
}

#[test]
fn tables_without_a_key_and_tables_that_a_crash_empties_are_told() {
    let database = database();
    quiet(&database, "schema.without_primary_key", &[]);
    quiet(&database, "schema.unlogged_table", &[]);
    database.run("CREATE UNLOGGED TABLE fleeting (id int)");
    flags(&database, "schema.without_primary_key", &[], "info", "\"fleeting\"");
    flags(&database, "schema.unlogged_table", &[], "warn", "\"fleeting\"");
}

#[test]
fn foreign_keys_of_other_types_and_twice_the_same_are_told() {
    let database = database();
    database.run("CREATE TABLE far (id bigint PRIMARY KEY); CREATE TABLE near (f bigint CONSTRAINT one REFERENCES far)");
    quiet(&database, "schema.foreign_key_type", &[]);
    quiet(&database, "schema.duplicate_foreign_key", &[]);
    database.run("CREATE TABLE other (f int REFERENCES far); ALTER TABLE near ADD CONSTRAINT two FOREIGN KEY (f) REFERENCES far");
    let said = flags(&database, "schema.foreign_key_type", &[], "info", "\"other\"");
    database.run(said["hint"].as_str().unwrap());
    quiet(&database, "schema.foreign_key_type", &[]);
    let said = flags(&database, "schema.duplicate_foreign_key", &[], "info", "\"near\"");
    assert!(said["message"].as_str().unwrap().contains("two"), "{said}");
}

#[test]
fn an_extension_older_than_its_programs_is_told() {
    let database = database();
    database.run("CREATE EXTENSION hstore VERSION '1.4'");
    let said = flags(&database, "schema.old_extension", &[], "warn", "\"hstore\"");
    database.run(said["hint"].as_str().unwrap());
    quiet(&database, "schema.old_extension", &[]);
}

#[test]
fn a_materialized_view_that_was_never_filled_is_told() {
    let database = database();
    database.run("CREATE MATERIALIZED VIEW m AS SELECT 1 AS a WITH NO DATA");
    let said = flags(&database, "schema.stale_materialized_view", &[], "warn", "\"m\"");
    database.run(said["hint"].as_str().unwrap());
    quiet(&database, "schema.stale_materialized_view", &[]);
}
