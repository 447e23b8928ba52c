//! What people read: help texts and the messages they will meet most, each as a file under `snapshots/`.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p pgcheckpoint --test commands messages` writes them anew; the change is then to be
//! read in review.

use super::{command, database};
use testkit::{TempDir, Tool};

#[track_caller]
fn matches(name: &str, text: &str) {
    testkit::matches(env!("CARGO_MANIFEST_DIR"), name, text);
}

#[test]
fn help_reads_as_it_did() {
    matches("help.txt", &Tool::named("pgcheckpoint").arg("--help").run().success().quiet().stdout());
    for command in ["run", "list", "assert", "diff", "watch", "ready", "report"] {
        let help = Tool::named("pgcheckpoint").args([command, "--help"]).run().success().quiet().stdout();
        matches(&format!("help-{command}.txt"), &help);
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
}

#[test]
fn errors_read_as_they_did() {
    let database = database();
    database.run("CREATE SEQUENCE s MAXVALUE 100; SELECT setval('s', 99); CREATE TABLE users (mail text); INSERT INTO users VALUES (NULL)");
    let place = TempDir::new();
    let told = |name: &str, tool: Tool, code: i32| {
        let outcome = tool.run().exit(code);
        let text = outcome.stderr();
        let text =
            text.replace(&place.path().display().to_string(), "/PLACE").replace(database.name(), "DATABASE");
        matches(name, &text.replace(&database.cluster().host().display().to_string(), "/SOCKETS"));
    };
    let stranger = database.connection().replace("user=postgres", "user=nobody_at_all");
    let letter = place.write("letter.txt", "Dear customer,\n").display().to_string();
    let assertion =
        place.write("mail.sql", "-- everybody can be written to\nSELECT 1 FROM users WHERE mail IS NULL;\n");
    let assertion = assertion.display().to_string();
    told("error-unhealthy.txt", command("run", &database).arg("sequences.used"), 1);
    told("error-assertion.txt", command("assert", &database).arg(&assertion), 1);
    told("error-stranger.txt", Tool::named("pgcheckpoint").args(["run", "-d", &stranger]), 3);
    told(
        "error-no-server.txt",
        Tool::named("pgcheckpoint").args(["run", "-d", "host=/nowhere user=me dbname=shop"]),
        1,
    );
    told("error-no-check.txt", command("run", &database).arg("index"), 2);
    told("error-no-threshold.txt", command("run", &database).args(["--warn", "indexes.invalid=1"]), 2);
    told("error-no-number.txt", command("run", &database).args(["--warn", "connections.used=lots"]), 2);
    told("error-no-records.txt", Tool::named("pgcheckpoint").args(["diff", &letter, &letter]), 4);
    told("error-write.txt", command("run", &database).args(["--write", &letter]), 2);
    let _held = database.hold("SELECT pg_advisory_lock(8099005376193621104)");
    told("error-already-running.txt", command("run", &database).arg("connections.limit"), 4);
}
