//! Roles that apply, other than superusers.

use super::Shop;
use testkit::Tool;

const MIXED: &str = "SET ROLE pgshift_team;\nCREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY i ON t (a);\nCREATE TABLE u ();\n";

fn as_deployer(shop: &Shop, command: &str) -> Tool {
    let connection = shop.database.connection().replace("user=postgres", "user=pgshift_deployer");
    Tool::named("pgshift").args([command, "-d", &connection, "--dir"]).arg(shop.directory.path())
}

#[test]
fn an_ordinary_role_applies_with_rights_of_its_own_and_of_its_team() {
    let shop = Shop::with(&[("1_mixed.sql", MIXED), ("2_one.sql", "CREATE TABLE mine ();")]);
    let name = shop.database.name();
    shop.database.run(&format!(
        "CREATE ROLE pgshift_team; CREATE ROLE pgshift_deployer LOGIN; GRANT pgshift_team TO pgshift_deployer; \
         GRANT CREATE ON DATABASE {name} TO pgshift_deployer; GRANT CREATE ON SCHEMA public TO pgshift_team, pgshift_deployer"
    ));
    as_deployer(&shop, "apply").run().success();
    assert_eq!(shop.history(), [["1", "applied", "4"], ["2", "applied", "1"]]);
    let owners = "SELECT string_agg(tablename || ' ' || tableowner, ', ' ORDER BY tablename) FROM pg_tables WHERE schemaname IN ('public', 'pgshift')";
    assert_eq!(
        shop.database.scalar(owners),
        "migrations pgshift_deployer, mine pgshift_deployer, t pgshift_team, u pgshift_team"
    );

    // A role that always works as its team: the history is the team's, too.
    let other = Shop::with(&[("1_mixed.sql", &MIXED.replace("SET ROLE", "SELECT 1; RESET ROLE; SET ROLE"))]);
    other.database.run(&format!(
        "GRANT CREATE ON DATABASE {} TO pgshift_team; GRANT CREATE ON SCHEMA public TO pgshift_team; \
         ALTER ROLE pgshift_deployer SET role = 'pgshift_team'",
        other.database.name()
    ));
    as_deployer(&other, "apply").run().success();
    assert_eq!(other.database.scalar(owners), "migrations pgshift_team, t pgshift_team, u pgshift_team");
    for shop in [&shop, &other] {
        shop.database.run("DROP OWNED BY pgshift_deployer, pgshift_team");
    }
    shop.database.run("DROP ROLE pgshift_deployer, pgshift_team");
}

#[test]
fn who_a_script_becomes_in_its_transaction_writes_no_history() {
    let shop = Shop::with(&[
        ("1_role.sql", "SET ROLE pgshift_nobody;\nCREATE TEMP TABLE one ();\n"),
        ("2_local.sql", "SET LOCAL ROLE pgshift_nobody;\nCREATE TEMP TABLE two ();\n"),
        ("3_session.sql", "SET SESSION AUTHORIZATION pgshift_nobody;\nCREATE TEMP TABLE three ();\n"),
        (
            "4_who.sql",
            "CREATE TABLE who AS SELECT session_user::text AS session, current_user::text AS role;\n",
        ),
    ]);
    shop.database.run("CREATE ROLE pgshift_nobody");
    shop.apply().run().success();
    assert_eq!(shop.history().len(), 4);
    let by = shop.database.rows("SELECT DISTINCT applied_by FROM pgshift.migrations");
    assert_eq!(by, [["postgres"]]);
    assert_eq!(shop.database.rows("SELECT * FROM who"), [["postgres", "postgres"]]);
    shop.database.run("DROP ROLE pgshift_nobody");
}
