//! What dumps take for granted: roles, encodings, locales, tablespaces.

use super::{dump, rows, verify};
use testkit::{Cluster, newest_major};

#[test]
fn roles_are_made_on_demand_whatever_their_names() {
    let cluster = Cluster::shared(newest_major());
    let database = cluster.database("roles");
    let odd = ["odd \"\"role", "Ünïcode 🐘", "it''s", "-- role", "public role does not exist"];
    for name in odd {
        let name = name.replace("''", "'");
        database.run(&format!(
            "DROP ROLE IF EXISTS \"{name}\"; CREATE ROLE \"{name}\"; CREATE TABLE \"{name}\" (a int); \
             ALTER TABLE \"{name}\" OWNER TO \"{name}\"; GRANT SELECT ON \"{name}\" TO \"{name}\" WITH GRANT OPTION"
        ));
    }
    for format in ["--format=plain", "--format=custom"] {
        let outcome = verify(dump(&database, &[format]), &[]).success();
        assert_eq!(outcome.result()["tables"], odd.len(), "{outcome}");
    }
    for name in odd {
        let name = name.replace("''", "'");
        database.run(&format!("DROP OWNED BY \"{name}\"; DROP ROLE \"{name}\""));
    }
}

#[test]
fn encodings_are_kept() {
    // Roles of other tests have names that not every encoding has.
    let cluster = Cluster::start(newest_major(), &[]);
    for encoding in ["LATIN1", "EUC_JP", "UTF8"] {
        let database = cluster.database_with(
            "encoding",
            &format!("TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"),
        );
        database.run(
            "CREATE TABLE t (a text); INSERT INTO t VALUES ('あ')"
                .replace('あ', if encoding == "LATIN1" { "é" } else { "あ" })
                .as_str(),
        );
        for arguments in [&["--format=plain"][..], &["--format=custom"], &["--create"]] {
            let outcome = verify(dump(&database, arguments), &[]).success();
            assert_eq!(rows(&outcome, "t"), Some(1));
        }
        if encoding != "LATIN1" {
            let sjis = dump(&database, &["--encoding=SJIS", "--inserts"]);
            verify(&sjis, &[]).success();
        }
    }
}

#[test]
fn bytes_of_no_encoding_are_kept_and_roles_with_them() {
    let cluster = Cluster::shared(newest_major());
    let database =
        cluster.database_with("bytes", "TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'");
    database.run("CREATE TABLE t (a text); INSERT INTO t VALUES (E'caf\\351')");
    for format in ["--format=plain", "--format=custom"] {
        verify(dump(&database, &[format, "--encoding=SQL_ASCII"]), &[]).success();
    }
    let mut latin = b"SET client_encoding = 'LATIN1';\nCREATE TABLE \"caf\xE9\" ();\nALTER TABLE \"caf\xE9\" OWNER TO \"ren\xE9\";\n".to_vec();
    latin.extend_from_slice(b"CREATE POLICY p ON \"caf\xE9\" TO \"ren\xE9\";\n");
    verify(&latin, &["--", "true"]).success();
}

#[test]
fn tablespaces_and_locales_that_this_machine_lacks_do_not_hinder() {
    let script = "CREATE ROLE alice;\nCREATE TABLESPACE fast OWNER alice LOCATION '/srv/fast';\n\
                  CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8' LC_COLLATE = 'xx_YY.utf8' LC_CTYPE = 'xx_YY.utf8';\n\
                  \\connect shop\nSET default_tablespace = fast;\nCREATE TABLE t (a int);\nSET default_tablespace = slow;\n\
                  CREATE TABLE u (a int);\n";
    let outcome = verify(script, &[]).success();
    assert_eq!(outcome.result()["tables"], 2);
    assert!(
        outcome.records_of("warning").iter().any(|warning| warning["code"] == "locale_missing"),
        "{outcome}"
    );
}

#[test]
fn files_of_other_systems_are_read() {
    let windows = "\u{FEFF}-- by hand\r\nCREATE TABLE t (a text);\r\nCOPY t FROM stdin;\r\n1\r\n2\r\n\\.\r\nINSERT INTO t VALUES ('x')";
    let outcome = verify(windows, &[]).success();
    assert_eq!(rows(&outcome, "t"), Some(3));
}

#[test]
fn a_database_of_the_usual_name_is_restored() {
    let cluster = Cluster::start(newest_major(), &[]);
    let database = cluster.existing("postgres");
    database.run("CREATE TABLE t AS SELECT 1 AS a");
    for arguments in
        [&["--format=custom"][..], &["--format=plain"], &["--format=plain", "--create", "--clean"]]
    {
        let outcome = verify(dump(&database, arguments), &[]);
        outcome.success();
    }
}

#[test]
fn a_signal_leaves_nothing() {
    let place = testkit::TempDir::new();
    let file = super::Dump::of("CREATE TABLE t ();\nSELECT pg_sleep(600);\n");
    let mut running = super::archive(&file.path()).arg("--work-dir").arg(place.path()).start();
    running.wait_until("a cluster", || place.files().iter().any(|file| file.ends_with("postmaster.pid")));
    std::thread::sleep(std::time::Duration::from_millis(500));
    running.signal(rustix::process::Signal::TERM);
    running.finish().exit(143);
    assert_eq!(place.files(), Vec::<String>::new());
}
