//! What people read: help texts and the errors they will meet most, each as a file under `snapshots/`.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p pgshift --test messages` writes them anew; the change is then to be read in review.

use testkit::{Cluster, TempDir, Tool, newest_major};

#[track_caller]
fn matches(name: &str, text: &str) {
    testkit::matches(env!("CARGO_MANIFEST_DIR"), name, text);
}

#[test]
fn help_reads_as_it_did() {
    matches("help.txt", &Tool::named("pgshift").arg("--help").run().success().quiet().stdout());
    let commands =
        ["plan", "status", "check", "apply", "revert", "adopt", "squash", "new", "lint", "stats", "schema"];
    for command in commands {
        let help = Tool::named("pgshift").args([command, "--help"]).run().success().quiet().stdout();
        matches(&format!("help-{command}.txt"), &help);
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
}

#[test]
fn errors_read_as_they_did() {
    let cluster = Cluster::shared(newest_major());
    let database = cluster.database("told");
    let place = TempDir::new();
    let directory = |name: &str, files: &[(&str, &str)]| {
        for (file, text) in files {
            place.write(format!("{name}/{file}"), text);
        }
        place.join(name).display().to_string()
    };
    let told = |name: &str, arguments: &[&str], code: i32| {
        let outcome = Tool::named("pgshift").args(arguments).database(&database).run().exit(code);
        let text = outcome
            .stderr()
            .replace(&place.path().display().to_string(), "/PLACE")
            .replace(database.name(), "DATABASE")
            .replace(&cluster.host().display().to_string(), "/SOCKETS")
            .replace(&format!(".s.PGSQL.{}", cluster.port()), ".s.PGSQL.PORT");
        matches(name, &text);
    };
    let wrong = directory(
        "wrong",
        &[(
            "1_orders.sql",
            "CREATE TABLE orders (id int PRIMARY KEY);\n\nINSERT INTO orders\nVALUES (1), (1);\n",
        )],
    );
    told("error-statement-fails.txt", &["apply", "--dir", &wrong], 3);
    let meta = directory("meta", &[("1_a.sql", "SELECT 1;\n\\i other.sql\n")]);
    told("error-only-psql.txt", &["apply", "--dir", &meta], 2);
    told("error-no-directory.txt", &["status", "--dir", "/nowhere/migrations"], 2);
    let both = directory("both", &[("V1__a.sql", "SELECT 1;"), ("U1__a.sql", "SELECT 1;")]);
    told("error-ambiguous.txt", &["status", "--dir", &both], 2);
    let twice = directory("twice", &[("0001_a.sql", "SELECT 1;"), ("1_b.sql", "SELECT 1;")]);
    told("error-same-version.txt", &["status", "--dir", &twice], 6);
    told("error-no-history.txt", &["adopt", "--dir", &wrong], 3);

    let shop = directory(
        "shop",
        &[("1_a.sql", "CREATE TABLE a AS SELECT 1 AS x;"), ("3_c.sql", "CREATE TABLE c ();")],
    );
    Tool::named("pgshift").args(["apply", "--dir", &shop]).database(&database).run().success();
    directory("shop", &[("2_b.sql", "CREATE TABLE b ();")]);
    told("error-late.txt", &["apply", "--dir", &shop, "--no-gate"], 6);
    directory("shop", &[("4_d.sql", "CREATE TABLE d ();")]);
    std::fs::remove_file(place.join("shop/2_b.sql")).unwrap();
    told("error-no-proof.txt", &["apply", "--dir", &shop], 4);
    told("error-no-records.txt", &["apply", "-", "--dir", &shop], 4);
    told("error-pending.txt", &["check", "--dir", &shop], 1);
    told("error-no-down.txt", &["revert", "--dir", &shop], 1);
    directory("shop", &[("1_a.sql", "CREATE TABLE a AS SELECT 2 AS x;")]);
    told("error-edited.txt", &["apply", "--dir", &shop, "--no-gate"], 7);
}
