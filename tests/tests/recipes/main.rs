//! The recipes do what they say: their scripts run as they stand, and the ready-made files are read by whoever will read them.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod examples;
mod place;

use place::{Place, home, read, said};
use std::process::Command;

/// The blocks of a kind that stand under a heading of the recipes.
fn blocks(heading: &str, kind: &str) -> Vec<String> {
    let recipes = read("docs/recipes.md");
    let section = recipes
        .split("\n## ")
        .find(|section| section.starts_with(heading))
        .unwrap_or_else(|| panic!("no {heading}"));
    let fence = format!("```{kind}\n");
    section.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// Types all that stands under a heading.
fn follows(place: &Place, heading: &str) -> String {
    let scripts = blocks(heading, "sh");
    assert!(!scripts.is_empty(), "{heading}");
    scripts.iter().map(|script| place.types(script)).collect()
}

fn migrated(place: &Place) -> bool {
    let sql = "SELECT count(*) FROM information_schema.columns WHERE column_name = 'email'";
    place.cluster.existing("shop").scalar(sql) == "1"
}

#[test]
fn the_night_the_deployment_and_the_way_back_go_as_written() {
    let place = Place::new();
    let shop = place.cluster.existing("shop");
    follows(&place, "Nightly backup");
    follows(&place, "Rehearsing an upgrade");
    follows(&place, "Refreshing staging");
    let staging = place.cluster.existing("shop_staging");
    assert_eq!(staging.scalar("SELECT name FROM customers WHERE id = 7"), "customer 7");
    follows(&place, "Before a deployment");
    assert!(migrated(&place));
    assert!(std::fs::read_to_string(place.directory.path().join("run.html")).unwrap().contains("email"));
    shop.run("UPDATE customers SET name = 'new' WHERE id = 3");
    let lost = follows(&place, "Rolling back");
    assert_eq!(lost, "customers\tchanged\t{\"id\":\"3\"}\n");
    assert_eq!(shop.scalar("SELECT name FROM customers WHERE id = 3"), "customer 3");
    follows(&place, "Next to pgBackRest");
    follows(&place, "Many databases");
    assert!(place.directory.path().join("shop_staging.jsonl").exists());
}

#[test]
fn the_targets_of_make_do_what_they_are_named() {
    let place = Place::new();
    let makefile = "DBNAME = shop\nCHECKS = schema sequences\ninclude pgrunbook.mk\n";
    std::fs::write(place.directory.path().join("Makefile"), makefile).unwrap();
    std::fs::copy(home().join("scripts/pgrunbook.mk"), place.directory.path().join("pgrunbook.mk")).unwrap();
    let make = |words: &[&str]| place.command("make").args(words).output().unwrap();
    for target in ["backup", "verify", "rehearse"] {
        said(&make(&[target]), target);
    }
    assert!(!migrated(&place), "a rehearsal changes nothing");
    for target in ["migrate", "check"] {
        said(&make(&[target]), target);
    }
    assert!(migrated(&place));
    assert!(place.directory.path().join("run.html").exists());
    let unconfirmed = make(&["rollback"]);
    assert!(!unconfirmed.status.success());
    said(&make(&["rollback", "CONFIRM=shop"]), "rollback");
    assert!(!migrated(&place), "the newest snapshot is from before");
    let without = place.command("make").args(["backup", "DBNAME="]).output().unwrap();
    assert!(!without.status.success() && String::from_utf8_lossy(&without.stderr).contains("set DBNAME"));
}

#[test]
fn a_pipeline_of_make_that_fails_is_a_failure_of_make() {
    let place = Place::new();
    std::fs::write(place.directory.path().join("migrations/0002_wrong.sql"), "SELECT 1 / 0;\n").unwrap();
    let file = home().join("scripts/pgrunbook.mk");
    let made = place.command("make").arg("-f").arg(file).args(["migrate", "DBNAME=shop"]).output().unwrap();
    assert!(!made.status.success());
    assert!(
        std::fs::read_to_string(place.directory.path().join("run.html"))
            .unwrap()
            .contains("division by zero")
    );
}

#[test]
fn the_lines_for_cron_run() {
    let place = Place::new();
    place.types("pgsnap create -q -d shop >/dev/null");
    let text = read("scripts/crontab");
    let jobs: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_digit() || first == '*'))
        .collect();
    assert_eq!(jobs.len(), 4, "{jobs:?}");
    for job in jobs {
        // Five fields of time; what is left is the command.
        let mut command = job;
        for _ in 0..5 {
            command = command.split_once(char::is_whitespace).unwrap().1.trim_start();
        }
        let command = command.replace("/var/lib/node_exporter/textfile", "$HOME");
        let output = place.command("sh").args(["-c", &command]).output().unwrap();
        // A test's server is not a healthy one: its checks may say no.
        let fine =
            output.status.success() || command.contains("prometheus") && output.status.code() == Some(1);
        assert!(fine, "{command}: {output:?}");
    }
    assert!(place.directory.path().join("pgrunbook.prom").exists());
}

#[test]
fn the_units_are_read_by_systemd() {
    let analyze = Command::new("systemd-analyze").arg("--version").output();
    if !analyze.is_ok_and(|output| output.status.success()) {
        let told = b"SKIPPED: there is no systemd-analyze: the units are not read\n";
        std::io::Write::write_all(&mut std::io::stderr(), told).unwrap();
        return;
    }
    // The programs and pages of the manual need not be installed here.
    let directory = testkit::TempDir::new();
    for entry in std::fs::read_dir(home().join("scripts/systemd")).unwrap() {
        let entry = entry.unwrap();
        let text = std::fs::read_to_string(entry.path()).unwrap().replace("/usr/bin/pgsnap", "/bin/true");
        let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("Documentation=")).collect();
        let text = kept.join("\n") + "\n";
        std::fs::write(directory.path().join(entry.file_name()), text).unwrap();
    }
    for unit in ["pgsnap@.service", "pgsnap@.timer", "pgsnap-failed@.service"] {
        let output = Command::new("systemd-analyze")
            .args(["verify", "--man=no"])
            .arg(directory.path().join(unit))
            .output()
            .unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && !complaint.contains("pgsnap"), "{unit}: {complaint}");
    }
}

#[test]
fn what_is_yaml_is_well_formed() {
    let mut files = vec![read("scripts/compose.yaml")];
    for heading in ["In GitHub Actions", "In GitLab CI", "In Kubernetes"] {
        files.extend(blocks(heading, "yaml"));
    }
    assert_eq!(files.len(), 4);
    for text in files {
        assert!(!text.contains('\t'));
        // Each command of ours in it is a command, and its options are options.
        for line in text.lines() {
            for tool in ["pgsnap", "pgverify", "pgshift", "pgcheckpoint"] {
                let Some((_, rest)) = line.split_once(&format!("{tool} ")) else { continue };
                let word = rest.split_whitespace().next().unwrap();
                if word.starts_with(|first: char| first.is_ascii_lowercase()) {
                    testkit::Tool::named(tool).arg(word).arg("--help").raw().run().success();
                }
            }
        }
    }
}

#[test]
fn the_hook_lets_sound_migrations_pass_and_stops_others() {
    let place = Place::new();
    let hook = home().join("scripts/pre-push");
    let push = |place: &Place| place.command("sh").arg(&hook).env_remove("PGDATABASE").output().unwrap();
    said(&push(&place), "a sound migration");
    let twice = place.directory.path().join("migrations/0001_again.sql");
    std::fs::write(twice, "ALTER TABLE customers ADD COLUMN phone text;\n").unwrap();
    assert!(!push(&place).status.success());
}
