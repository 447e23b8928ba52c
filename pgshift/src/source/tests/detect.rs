//! Which convention it is.

use super::*;

#[track_caller]
fn is(tree: &Tree, convention: &str) {
    assert_eq!(tree.read().convention, convention);
}

#[test]
fn names_tell_the_convention() {
    is(&named(&["0001_a.sql", "0002_b.sql", "0002_b.down.sql"]), "plain");
    is(&named(&["20240101120000_a.sql"]), "plain");
    is(&named(&["1_a.up.sql", "1_a.down.sql"]), "golang-migrate");
    is(&named(&["V1__a.sql", "R__views.sql"]), "flyway");
    is(&named(&["2024-01-01-000000_a/up.sql", "2024-01-01-000000_a/down.sql"]), "diesel");
    is(&named(&["20240101_init/migration.sql"]), "prisma");
}

#[test]
fn directives_win_over_names() {
    is(&tree(&[("1_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\n")]), "dbmate");
    is(&tree(&[("1_a.sql", "-- +goose Up\nSELECT 1;\n")]), "goose");
    is(&tree(&[("1_a.sql", "-- atlas:txmode none\n\nSELECT 1;\n")]), "atlas");
    is(&tree(&[("1_a.up.sql", "-- no-transaction\nSELECT 1;\n")]), "sqlx");
}

#[test]
fn one_directive_in_a_late_file_is_enough() {
    let files =
        [("1_a.sql", "-- +goose Up\nSELECT 1;\n"), ("2_b.sql", "-- a licence\n\n-- +goose Up\nSELECT 2;\n")];
    is(&tree(&files), "goose");
}

#[test]
fn a_file_of_the_tool_wins_over_all() {
    is(&tree(&[("V1__a.sql", "SELECT 1;"), ("../flyway.conf", "")]), "flyway");
    is(&tree(&[("up/up.sql", "SELECT 1;"), ("../diesel.toml", "")]), "diesel");
    is(&tree(&[("1_a.sql", "SELECT 1;"), ("../sqlx.toml", "")]), "sqlx");
    is(&tree(&[("sqitch.plan", "%project=x\n")]), "sqitch");
    is(&tree(&[("migration_lock.toml", "provider = \"postgresql\"")]), "prisma");
}

#[test]
fn supabase_is_told_by_where_it_lies() {
    let place = TempDir::new();
    place.write("supabase/config.toml", "");
    place.write("supabase/migrations/20240101000000_a.sql", "SELECT 1;");
    let directory = Directory::open(&place.join("supabase/migrations")).unwrap();
    let found = recognise(&directory, None, &Placeholders::untouched()).unwrap();
    assert_eq!(found.name(), "supabase");
}

#[test]
fn an_empty_directory_is_plain() {
    is(&named(&[]), "plain");
    is(&named(&["README.md", ".gitkeep"]), "plain");
}

#[test]
fn who_reads_the_same_need_not_be_told_apart() {
    // Also refinery's names.
    is(&named(&["V1__a.sql", "V2__b.sql"]), "flyway");
}

#[test]
fn who_reads_it_differently_has_to_be_named() {
    let undo = named(&["V1__a.sql", "U1__a.sql"]);
    let (code, message) = undo.fault();
    assert_eq!(code, "convention_ambiguous");
    assert!(message.contains("flyway: ") && message.contains("refinery: "), "{message}");
    assert!(message.contains("--convention"), "{message}");
    assert!(undo.convention("flyway").read().only().down.is_some());
}

#[test]
fn placeholders_of_flyway_are_text_to_refinery() {
    let (code, message) = tree(&[("V1__a.sql", "SELECT '${x}';")]).fault();
    assert_eq!(code, "convention_ambiguous", "{message}");
}

#[test]
fn two_numberings_in_one_directory_are_ambiguous() {
    assert_eq!(named(&["0001_a.sql", "V2__b.sql"]).fault().0, "convention_ambiguous");
    // One that takes all files is no guess: sqlx lets both kinds be.
    is(&named(&["0001_a.sql", "2_b.up.sql", "2_b.down.sql"]), "sqlx");
}

#[test]
fn atlas_sum_beside_files_of_goose_is_ambiguous() {
    let files =
        [("1_a.sql", "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n"), ("atlas.sum", "h1:x\n")];
    let (code, message) = tree(&files).fault();
    assert_eq!(code, "convention_ambiguous");
    assert!(message.contains("atlas: ") && message.contains("goose: "), "{message}");
    is(&tree(&files).convention("goose"), "goose");
}

#[test]
fn what_is_no_sql_is_not_an_empty_directory() {
    let (code, message) = named(&["0001_initial.py", "env.py"]).fault();
    assert_eq!(code, "convention_unknown");
    assert!(message.contains("0001_initial.py"), "{message}");
    assert_eq!(named(&["setup.sql"]).fault().0, "convention_unknown");
}

#[test]
fn django_and_liquibase_are_refused_by_name() {
    assert!(named(&["manage.py"]).fault().1.contains("Django"));
    let (_, message) = tree(&[("1_a.sql", "--liquibase formatted sql\n--changeset a:1\n")]).fault();
    assert!(message.contains("Liquibase") && message.contains("1_a.sql"), "{message}");
}

#[test]
fn an_unknown_convention_lists_those_that_are() {
    let (code, message) = named(&[]).convention("rails").fault();
    assert_eq!(code, "usage");
    assert!(message.contains("golang-migrate") && message.contains("supabase"), "{message}");
}

#[test]
fn a_directory_that_is_not_there_is_a_usage_error() {
    let error = Directory::open(Path::new("/nowhere/at all")).unwrap_err();
    assert_eq!((error.class().exit_code(), error.code()), (2, "no_directory"));
}
