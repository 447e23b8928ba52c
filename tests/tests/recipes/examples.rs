//! The examples that `--help` shows are run as they stand, in their order, by a shell that stops at the first failure.

use crate::place::{Place, said};
use testkit::Tool;

fn help(tool: &str, arguments: &[&str]) -> String {
    Tool::named(tool).args(arguments).arg("--help").raw().run().success().stdout()
}

/// The commands that a tool lists.
fn commands(tool: &str) -> Vec<String> {
    let help = help(tool, &[]);
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let words = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    words.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

/// A machine with a proved backup, a second migration with its way back, assertions, and a database of dbmate's.
fn place() -> Place {
    let place = Place::new();
    let shop = place.cluster.existing("shop");
    shop.run("CREATE TABLE notes (id integer PRIMARY KEY, text text); INSERT INTO notes VALUES (1, 'one')");
    let directory = &place.directory;
    directory.write("migrations/0001_email.down.sql", "ALTER TABLE customers DROP COLUMN email;\n");
    directory.write("migrations/0002_tags.sql", "CREATE TABLE tags (name text PRIMARY KEY);\n");
    directory.write("migrations/0002_tags.down.sql", "DROP TABLE tags;\n");
    directory
        .write("checks.sql", "-- every customer has a name\nSELECT id FROM customers WHERE name = '';\n");
    for (version, table) in [("20240101000000", "one"), ("20240102000000", "two")] {
        let text =
            format!("-- migrate:up\nCREATE TABLE {table} ();\n\n-- migrate:down\nDROP TABLE {table};\n");
        directory.write(format!("db/migrations/{version}_{table}.sql"), &text);
    }
    let postgres = place.cluster.existing("postgres");
    // A server that its checks find healthy.
    for setting in ["fsync", "full_page_writes", "autovacuum"] {
        postgres.run(&format!("ALTER SYSTEM SET {setting} = on"));
    }
    postgres.run("SELECT pg_reload_conf()");
    postgres.run("CREATE DATABASE legacy");
    postgres.run("CREATE DATABASE shop_copy TEMPLATE shop");
    place.cluster.existing("legacy").run(
        "CREATE TABLE one (); CREATE TABLE two (); CREATE TABLE schema_migrations (version varchar PRIMARY KEY);
         INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240102000000')",
    );
    place.types("pgsnap create -d shop | pgverify restore - && cp -R store backups");
    place
}

fn run_all(tool: &str) {
    let place = place();
    for command in commands(tool) {
        let help = help(tool, &[&command]);
        let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("{tool} {command}"));
        let lines: Vec<&str> = examples.lines().map(|line| line.strip_prefix("  ").unwrap()).collect();
        // A narrower terminal would break them.
        assert!(lines.iter().all(|line| line.len() <= 78), "{help}");
        assert!(lines.iter().any(|line| line.contains(&format!("{tool} {command} "))), "{help}");
        // What would take hours takes seconds.
        let script = lines.join("\n").replace("--every 30s --for 2h", "--every 1s --for 2s");
        said(&place.command("bash").args(["-e", "-o", "pipefail", "-c", &script]).output().unwrap(), &script);
    }
}

#[test]
fn those_of_pgsnap() {
    run_all("pgsnap");
}

#[test]
fn those_of_pgverify() {
    run_all("pgverify");
}

#[test]
fn those_of_pgshift() {
    run_all("pgshift");
}

#[test]
fn those_of_pgcheckpoint() {
    run_all("pgcheckpoint");
}
