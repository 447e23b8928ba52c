//! What only sqitch has.

use super::*;

const PLAN: &str = "%syntax-version=1.0.0\n%project=shop\n\n\
    users 2024-01-01T10:00:00Z Ann <a@example.org> # Adds users.\n\
    zeta/orders [users] 2024-01-02T10:00:00Z Ann <a@example.org> # Orders\n\
    @v1 2024-01-03T10:00:00Z Ann <a@example.org> # First\n\n\
    users [users@v1] 2024-01-04T10:00:00Z Ann <a@example.org> # Better\n";

fn shop(more: &[(&str, &str)]) -> Tree {
    let mut files = vec![
        ("sqitch.plan", PLAN),
        ("deploy/users@v1.sql", "BEGIN;\nCREATE TABLE users ();\nCOMMIT;\n"),
        ("deploy/zeta/orders.sql", "CREATE TABLE orders ();\n"),
        ("deploy/users.sql", "BEGIN;\nSELECT 1;\nCOMMIT;\n"),
        ("revert/users.sql", "SELECT 2;\n"),
    ];
    files.extend(more);
    tree(&files)
}

#[test]
fn the_plan_has_the_order_and_reworked_changes_their_tags() {
    let read = shop(&[]).read();
    assert_eq!((read.convention, read.versions()), ("sqitch", vec!["users@v1", "zeta/orders", "users"]));
    let all = &read.found.migrations;
    assert_eq!(all[0].name, "Adds users.");
    assert_eq!((all[0].up.transaction, all[1].up.transaction), (Transaction::Own, Transaction::No));
    assert!(all[1].down.is_none() && all[2].down.is_some());
}

#[test]
fn the_tag_of_a_reworked_script_may_be_a_later_one() {
    let plan = PLAN.replace(
        "@v1 2024-01-03T10:00:00Z Ann <a@example.org> # First\n",
        "@v0 2024-01-03T09:00:00Z A <a@b.c>\n@v1 2024-01-03T10:00:00Z A <a@b.c>\n",
    );
    assert_ne!(plan, PLAN);
    assert_eq!(shop(&[("sqitch.plan", &plan)]).read().versions(), ["users@v1", "zeta/orders", "users"]);
}

#[test]
fn the_configuration_says_where_scripts_are() {
    let conf = "[core]\n\tengine = pg\n\ttop_dir = db\n[other]\n\ttop_dir = nowhere\n";
    let read = tree(&[
        ("sqitch.conf", conf),
        ("db/sqitch.plan", "a 2024-01-01T10:00:00Z A <a@b.c>\n"),
        ("db/deploy/a.sql", "SELECT 1;"),
    ])
    .read();
    assert_eq!(read.versions(), ["a"]);
    let (_, message) = tree(&[("sqitch.conf", "[core]\n\tengine = mysql\n"), ("sqitch.plan", "")]).fault();
    assert!(message.contains("mysql"), "{message}");
}

#[test]
fn a_change_without_its_script_is_found() {
    let (code, message) = tree(&[("sqitch.plan", "a 2024-01-01T10:00:00Z A <a@b.c>\n")]).fault();
    assert!(code == "up_missing" && message.contains("deploy/a.sql"), "{message}");
}

#[test]
fn the_same_change_twice_without_a_tag_is_found() {
    let line = "a 2024-01-01T10:00:00Z A <a@b.c>\n";
    let (code, message) = tree(&[("sqitch.plan", format!("{line}{line}"))]).fault();
    assert!(code == "plan" && message.contains("line 2"), "{message}");
}
