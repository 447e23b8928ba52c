//! What only Flyway has.

use super::*;

#[test]
fn placeholders_come_from_flags_then_the_environment_then_the_configuration() {
    let files = [
        (
            "V1__a.sql",
            "-- ${user}\nCREATE ROLE ${user} PASSWORD '${password}';\nSELECT '${flyway:filename}';\n",
        ),
        ("../flyway.conf", "flyway.placeholders.user=conf\nflyway.placeholders.password=conf\n"),
    ];
    let read = tree(&files).read();
    let up = &read.only().up;
    assert_eq!(shown(&up.text), "-- conf\nCREATE ROLE conf PASSWORD 'hush';\nSELECT 'V1__a.sql';\n");
    assert_eq!(up.secret.iter().map(|at| shown(&up.text[at.clone()])).collect::<Vec<_>>(), ["hush"]);
    assert_eq!(shown(up.written.as_ref().unwrap()), files[0].1);
    let read = tree(&files).placeholder("user=flag").placeholder("password=shown").read();
    assert!(shown(&read.only().up.text).contains("ROLE flag PASSWORD 'shown'"));
    assert!(read.only().up.secret.is_empty());
}

#[test]
fn a_placeholder_without_a_value_is_named_with_its_line() {
    let files = [("V1__a.sql", "SELECT 1;\nSELECT '${flyway:database}';\n"), ("flyway.conf", "")];
    let (code, message) = tree(&files).fault();
    assert_eq!(code, "placeholder_missing");
    assert!(message.contains("${flyway:database}") && message.contains("line 2"), "{message}");
    assert!(message.contains("PGSHIFT_PLACEHOLDER_flyway_database"), "{message}");
}

#[test]
fn replacement_can_be_turned_off_for_all_and_for_one() {
    let all =
        [("V1__a.sql", "SELECT '${x}';"), ("flyway.toml", "[flyway]\nplaceholderReplacement = false\n")];
    assert_eq!(shown(&tree(&all).read().only().up.text), "SELECT '${x}';");
    let one = [("V1__a.sql", "SELECT '${x}';"), ("V1__a.sql.conf", "placeholderReplacement=false\n")];
    assert_eq!(tree(&one).read().only().up.written, None);
}

#[test]
fn a_sidecar_asks_for_no_transaction() {
    let files = [("V1__a.sql", "SELECT 1;"), ("V1__a.sql.conf", "executeInTransaction=false\n")];
    assert_eq!(tree(&files).read().only().up.transaction, Transaction::No);
    let files = [("V1__a.sql", "SELECT 1;"), ("V1__a.sql.conf", "shouldExecute=${x}\n")];
    assert_eq!(tree(&files).fault().0, "setting_unknown");
}

#[test]
fn settings_that_change_the_names_are_refused() {
    let (code, message) =
        tree(&[("V1__a.sql", ""), ("flyway.conf", "flyway.sqlMigrationPrefix=M\n")]).fault();
    assert_eq!(code, "setting_unknown");
    assert!(message.contains("sqlMigrationPrefix"), "{message}");
}

#[test]
fn the_default_schema_leads_the_search_path() {
    let read = tree(&[("V1__a.sql", "SELECT 1;\n"), ("flyway.conf", "flyway.schemas=app,other\n")]).read();
    let up = &read.only().up;
    assert!(shown(&up.text).starts_with("SELECT pg_catalog.set_config('search_path', '\"app\", "), "{up:?}");
    assert!(shown(&up.text).ends_with(";\nSELECT 1;\n") && up.first_line == 0, "{up:?}");
    assert_eq!(
        tree(&[("V1__a.sql", ""), ("flyway.conf", "flyway.initSql=SET x.y=1\n")]).fault().0,
        "setting_unknown"
    );
}

#[test]
fn undo_belongs_to_its_version() {
    let read = named(&["V1.0__a.sql", "U1__a.sql", "flyway.conf"]).read();
    assert!(read.only().down.as_ref().unwrap().path.ends_with("U1__a.sql"));
    let (code, message) = named(&["V1__a.sql", "U2__a.sql", "flyway.conf"]).fault();
    assert!(code == "down_alone" && message.contains("U2__a.sql"), "{message}");
}

#[test]
fn callbacks_are_told_and_code_is_refused() {
    let read = named(&["V1__a.sql", "R__v.sql", "afterMigrate__grants.sql", "sub/V2__b.sql"]).read();
    assert_eq!(read.versions(), ["1", "2", "v"]);
    assert!(read.warned()[0].contains("afterMigrate__grants.sql") && read.warned()[0].contains("callback"));
    let (code, message) = named(&["V1__a.sql", "R__v.sql", "V2__b.java"]).fault();
    assert!(code == "not_sql" && message.contains("V2__b.java"), "{message}");
}
