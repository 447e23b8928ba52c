use super::{comes, database, eventually, flags, look, quiet};

#[test]
fn a_sequence_ends_where_its_column_does() {
    let database = database();
    database.run("CREATE TABLE t (id int PRIMARY KEY); CREATE SEQUENCE wide AS bigint; SELECT setval('wide', 2100000000)");
    quiet(&database, "sequences.used", &[]);
    // Owned by nobody, and yet it fills an integer: its default says so.
    database.run("ALTER TABLE t ALTER id SET DEFAULT nextval('wide')");
    let said = flags(&database, "sequences.used", &[], "crit", "\"wide\"");
    assert!((said["value"].as_f64().unwrap() - 0.978).abs() < 0.001, "{said}");
    database.run("ALTER TABLE t ALTER COLUMN id TYPE bigint");
    quiet(&database, "sequences.used", &[]);
}

#[test]
fn identities_small_and_falling_sequences_are_seen_and_rounds_are_not() {
    let database = database();
    database.run("CREATE TABLE small (id smallint GENERATED ALWAYS AS IDENTITY); SELECT setval('small_id_seq', 32000); \
                  CREATE SEQUENCE falling INCREMENT -1 MINVALUE -100 MAXVALUE -1; SELECT setval('falling', -92); \
                  CREATE SEQUENCE round MAXVALUE 100 CYCLE; SELECT setval('round', 99)");
    flags(&database, "sequences.used", &[], "crit", "\"small_id_seq\"");
    let said = flags(&database, "sequences.used", &[], "crit", "\"falling\"");
    assert!(said["message"].as_str().unwrap().contains("8 values are left"), "{said}");
    assert_eq!(look(&database, "sequences.used", &[]).len(), 2);
}

#[test]
fn an_exception_for_one_sequence_holds_for_it_alone() {
    let database = database();
    database.run("CREATE SEQUENCE a MAXVALUE 100; CREATE SEQUENCE b MAXVALUE 100; SELECT setval('a', 80), setval('b', 80)");
    let place = testkit::TempDir::new();
    let file = place.write("c.toml", "[check.\"sequences.used\".object.\"public.a\"]\nwarn = \"85%\"\n");
    let said = look(&database, "sequences.used", &["--config", file.to_str().unwrap()]);
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!((&said[0]["object"], &said[0]["warn"]), (&"\"public\".\"b\"".into(), &0.75.into()));
}

#[test]
fn a_sequence_behind_its_column_is_critical_and_the_hint_mends_it() {
    let database = database();
    database.run("CREATE SCHEMA \"My\"; CREATE TABLE \"My\".\"T\" (\"Id\" serial PRIMARY KEY); CREATE TABLE empty (id serial PRIMARY KEY); INSERT INTO \"My\".\"T\" DEFAULT VALUES");
    quiet(&database, "sequences.behind", &[]);
    database.run("INSERT INTO \"My\".\"T\" VALUES (500)");
    let said = flags(&database, "sequences.behind", &[], "crit", "\"T_Id_seq\"");
    assert_eq!(said["value"], 499, "{said}");
    database.run(said["hint"].as_str().unwrap());
    quiet(&database, "sequences.behind", &[]);
}

#[test]
fn statistics_save_a_question_and_hide_nothing_that_changed_since() {
    let database = database();
    database.run("CREATE TABLE kept (id serial PRIMARY KEY); CREATE TABLE empty (id serial PRIMARY KEY); CREATE TABLE moved (id bigserial PRIMARY KEY, n int); \
                  INSERT INTO kept SELECT nextval('kept_id_seq') FROM generate_series(1, 100); INSERT INTO moved SELECT nextval('moved_id_seq'), 1 FROM generate_series(1, 100)");
    // What a session has changed is counted a little later than it ends.
    eventually("all is analyzed", || {
        database.run("ANALYZE");
        database.scalar(
            "SELECT count(*) FROM pg_stat_user_tables WHERE n_mod_since_analyze > 0 OR last_analyze IS NULL",
        ) == "0"
    });
    // Nobody has to wait for a table whose statistics tell all there is to know.
    let held = database.hold("BEGIN; LOCK TABLE kept, empty, moved IN ACCESS EXCLUSIVE MODE");
    eventually("it does not ask", || look(&database, "sequences.behind", &[])[0]["status"] == "ok");
    drop(held);
    // What changed since, on either side, is seen.
    database.run("SELECT setval('kept_id_seq', 50)");
    let said = flags(&database, "sequences.behind", &[], "crit", "\"kept_id_seq\"");
    assert_eq!(said["value"], 50, "{said}");
    database.run("SELECT setval('kept_id_seq', 100); INSERT INTO moved VALUES (500, 1)");
    comes(&database, "sequences.behind", &[], "crit");
    flags(&database, "sequences.behind", &[], "crit", "\"moved_id_seq\"");
}
