//! Dumps of other versions, by newer programs.

use super::{dump, rows, verify};
use testkit::{Cluster, majors, newest_major, oldest_major};

#[test]
fn a_dump_goes_into_the_version_that_it_is_of_or_that_was_asked_for() {
    let (old, new) = (oldest_major(), newest_major());
    let database = Cluster::shared(old).database("version");
    database.run("CREATE TABLE t AS SELECT generate_series(1, 10) AS a");
    for format in ["--format=plain", "--format=custom", "--format=tar"] {
        let content = dump(&database, &[format]);
        for (arguments, major) in [(&[][..], old), (&["--pg-version", &new.to_string()], new)] {
            let outcome = verify(&content, arguments).success();
            let version = outcome.result()["copy_version"].as_str().unwrap().to_owned();
            assert!(version.starts_with(&major.to_string()), "{version}");
            assert_eq!(rows(&outcome, "t"), Some(10));
        }
    }
}

#[test]
fn what_a_newer_pg_dump_sets_does_not_stop_an_older_server() {
    let Ok(newest) = common::pg::programs::client("pg_dump", 17) else { return };
    for major in majors() {
        let database = Cluster::shared(major).database("newer");
        database.run("CREATE TABLE t AS SELECT generate_series(1, 10) AS a");
        for format in ["--format=plain", "--format=custom"] {
            let mut pg_dump = newest.start();
            database.cluster().sandbox().lead(&mut pg_dump, database.name());
            let output = pg_dump.arg(format).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let outcome = verify(&output.stdout, &[]).success();
            assert_eq!(rows(&outcome, "t"), Some(10));
        }
    }
}
