//! Scripts and assertions on a real server: ours leaves what psql leaves.

#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

use common::assertions::{self, Verdict};
use common::pg::programs;
use common::pg::session::Session;
use common::pg::target::{ConnectOptions, Target};
use common::sandbox::{Options, Sandbox};
use common::sql::Encoding;
use common::sql::lexer::Dialect;
use common::sql::split::{Event, Splitter};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A script that psql and the server understand; what it leaves tells how it was cut.
const NASTY: &str = r#"
-- a comment; with a 'quote
CREATE TABLE t (n serial, v text); INSERT INTO t (v) VALUES ('a;b'), ('it''s'), (E'x\';y'), ('back\'), ($$d;'$$), ($a$ $$ ; $b$ $a$);
INSERT INTO t (v) VALUES (U&'d\0061t;a'), (B'101'::text), (X'1F'::text), (N'n;'), ('con'
  'tinued;'), (/* ; /* ' */ */ 'after'); INSERT INTO t (v) SELECT 1 +-- ;'
2;
CREATE TABLE "odd;""name" ("c;'" int); INSERT INTO "odd;""name" VALUES (3);;;
CREATE RULE r AS ON UPDATE TO t DO ALSO (INSERT INTO "odd;""name" VALUES (1); DELETE FROM "odd;""name" WHERE "c;'" = 7);
CREATE SCHEMA s CREATE TABLE inside (a int DEFAULT 1) CREATE VIEW v AS SELECT 1 AS a;
CREATE OR REPLACE FUNCTION f(a int DEFAULT 1) RETURNS text LANGUAGE sql
BEGIN ATOMIC
  INSERT INTO t (v) VALUES ('from f; ');
  SELECT CASE a WHEN 1 THEN 'one;' ELSE (CASE WHEN a > 5 THEN 'more' END) END;
END;
CREATE PROCEDURE p() BEGIN ATOMIC; DELETE FROM t WHERE v = 'gone;'; END;
CREATE FUNCTION old(begin_ int) RETURNS int AS $f$ BEGIN RETURN CASE WHEN true THEN 1 END; END; $f$ LANGUAGE plpgsql;
DO $$ BEGIN INSERT INTO t (v) VALUES ('do;'); END; $$;
COPY t (v) FROM stdin;
row;'"$$ -- not a comment
\\.
tab\tand \N
/* open
\.
COPY t (v) FROM STDIN WITH (FORMAT csv); -- rows follow
"quoted;
line"
plain
\.
"#;

/// What follows the above when backslashes escape.
const ESCAPED: &str = r"
SET standard_conforming_strings = off;
SET escape_string_warning = off;
INSERT INTO t (v) VALUES ('esc\';aped'), ('two\\'), (e'three\';');
SET standard_conforming_strings = on; INSERT INTO t (v) VALUES ('on again\');
SELECT f(), f(7) ;
INSERT INTO t (v) VALUES ('without a semicolon')";

struct Server {
    sandbox: Sandbox,
}

impl Server {
    fn start() -> Self {
        Self { sandbox: Sandbox::start(&Options::default()).unwrap() }
    }

    fn database(&self, name: &str, encoding: &str) -> Target {
        let session = &mut Session::open(&self.target("postgres")).unwrap();
        let clauses = format!("TEMPLATE template0 ENCODING '{encoding}'");
        session.execute(&format!("CREATE DATABASE {name} {clauses}")).unwrap();
        self.target(name)
    }

    fn target(&self, database: &str) -> Target {
        let host = self.sandbox.socket_directory().display();
        let dbname = format!("host={host} port=5432 user=postgres dbname={database}");
        Target::resolve(&ConnectOptions { dbname: Some(dbname), ..ConnectOptions::default() }).unwrap()
    }

    fn client(&self, name: &str, database: &str) -> Command {
        let mut command = programs::client(name, self.sandbox.major()).unwrap().start();
        self.sandbox.lead(&mut command, database);
        command
    }

    fn psql(&self, database: &str, script: &[u8]) -> Output {
        let file = Temporary::new("psql.sql", script);
        let mut psql = self.client("psql", database);
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"]).arg(&file.0).stdin(Stdio::null());
        psql.output().unwrap()
    }

    fn dump(&self, database: &str) -> String {
        let output = self.client("pg_dump", database).args(["--inserts", "-E", "UTF8"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().filter(|line| !line.contains("restrict "));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Runs a script as we cut it, and stops at the first error.
fn run(target: &Target, script: &[u8]) -> common::error::Result<()> {
    let session = &mut Session::open(target)?;
    let mut splitter = Splitter::new(script);
    loop {
        splitter.set_dialect(Dialect {
            standard_strings: session.parameter("standard_conforming_strings") == Some("on"),
            encoding: Encoding::named(session.parameter("client_encoding").unwrap_or_default()),
        });
        match splitter.event()? {
            Event::Statement(statement) if statement.copies_in => {
                let mut rows = session.copy_in_bytes(statement.text)?;
                while let Event::CopyData(data) = splitter.event()? {
                    rows.write(data)?;
                }
                rows.finish()?;
            }
            Event::Statement(statement) => drop(session.ask(statement.text)?),
            Event::End(_) => return Ok(()),
            other => panic!("{other:?}"),
        }
    }
}

struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str, content: &[u8]) -> Self {
        // Tests of one process run at the same time.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("scripts-{}-{number}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

#[test]
fn what_a_script_leaves_is_what_psql_leaves() {
    let server = Server::start();
    let script = format!("{NASTY}{ESCAPED}");
    let (theirs, ours) = (server.database("theirs", "UTF8"), server.database("ours", "UTF8"));
    let output = server.psql(theirs.database(), script.as_bytes());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    run(&ours, script.as_bytes()).unwrap();
    let dump = server.dump("ours");
    assert_eq!(dump, server.dump("theirs"));
    for expected in ["'a;b'", "on again\\", "without a semicolon", "from f; ", "quoted;"] {
        assert!(dump.contains(expected), "{expected}\n{dump}");
    }
}

#[test]
fn in_encodings_of_clients_half_a_character_is_no_quote() {
    let server = Server::start();
    for (encoding, text) in [
        ("SJIS", &b"\x83\\\x95\\\xB1\x8F\\"[..]),
        ("BIG5", b"\xB3\\\xA5\\"),
        ("GBK", b"\x81\\\xD5\\"),
        ("GB18030", b"\x81\\\x81\x30\x81\x30"),
        ("LATIN1", b"caf\xE9\\\\;"),
    ] {
        let mut script = b"CREATE TABLE t (v text); SET client_encoding = ".to_vec();
        script.extend_from_slice(encoding.as_bytes());
        script.extend_from_slice(b";\nSET standard_conforming_strings = off;\nINSERT INTO t VALUES ('");
        script.extend_from_slice(text);
        script.extend_from_slice(b"'); INSERT INTO t VALUES ($a$");
        script.extend_from_slice(text);
        script.extend_from_slice(b"$a$);\nCOPY t FROM stdin;\n1\n\\.\nINSERT INTO t VALUES ('2');");
        let (theirs, ours) = (format!("theirs_{encoding}"), format!("ours_{encoding}"));
        let (theirs, ours) = (server.database(&theirs, "UTF8"), server.database(&ours, "UTF8"));
        let output = server.psql(&theirs.database().to_lowercase(), &script);
        assert!(output.status.success(), "{encoding}: {}", String::from_utf8_lossy(&output.stderr));
        run(&server.target(&ours.database().to_lowercase()), &script).unwrap();
        let dump = server.dump(&ours.database().to_lowercase());
        assert_eq!(dump, server.dump(&theirs.database().to_lowercase()), "{encoding}");
        assert_eq!(dump.matches("INSERT INTO").count(), 4, "{dump}");
    }
}

#[test]
fn an_error_names_the_statement_that_both_fail_at() {
    let server = Server::start();
    for script in [
        "SELECT 1; SELECT 1/0; SELECT 2;",
        "CREATE TABLE t (a int);\nCOPY t FROM stdin;\nx\n\\.\n",
        "SELECT (1;\n",
    ] {
        let database = server.target("postgres");
        assert!(!server.psql("postgres", script.as_bytes()).status.success(), "{script}");
        let error = run(&database, format!("DROP TABLE IF EXISTS t; {script}").as_bytes()).unwrap_err();
        assert!(error.sqlstate().is_some(), "{error}");
    }
}

#[test]
fn an_assertion_fails_by_rows_or_by_a_boolean_that_is_not_true() {
    let server = Server::start();
    let session = &mut Session::open(&server.target("postgres")).unwrap();
    session.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)").unwrap();
    let directory = Temporary(std::env::temp_dir().join(format!("assertions-{}", std::process::id())));
    fs::create_dir(&directory.0).unwrap();
    let checks = "-- all of them\n\n-- nothing negative\n-- (for ever)\nSELECT * FROM t WHERE a < 0;\n\
                  /* two rows */ TABLE t;\nSELECT count(*) = 2 FROM t;\nSELECT count(*) > 2 FROM t;\nSELECT NULL::bool;\n\
                  SELECT 't'::text;\nSELECT true, true;\nSELECT true FROM t;\n\
                  SELECT * FROM missing;\nDELETE FROM t RETURNING *;\nSET work_mem = '1MB';\nCOMMIT;\n\
                  COPY t TO stdout;\nSHOW work_mem;\nSELECT 1 WHERE false";
    fs::write(
        directory.0.join("b.sql"),
        "SELECT 'a long one that has no comment before it and so is named by its text';",
    )
    .unwrap();
    fs::write(directory.0.join("a.sql"), checks).unwrap();
    fs::write(directory.0.join("notes.txt"), "no SQL").unwrap();
    let found = assertions::read(&directory.0).unwrap();
    fs::remove_file(directory.0.join("a.sql")).unwrap();
    fs::remove_file(directory.0.join("b.sql")).unwrap();
    let nothing = assertions::read(&directory.0).unwrap_err();
    fs::remove_dir_all(&directory.0).unwrap();
    assert_eq!((nothing.code(), nothing.class().exit_code()), ("no_assertion", 2));
    let verdicts: Vec<String> = found
        .iter()
        .map(|assertion| match assertion.run(session).unwrap() {
            Verdict::Passed => "passed".into(),
            Verdict::Failed { violations } => format!("failed {violations:?}"),
            Verdict::Error(error) => format!("error {}", error.sqlstate().unwrap_or(error.code())),
        })
        .collect();
    assert_eq!(
        verdicts,
        [
            "passed",
            "failed Some(2)",
            "passed",
            "failed None",
            "failed None",
            "failed Some(1)",
            "failed Some(1)",
            "failed Some(2)",
            "error 42P01",
            "error 25006",
            "error not_a_query",
            "error not_a_query",
            "error not_a_query",
            "failed Some(1)",
            "passed",
            "failed Some(1)",
        ]
    );
    assert_eq!(session.query_one("SELECT count(*) FROM t").unwrap().text(0), "2");
    assert_eq!(session.query_one("SHOW work_mem").unwrap().text(0), "4MB");
    assert_eq!((found[0].name.as_str(), found[0].line), ("nothing negative", 5));
    assert_eq!(found[1].name, "two rows");
    assert_eq!(found[2].name, "SELECT count(*) = 2 FROM t");
    assert_eq!(found[15].name, "SELECT 'a long one that has no comment before it and so is n…");
    assert_eq!(found[15].file.file_name().unwrap(), "b.sql");
}

#[test]
fn what_only_psql_can_run_is_no_assertion() {
    for script in [
        "SELECT 1;\n\\! touch x\n",
        "SELECT 1 \\gexec",
        "COPY t FROM stdin;\n\\.\n",
        "SELECT 'open",
        "-- nothing",
    ] {
        let file = Temporary::new("refused.sql", script.as_bytes());
        let error = assertions::read(&file.0).unwrap_err();
        assert_eq!(error.class().exit_code(), 2, "{script}: {error}");
    }
    assert_eq!(assertions::read(&PathBuf::from("/nowhere/at/all")).unwrap_err().class().exit_code(), 2);
}
