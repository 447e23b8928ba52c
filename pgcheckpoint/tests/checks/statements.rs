use super::{comes, database, flags, look, quiet};
use testkit::{Cluster, newest_major};

#[test]
fn the_statement_that_takes_the_most_time_is_told_without_its_text() {
    let settings = [("shared_preload_libraries", "pg_stat_statements"), ("pg_stat_statements.max", "100")];
    let cluster = Cluster::start(newest_major(), &settings);
    let database = cluster.database("statements");
    // The extension may be anywhere.
    database.run("CREATE SCHEMA \"my tools\"; CREATE EXTENSION pg_stat_statements SCHEMA \"my tools\"");
    database.run("SELECT count(*) AS secret_name FROM generate_series(1, 300000)");
    let said = look(&database, "statements.dominant", &[]);
    assert!(said[0]["value"].as_f64().unwrap() > 0.3, "{said:?}");
    assert!(!said[0].to_string().contains("secret_name"), "{said:?}");
    flags(&database, "statements.dominant", &["--warn", "statements.dominant=1%"], "warn", "");
    quiet(&database, "statements.dominant", &["--warn", "statements.dominant=101%"]);
    quiet(&database, "statements.evicted", &[]);
    let many: Vec<String> = (1..=300).map(|n| format!("SELECT {}", vec!["1"; n].join(", "))).collect();
    database.run(&many.join(";\n"));
    flags(&database, "statements.evicted", &["--warn", "statements.evicted=1"], "warn", "");
}

#[test]
fn without_the_extension_there_is_nothing_to_tell() {
    let said = look(&database(), "statements.dominant", &[]);
    assert_eq!(said[0]["status"], "info", "{said:?}");
}

#[test]
fn checkpoints_that_were_asked_for_and_pages_found_in_memory_are_told() {
    let cluster = Cluster::start(newest_major(), &[]);
    let database = cluster.database("checkpoints");
    quiet(&database, "cache.checkpoints", &[]);
    for _ in 0..25 {
        database.run("CREATE TABLE IF NOT EXISTS t (); CHECKPOINT");
    }
    comes(&database, "cache.checkpoints", &[], "warn");
    database.run("CREATE TABLE read AS SELECT i FROM generate_series(1, 2000000) AS i; SELECT count(*) FROM read; SELECT count(*) FROM read");
    super::eventually("pages are counted", || look(&database, "cache.hit", &[])[0]["value"].is_number());
    quiet(&database, "cache.hit", &["--warn", "cache.hit=50%"]);
    let said = flags(&database, "cache.hit", &["--warn", "cache.hit=100%"], "warn", "");
    assert_eq!(said["bad"], "below", "{said}");
}
