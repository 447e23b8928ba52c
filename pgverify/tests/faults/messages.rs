//! What people read: help texts and the errors they will meet most, each as a file under `snapshots/`.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p pgverify --test faults messages` writes them anew; the change is then to be read in review.

use testkit::{Cluster, TempDir, Tool, newest_major};

#[track_caller]
fn matches(name: &str, text: &str) {
    testkit::matches(env!("CARGO_MANIFEST_DIR"), name, text);
}

#[test]
fn help_reads_as_it_did() {
    matches("help.txt", &Tool::named("pgverify").arg("--help").run().success().quiet().stdout());
    for command in ["restore", "compare", "archive", "schema"] {
        let help = Tool::named("pgverify").args([command, "--help"]).run().success().quiet().stdout();
        matches(&format!("help-{command}.txt"), &help);
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
}

#[test]
fn errors_read_as_they_did() {
    let cluster = Cluster::shared(newest_major());
    let (a, b) = (cluster.database("told_a"), cluster.database("told_b"));
    a.run("CREATE TABLE orders (id int PRIMARY KEY, v text); INSERT INTO orders VALUES (1, 'a'), (2, 'b')");
    b.run("CREATE TABLE orders (id int PRIMARY KEY, v text); INSERT INTO orders VALUES (1, 'a'), (3, 'b'); CREATE TABLE more ()");
    let place = TempDir::new();
    let store = place.join("store");
    let made = Tool::pgsnap("create").database(&a).store(&store).run().success();
    let snapshot = made.result()["snapshot"].as_str().unwrap().to_owned();
    let told = |name: &str, arguments: &[&str], code: i32| {
        let outcome = Tool::named("pgverify").args(arguments).run().exit(code);
        let mut text = outcome.stderr().replace(&place.path().display().to_string(), "/PLACE");
        for (from, to) in
            [(snapshot.as_str(), "SNAPSHOT"), (a.name(), "DATABASE_A"), (b.name(), "DATABASE_B")]
        {
            text = text.replace(from, to);
        }
        // A block's name is that of its content, which has a date in it.
        let words = text.split_inclusive(' ').map(|word| if word.contains(".zst") { "BLOCK " } else { word });
        let text: String = words.collect();
        matches(name, &text.replace(&cluster.host().display().to_string(), "/SOCKETS"));
    };
    let (one, other) = (a.connection(), b.connection());
    let shelf = store.display().to_string();
    let letter = place.join("letter.txt").display().to_string();
    std::fs::write(&letter, "Dear customer,\n").unwrap();
    told("error-differs.txt", &["compare", &one, &other, "--rows"], 1);
    told("error-nothing-matches.txt", &["compare", &one, &other, "-t", "no_such"], 3);
    told("error-same-database.txt", &["compare", &one, &one], 2);
    told("error-no-store.txt", &["restore", "latest", "--store", "/nowhere/store"], 3);
    told("error-no-snapshot.txt", &["restore", "20000101", "--store", &shelf], 3);
    told("error-no-dump.txt", &["archive", &letter], 1);
    told("error-no-records.txt", &["restore", "-", "--store", &shelf], 4);
    let block = std::fs::read_dir(store.join("blocks")).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_dir_all(block).unwrap();
    told("error-missing-blocks.txt", &["restore", &snapshot, "--store", &shelf], 1);
}
