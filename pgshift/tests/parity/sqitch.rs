//! sqitch.

use super::{cannot_be_had, ours, same, succeed, url};
use std::process::Command;
use testkit::{Cluster, Database, TempDir, is_long, newest_major};

/// A project in the making: changes are added, reworked and tagged by sqitch itself.
struct Project {
    place: TempDir,
    path: std::ffi::OsString,
}

impl Project {
    /// None where there is no sqitch that can talk to PostgreSQL.
    fn new() -> Option<Self> {
        let has = |program: &str, argument: &str| {
            Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success())
        };
        if !has("sqitch", "--version") || !has("perl", "-MDBD::Pg") {
            cannot_be_had(
                "sqitch",
                "it is not installed, or not DBD::Pg (apt-get install sqitch libdbd-pg-perl)",
            );
            return None;
        }
        // sqitch runs psql.
        let psql = Cluster::shared(newest_major()).client("psql", "postgres");
        let own = std::path::Path::new(psql.get_program()).parent().unwrap().to_owned();
        let there = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&there))).unwrap();
        let project = Self { place: TempDir::new(), path };
        project.run(&["init", "shop", "--engine", "pg"]);
        Some(project)
    }

    fn run(&self, arguments: &[&str]) -> String {
        let mut sqitch = Command::new("sqitch");
        sqitch
            .args(arguments)
            .current_dir(self.place.path())
            .env("PATH", &self.path)
            .env("HOME", self.place.path());
        sqitch
            .env("SQITCH_FULLNAME", "Somebody")
            .env("SQITCH_EMAIL", "somebody@example.org")
            .env("SQITCH_PAGER", "cat");
        succeed(sqitch)
    }

    fn on(&self, database: &Database, command: &[&str]) -> String {
        let target = url(database).replace("postgres://", "db:pg://");
        let mut arguments = command.to_vec();
        arguments.push(&target);
        self.run(&arguments)
    }

    fn change(&self, command: &str, name: &str, deploy: &str, revert: &str) {
        self.run(&[command, name, "-n", name]);
        self.place.write(format!("deploy/{name}.sql"), deploy);
        self.place.write(format!("revert/{name}.sql"), revert);
    }
}

const FUNCTION: &str = "BEGIN;\nCREATE OR REPLACE FUNCTION total() RETURNS bigint LANGUAGE sql AS $$SELECT 1::bigint; -- one;\n$$;\nCOMMIT;\n";

/// Three changes, one of them reworked behind a tag.
fn project() -> Option<Project> {
    let project = Project::new()?;
    let orders = "-- Deploy\nBEGIN;\nCREATE TABLE orders (id int PRIMARY KEY, note text DEFAULT 'a;b');\nINSERT INTO orders SELECT generate_series(1, 3);\nCOMMIT;\n";
    project.change("add", "orders", orders, "BEGIN;\nDROP TABLE orders;\nCOMMIT;\n");
    project.change("add", "total", FUNCTION, "DROP FUNCTION total();\n");
    project.change(
        "add",
        "by_note",
        "CREATE INDEX CONCURRENTLY by_note ON orders (note);\n",
        "DROP INDEX by_note;\n",
    );
    project.run(&["tag", "v1", "-n", "first"]);
    project.change("rework", "total", &FUNCTION.replace("SELECT 1", "SELECT count(*)"), FUNCTION);
    Some(project)
}

#[test]
fn the_same_plan_makes_the_same_database_forward_and_back() {
    if !is_long() {
        return;
    }
    let Some(project) = project() else { return };
    let cluster = Cluster::shared(newest_major());
    let (theirs, here) = (cluster.database("theirs"), cluster.database("ours"));
    project.on(&theirs, &["deploy"]);
    ours(&here, project.place.path(), "apply").arg("--no-gate").run().success();
    theirs.run("DROP SCHEMA sqitch CASCADE");
    same(&theirs, &here, &[]);

    let theirs = cluster.database("theirs");
    project.on(&theirs, &["deploy"]);
    project.on(&theirs, &["revert", "-y"]);
    ours(&here, project.place.path(), "revert").args(["--to", "0"]).run().success();
    let left = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    assert_eq!([theirs.scalar(left), here.scalar(left)], ["0", "0"]);
}

#[test]
fn a_history_goes_over_with_its_checksums() {
    let Some(project) = project() else { return };
    let database = Cluster::shared(newest_major()).database("both");
    project.on(&database, &["deploy"]);
    let adopted = ours(&database, project.place.path(), "adopt").run().success();
    let proofs: Vec<_> = adopted.records_of("adopted").iter().map(|record| record["proof"].clone()).collect();
    assert_eq!(proofs, ["checksum"; 4], "{adopted}");
    ours(&database, project.place.path(), "check").run().success();
    project.change("add", "more", "CREATE TABLE more ();\n", "DROP TABLE more;\n");
    ours(&database, project.place.path(), "apply").arg("--no-gate").run().success();
    // And back, as docs say.
    let said = project.on(&database, &["deploy", "--log-only"]);
    assert!(said.contains("more"), "{said}");
    assert!(project.on(&database, &["status"]).contains("Nothing to deploy"));
}

#[test]
fn an_edited_script_is_told() {
    if !is_long() {
        return;
    }
    let Some(project) = project() else { return };
    let database = Cluster::shared(newest_major()).database("edited");
    project.on(&database, &["deploy"]);
    project.place.write("deploy/orders.sql", "CREATE TABLE orders (id bigint);\n");
    let told = ours(&database, project.place.path(), "adopt").run().exit(1);
    assert_eq!(told.record("conflict")["conflict"], "edited", "{told}");
}
