//! Files with sections: dbmate and goose; metadata of Diesel.

use super::*;

#[test]
fn sections_of_dbmate_begin_with_their_marks_and_know_their_lines() {
    let text = "-- licence\n\n-- migrate:up\nSELECT 1;\n\n-- migrate:down transaction:false\nSELECT 2;\n";
    let read = tree(&[("20240101_add_a.sql", text)]).read();
    let one = read.only();
    assert_eq!((one.version.as_str(), one.name.as_str()), ("20240101", "add_a"));
    assert_eq!((shown(&one.up.text), one.up.first_line), ("-- migrate:up\nSELECT 1;\n\n", 3));
    let down = one.down.as_ref().unwrap();
    assert_eq!((shown(&down.text), down.first_line), ("-- migrate:down transaction:false\nSELECT 2;\n", 6));
    assert_eq!((one.up.transaction, down.transaction), (Transaction::Unsaid, Transaction::No));
}

#[test]
fn several_sections_of_dbmate_run_one_after_another() {
    let text = "-- migrate:up\nSELECT 1;\n-- migrate:down\nBEGIN;\n-- migrate:up\nSELECT 3;\n";
    let read = tree(&[("1_a.sql", text)]).read();
    let up = shown(&read.only().up.text).to_owned();
    assert!(up.contains("SELECT 1;") && up.contains("SELECT 3;") && !up.contains("BEGIN"), "{up}");
    assert_eq!(up.lines().position(|line| line == "SELECT 3;"), Some(5));
    assert_eq!(read.only().up.transaction, Transaction::Unsaid);
}

#[test]
fn dbmate_wants_up_first_and_nothing_before_it() {
    for text in ["SELECT 1;\n-- migrate:up\n", "-- migrate:down\n-- migrate:up\n"] {
        let (code, message) = tree(&[("1_a.sql", text)]).fault();
        assert_eq!(code, "directive", "{message}");
        assert!(message.contains("line 1"), "{message}");
    }
    let two = [("1_a.sql", "-- migrate:up\nSELECT 1;\n"), ("2_b.sql", "SELECT 2;\n")];
    assert!(tree(&two).fault().1.contains("2_b.sql"));
}

#[test]
fn sections_of_dbmate_that_disagree_are_refused() {
    let text = "-- migrate:up\nSELECT 1;\n-- migrate:up transaction:false\nSELECT 2;\n";
    assert_eq!(tree(&[("1_a.sql", text)]).fault().0, "directive");
}

#[test]
fn statements_of_goose_are_marked_as_one() {
    let text = "-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() AS $$ a; b; $$;\n\
                -- +goose StatementEnd\nSELECT 1;\n-- +goose Down\nSELECT 2;\n";
    let read = tree(&[("00001_a.sql", text)]).read();
    let one = read.only();
    assert_eq!((one.version.as_str(), one.up.first_line, one.up.transaction), ("1", 2, Transaction::No));
    let [single] = one.up.single.as_slice() else { panic!("{:?}", one.up.single) };
    assert_eq!(shown(&one.up.text[single.clone()]), "CREATE FUNCTION f() AS $$ a; b; $$;\n");
    assert_eq!(shown(&one.down.as_ref().unwrap().text), "-- +goose Down\nSELECT 2;\n");
}

#[test]
fn goose_replaces_variables_only_where_it_is_told() {
    let text = "-- +goose Up\nSELECT '${A}';\n-- +goose ENVSUB ON\n-- +goose StatementBegin\nSELECT '$APP_SECRET', '${B:-b}', '${EMPTY:-e}', \
                $$ x $$, '$$LEFT';\n-- +goose StatementEnd\n-- +goose ENVSUB OFF\nSELECT '${C}';\n";
    let read = tree(&[("1_a.sql", text)]).read();
    let up = &read.only().up;
    let single = shown(&up.text[up.single[0].clone()]);
    assert_eq!(single, "SELECT 'hush', 'b', 'e', $$ x $$, '$LEFT';\n");
    assert!(shown(&up.text).contains("'${A}'") && shown(&up.text).contains("'${C}'"));
    assert_eq!(up.secret.iter().map(|at| shown(&up.text[at.clone()])).collect::<Vec<_>>(), ["hush"]);
    assert!(shown(up.written.as_ref().unwrap()).contains("$APP_SECRET"));
}

#[test]
fn marks_inside_of_a_statement_of_goose_are_no_part_of_it() {
    let text = "-- +goose Up\n-- +goose StatementBegin\nAS $$\n-- +goose ENVSUB ON\n'${APP_SECRET} \\$APP_SECRET'\n\
                -- +goose ENVSUB OFF\n$$;\n-- +goose StatementEnd\n";
    let read = tree(&[("1_a.sql", text)]).read();
    let up = &read.only().up;
    assert_eq!(shown(&up.text[up.single[0].clone()]), "AS $$\n'hush $APP_SECRET'\n$$;\n");
}

#[test]
fn a_variable_of_goose_without_a_value_is_an_error() {
    let (code, message) =
        tree(&[("1_a.sql", "-- +goose Up\n-- +goose ENVSUB ON\nSELECT '${NONE}';\n")]).fault();
    assert_eq!(code, "placeholder_missing");
    assert!(message.contains("${NONE}") && message.contains("line 3"), "{message}");
}

#[test]
fn goose_refuses_what_its_tool_refuses() {
    let faults = [
        ("SELECT 1;\n-- +goose Up\n", "line 1"),
        ("-- +goose Up\n-- +goose Up\n", "line 2"),
        ("-- +goose Down\n", "line 1"),
        ("-- +goose Up\n-- +goose StatementEnd\n", "line 2"),
        ("-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n", "StatementBegin"),
        ("-- +goose Up\n-- +goose Upp\n", "UPP"),
    ];
    for (text, words) in faults {
        let (code, message) = tree(&[("1_a.sql", text)]).convention("goose").fault();
        assert_eq!(code, "directive", "{message}");
        assert!(message.to_uppercase().contains(&words.to_uppercase()), "{message}");
    }
}

#[test]
fn migrations_in_other_languages_are_named() {
    let goose = tree(&[("1_a.sql", "-- +goose Up\nSELECT 1;"), ("2_b.go", "package x")]).fault();
    assert!(goose.0 == "not_sql" && goose.1.contains("2_b.go"), "{goose:?}");
    let refinery = named(&["V1__a.sql", "V2__b.rs"]).fault();
    assert!(refinery.0 == "not_sql" && refinery.1.contains("V2__b.rs"), "{refinery:?}");
}

#[test]
fn metadata_of_diesel_asks_for_no_transaction() {
    let read =
        tree(&[("1_a/up.sql", "SELECT 1;"), ("1_a/metadata.toml", "# c\nrun_in_transaction = false # x\n")])
            .read();
    assert_eq!(read.only().up.transaction, Transaction::No);
    let (code, _) = tree(&[("1_a/up.sql", ""), ("1_a/metadata.toml", "run_in_transaction = 0")]).fault();
    assert_eq!(code, "directive");
}

#[test]
fn a_directory_without_its_script_is_refused() {
    assert_eq!(named(&["1_a/up.sql", "2_b/down.sql"]).fault().0, "up_missing");
    let prisma = named(&["1_a/migration.sql", "2_b/other.sql"]).fault();
    assert!(prisma.0 == "up_missing" && prisma.1.contains("2_b"), "{prisma:?}");
}

#[test]
fn prisma_for_another_database_is_refused() {
    let files = [("1_a/migration.sql", "SELECT 1;"), ("migration_lock.toml", "provider = \"mysql\"\n")];
    assert!(tree(&files).fault().1.contains("mysql"));
}
