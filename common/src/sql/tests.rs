//! Scripts that are easily cut wrongly.

use super::Encoding;
use super::lexer::Dialect;
use super::split::{Event, Splitter};
use crate::error::{Error, Result};
use std::io::BufReader;

/// The events of a script, readable; read `step` bytes at a time.
fn cut_by(script: &[u8], dialect: Dialect, step: usize) -> Result<Vec<String>> {
    let mut splitter = Splitter::new(BufReader::with_capacity(step, script));
    splitter.set_dialect(dialect);
    let mut events = Vec::new();
    let mut rows = Vec::new();
    loop {
        match splitter.event()? {
            Event::Statement(statement) => {
                events.push(String::from_utf8_lossy(statement.text).into_owned());
                if !statement.ended {
                    events.push("(not ended)".into());
                }
            }
            Event::CopyData(more) => rows.extend_from_slice(more),
            Event::CopyEnd => {
                events.push(format!("rows {:?}", String::from_utf8_lossy(&std::mem::take(&mut rows))));
            }
            Event::Meta(meta) => {
                let inside = if meta.inside { "inside " } else { "" };
                events.push(format!("{inside}meta {}", String::from_utf8_lossy(meta.text)));
            }
            Event::End(_) => return Ok(events),
        }
    }
}

fn cut_in(script: &[u8], dialect: Dialect) -> Vec<String> {
    let whole = cut_by(script, dialect, 1 << 20).unwrap();
    for step in [1, 2, 3, 5, 7] {
        assert_eq!(cut_by(script, dialect, step).unwrap(), whole, "{step} bytes at a time");
    }
    whole
}

fn cut(script: &str) -> Vec<String> {
    cut_in(script.as_bytes(), Dialect::default())
}

fn fails(script: &str) -> Error {
    let error = cut_by(script.as_bytes(), Dialect::default(), 1 << 20).unwrap_err();
    for step in [1, 2, 3] {
        let again = cut_by(script.as_bytes(), Dialect::default(), step).unwrap_err();
        assert_eq!(again.to_string(), error.to_string());
    }
    error
}

const ESCAPES: Dialect = Dialect { standard_strings: false, encoding: Encoding::Plain };

#[test]
fn semicolons_part_statements_but_not_in_quotes() {
    assert_eq!(cut("a; b ;;\n ; c"), ["a", "b", "c", "(not ended)"]);
    assert_eq!(cut("SELECT ';', \";\", $$;$$, $x$;$$;$x$;b;"), ["SELECT ';', \";\", $$;$$, $x$;$$;$x$", "b"]);
    assert_eq!(cut("'it''s;' ; \"a\"\";\"; b;"), ["'it''s;'", "\"a\"\";\"", "b"]);
    assert_eq!(cut(" \n\t "), Vec::<String>::new());
    assert_eq!(cut(""), Vec::<String>::new());
    assert_eq!(cut(";;"), Vec::<String>::new());
}

#[test]
fn backslashes_escape_where_the_server_says_so() {
    assert_eq!(cut("SELECT '\\'; b;"), ["SELECT '\\'", "b"]);
    assert_eq!(cut_in(b"SELECT '\\';'; b;", ESCAPES), ["SELECT '\\';'", "b"]);
    assert_eq!(cut("SELECT E'\\';', e'\\\\'; b;"), ["SELECT E'\\';', e'\\\\'", "b"]);
    assert_eq!(cut("SELECT U&'\\'; b;"), ["SELECT U&'\\'", "b"]);
    assert_eq!(
        cut_in(b"SELECT U&'d\\0061', B'1', X'F\\'; b;", ESCAPES),
        ["SELECT U&'d\\0061', B'1', X'F\\'", "b"]
    );
    assert_eq!(cut("SELECT U&\"a;\\\"\"\", u&\";\"; b;"), ["SELECT U&\"a;\\\"\"\", u&\";\"", "b"]);
    assert_eq!(cut("SELECT nameE'\\'; b;"), ["SELECT nameE'\\'", "b"]);
    assert_eq!(cut("SELECT N'\\'; b;"), ["SELECT N'\\'", "b"]);
    assert_eq!(cut("SELECT u & 'x;', U; b;"), ["SELECT u & 'x;', U", "b"]);
}

#[test]
fn a_string_goes_on_behind_the_end_of_a_line() {
    assert_eq!(cut("SELECT E'a'\n  '\\';'; b;"), ["SELECT E'a'\n  '\\';'", "b"]);
    assert_eq!(cut("SELECT E'a' -- ;\n '\\';'; b;"), ["SELECT E'a' -- ;\n '\\';'", "b"]);
    assert_eq!(cut("SELECT E'a' '\\'; b;"), ["SELECT E'a' '\\'", "b"]);
    assert_eq!(cut("SELECT E'a'\n/* */ '\\'; b;"), ["SELECT E'a'\n/* */ '\\'", "b"]);
}

#[test]
fn dollars_quote_only_where_a_word_does_not_hold_them() {
    assert_eq!(cut("SELECT a$b$;c$b$;"), ["SELECT a$b$", "c$b$"]);
    assert_eq!(cut("SELECT $1, $2;$3;"), ["SELECT $1, $2", "$3"]);
    assert_eq!(cut("SELECT $a$ $b$ ; $ $a $$ $A$ ; $a$; b;"), ["SELECT $a$ $b$ ; $ $a $$ $A$ ; $a$", "b"]);
    assert_eq!(cut("SELECT $Zoë_1$;$Zoë_1$; b;"), ["SELECT $Zoë_1$;$Zoë_1$", "b"]);
    assert_eq!(cut("SELECT $a$b$a$;$1a$;"), ["SELECT $a$b$a$", "$1a$"]);
    assert_eq!(cut("SELECT 1$$;$$; b;"), ["SELECT 1$$;$$", "b"]);
}

#[test]
fn comments_nest_and_begin_in_operators() {
    assert_eq!(cut("/* a /* ; */ ; */ SELECT 1 /*;*/ ; -- ;'\nb;"), ["SELECT 1", "b"]);
    assert_eq!(cut("SELECT 1 +-- ;'\n2;"), ["SELECT 1 +-- ;'\n2"]);
    assert_eq!(cut("SELECT 2 */* ; */ 3; b;"), ["SELECT 2 */* ; */ 3", "b"]);
    assert_eq!(cut("/**/a;/***/b;/*/**/*/c;"), ["a", "b", "c"]);
    assert_eq!(cut("a -- without end"), ["a", "(not ended)"]);
    assert_eq!(cut("-- only a comment"), Vec::<String>::new());
    assert_eq!(cut("a;\r-- old Mac ;\rb;\r\n"), ["a", "b"]);
}

#[test]
fn parentheses_and_function_bodies_hold_statements_together() {
    let rule = "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b)";
    assert_eq!(cut(&format!("{rule};b;")), [rule, "b"]);
    let body = "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; \
                SELECT (CASE 1 WHEN 1 THEN 2 END); END";
    assert_eq!(cut(&format!("{body};b;")), [body, "b"]);
    let procedure = "create procedure p(\"end\" int) begin atomic; values (1); end";
    assert_eq!(cut(&format!("{procedure};b;")), [procedure, "b"]);
    assert_eq!(
        cut("CREATE FUNCTION s.begin() RETURNS int AS 'x'; b;"),
        ["CREATE FUNCTION s.begin() RETURNS int AS 'x'", "b"]
    );
    assert_eq!(
        cut("BEGIN; SELECT CASE WHEN a THEN b END; END;"),
        ["BEGIN", "SELECT CASE WHEN a THEN b END", "END"]
    );
    assert_eq!(cut("BEGIN ATOMIC; END;"), ["BEGIN ATOMIC", "END"]);
    let schema = "CREATE SCHEMA s CREATE TABLE t (a int) CREATE VIEW v AS SELECT 1 GRANT ALL ON t TO a";
    assert_eq!(cut(&format!("{schema};b;")), [schema, "b"]);
    assert_eq!(cut("SELECT ')';); b;"), ["SELECT ')'", ")", "b"]);
}

#[test]
fn rows_follow_copy_until_the_line_that_ends_them() {
    assert_eq!(
        cut("COPY t FROM stdin;\n1;'\\.\n\\.x\n\\.\nb;"),
        ["COPY t FROM stdin", "rows \"1;'\\\\.\\n\\\\.x\\n\"", "b"]
    );
    assert_eq!(cut("COPY t (\"from\", a) FROM STDIN WITH (FORMAT csv);  -- why\n\\.\nb;").len(), 3);
    assert_eq!(
        cut("copy s.from from stdout;\r\n1\r\n\\.\r\nb;"),
        ["copy s.from from stdout", "rows \"1\\r\\n\"", "b"]
    );
    assert_eq!(
        cut("COPY t FROM stdin;\n\\! touch x\n\\.\n"),
        ["COPY t FROM stdin", "rows \"\\\\! touch x\\n\""]
    );
    assert_eq!(cut("COPY t FROM stdin;\n\\."), ["COPY t FROM stdin", "rows \"\""]);
    for other in [
        "COPY t TO stdout",
        "COPY t FROM 'stdin'",
        "COPY (SELECT a FROM stdin) TO 'x'",
        "SELECT 1 FROM stdin",
    ] {
        assert_eq!(cut(&format!("{other};b;")), [other, "b"]);
    }
}

#[test]
fn a_script_that_was_cut_off_is_an_error_that_names_the_line() {
    for (script, line) in [
        ("a;\nSELECT 'x;\n", 2),
        ("SELECT \"x;", 1),
        ("\n\n$a$ $b$", 3),
        ("/* /* */", 1),
        ("SELECT E'\\'", 1),
        ("SELECT '''", 1),
        ("COPY t FROM stdin;\n1\n2\n", 4),
        ("COPY t FROM stdin;\n1\n\\", 3),
        ("COPY t FROM stdin;", 1),
        ("COPY t FROM stdin", 1),
    ] {
        let error = fails(script);
        assert_eq!(error.code(), "truncated", "{script:?}: {error}");
        assert!(error.to_string().ends_with(&format!("line {line}")), "{script:?}: {error}");
    }
    assert_eq!(fails("COPY t FROM stdin; SELECT 1;\n\\.\n").code(), "not_understood");
}

#[test]
fn commands_of_psql_are_told_wherever_they_stand() {
    assert_eq!(cut("\\! touch x\na;"), ["meta \\! touch x", "a"]);
    assert_eq!(cut("SELECT 'rm' \\gexec\nb;"), ["inside meta \\gexec", "b"]);
    assert_eq!(cut("SELECT (\\g |sh\n1);").first().map(String::as_str), Some("inside meta \\g |sh"));
    assert_eq!(cut("a \\; b;").first().map(String::as_str), Some("inside meta \\; b;"));
    assert_eq!(cut("SELECT '\\!', $$\\!$$, \"\\!\" /* \\! */ -- \\!\n;"), ["SELECT '\\!', $$\\!$$, \"\\!\""]);
    assert_eq!(cut("\\."), ["meta \\."]);
}

#[test]
fn a_quote_may_be_half_a_character() {
    // 0x83 0x5C and 0x83 0x5D are one character each; alone, 0x5C would be a backslash.
    let sjis = Dialect { standard_strings: false, encoding: Encoding::named("SJIS") };
    assert_eq!(cut_in(b"SELECT '\x83\\'; b;", sjis).len(), 2);
    assert_eq!(cut_in(b"SELECT '\xB1\\';'; b;", sjis).len(), 2);
    assert_eq!(cut_in(b"SELECT \x83\\ ; b;", sjis).len(), 2);
    let gb18030 = Dialect { standard_strings: true, encoding: Encoding::named("gb18030") };
    assert_eq!(cut_in(b"SELECT $a$\x81\x30\x81\x30\x81\x5C;$a$; b;", gb18030).len(), 2);
    assert_eq!(Encoding::named("Win-936"), Encoding::Double);
    assert_eq!(Encoding::named("LATIN1"), Encoding::Plain);
    assert_eq!(cut_in(b"SELECT 'caf\xe9;'; b\xff;", Dialect::default()).len(), 2);
}

#[test]
fn a_statement_knows_its_place_and_what_stands_before_it() {
    let script = b"\xEF\xBB\xBF-- one\n\nSELECT\n1;\n-- two\nSELECT 2; -- the end\n";
    let mut splitter = Splitter::new(&script[..]);
    let Event::Statement(first) = splitter.event().unwrap() else { panic!("no statement") };
    assert_eq!(
        (first.text, first.lead, first.line, first.offset),
        (&b"SELECT\n1"[..], &b"-- one\n\n"[..], 3, 11)
    );
    let Event::Statement(second) = splitter.event().unwrap() else { panic!("no statement") };
    assert_eq!((second.line, second.lead), (6, &b"\n-- two\n"[..]));
    assert_eq!(splitter.event().unwrap(), Event::End(b" -- the end\n"));
}

#[test]
fn a_large_statement_is_read_and_its_memory_given_back() {
    let long = "x".repeat(6 << 20);
    let script = format!("SELECT '{long}';{}", "SELECT 1;".repeat(1 << 20));
    let mut splitter = Splitter::new(BufReader::new(script.as_bytes()));
    let Event::Statement(first) = splitter.event().unwrap() else { panic!("no statement") };
    assert_eq!(first.text.len(), long.len() + 9);
    while !matches!(splitter.event().unwrap(), Event::End(_)) {}
    assert!(splitter.memory() < 4 << 20, "{}", splitter.memory());
}
