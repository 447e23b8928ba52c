//! Statements by which a dump reaches programs and files of this machine: refused before they are sent.
//!
//! This keeps out what stands plainly in a dump. It is no prison: a dump is restored by a superuser of the private
//! cluster, and a function in it may put such a statement together from pieces.

use crate::error::{Error, Result};
use crate::sql::lexer::{Dialect, Kind, is, tokens};
use std::borrow::Cow;

/// Functions that reach files or the server's configuration, in the server and in its own extensions.
const FUNCTIONS: &[&str] = &[
    "lo_import",
    "lo_export",
    "pg_read_file",
    "pg_read_binary_file",
    "pg_read_file_all",
    "pg_ls_dir",
    "pg_stat_file",
    "pg_file_write",
    "pg_file_rename",
    "pg_file_unlink",
    "pg_reload_conf",
    "pg_rotate_logfile",
];

/// Languages whose functions run outside of the server's rules.
const LANGUAGES: &[&str] = &[
    "c",
    "internal",
    "plpythonu",
    "plpython2u",
    "plpython3u",
    "plperlu",
    "pltclu",
    "plsh",
    "pljavau",
    "plr",
];

/// Fails when `statement` is one that a dump of strangers is not let run.
pub(super) fn check(statement: &[u8], line: u64, dialect: Dialect) -> Result<()> {
    let Some(why) = danger(statement, dialect) else { return Ok(()) };
    Err(Error::refused("unsafe_statement", format!("line {line} of the dump is not run: {why}"))
        .hint("if you know where the dump comes from, --trust runs it"))
}

fn danger(statement: &[u8], dialect: Dialect) -> Option<String> {
    let parts = tokens(statement, dialect).filter(|(kind, _)| !matches!(kind, Kind::Space | Kind::Comment));
    let mut first = [""; 2].map(String::from);
    let mut before = Cow::Borrowed("");
    let mut depth = 0_usize;
    for (index, (kind, token)) in parts.enumerate() {
        let word: Cow<'_, str> = match kind {
            Kind::Word => String::from_utf8_lossy(token).to_lowercase().into(),
            Kind::Quoted => String::from_utf8_lossy(token).trim_matches('"').to_owned().into(),
            Kind::String => {
                if let Some(why) = string(&first, &before, depth, token) {
                    return Some(why);
                }
                "'".into()
            }
            Kind::Open => {
                depth += 1;
                "(".into()
            }
            Kind::Close => {
                depth = depth.saturating_sub(1);
                ")".into()
            }
            _ => "".into(),
        };
        if let Some(slot) = first.get_mut(index) {
            word.as_ref().clone_into(slot);
        }
        if matches!(kind, Kind::Word | Kind::Quoted)
            && let Some(why) = named(&first, &before, depth, &word)
        {
            return Some(why);
        }
        before = word;
    }
    None
}

fn named(first: &[String; 2], before: &str, depth: usize, word: &str) -> Option<String> {
    let [one, two] = [first[0].as_str(), first[1].as_str()];
    let copies = one == "copy" && depth == 0 && (before == "from" || before == "to");
    if copies && word == "program" {
        return Some("COPY … PROGRAM runs a program".to_owned());
    }
    // Whom a function is granted to is no call of it.
    let spoken_of = ["grant", "revoke", "comment", "security"].contains(&one);
    if FUNCTIONS.contains(&word) && !spoken_of {
        return Some(format!("{word} reaches files"));
    }
    if one == "load" && word == "load" {
        return Some("LOAD loads a library into the server".to_owned());
    }
    if one == "alter" && two == "system" && word == "system" {
        return Some("ALTER SYSTEM changes the server's configuration".to_owned());
    }
    if (one == "create" || one == "do") && before == "language" && LANGUAGES.contains(&word) {
        return Some(format!("code in the language {word} can do everything that the server can"));
    }
    None
}

fn string(first: &[String; 2], before: &str, depth: usize, token: &[u8]) -> Option<String> {
    let one = first[0].as_str();
    if one == "copy" && depth == 0 && (before == "from" || before == "to") {
        return Some("COPY reads or writes a file of the server".to_owned());
    }
    if one != "create" && one != "do" {
        return None;
    }
    let text = String::from_utf8_lossy(token).to_lowercase();
    let text = text.trim_matches('\'');
    if (one == "create" || one == "do") && before == "language" && LANGUAGES.contains(&text) {
        return Some(format!("code in the language {text} can do everything that the server can"));
    }
    // The body of a function, or a statement that is put together. Rows are not looked at.
    let code = one == "do" || (one == "create" && (before == "as" || before == "'"));
    if code && FUNCTIONS.iter().any(|name| text.contains(name)) {
        return Some("its code reaches files".to_owned());
    }
    if code && text.contains("program") && text.contains("copy") {
        return Some("its code may run a program by COPY".to_owned());
    }
    None
}

/// Whether `statement` begins with these words.
pub(super) fn begins(statement: &[u8], words: &[&str], dialect: Dialect) -> bool {
    let mut tokens =
        tokens(statement, dialect).filter(|(kind, _)| !matches!(kind, Kind::Space | Kind::Comment));
    words.iter().all(|word| tokens.next().is_some_and(|(kind, token)| kind == Kind::Word && is(token, word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(statement: &str) -> bool {
        check(statement.as_bytes(), 1, Dialect::default()).is_err()
    }

    #[test]
    fn what_reaches_out_of_the_server_is_refused() {
        for statement in [
            "COPY t FROM PROGRAM 'touch x'",
            "copy (select 1) to /* */ program 'sh'",
            "COPY t TO '/tmp/x'",
            "COPY t (a, \"b\") FROM E'/etc/passwd'",
            "SELECT lo_import('/etc/passwd')",
            "SELECT pg_catalog.\"pg_read_file\"('x')",
            "LOAD 'x'",
            "ALTER SYSTEM SET a = 1",
            "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'x', 'y'",
            "CREATE OR REPLACE FUNCTION f() RETURNS int AS 'x' LANGUAGE 'plpython3u'",
            "CREATE FUNCTION f() RETURNS int LANGUAGE \"plperlu\" AS ''",
            "DO LANGUAGE plpython3u $$ import os $$",
            "DO $$ BEGIN EXECUTE 'copy t from program ''x'''; END $$",
            "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT pg_read_file('x') $$",
        ] {
            assert!(refused(statement), "{statement}");
        }
    }

    #[test]
    fn what_only_speaks_of_it_is_not() {
        for statement in [
            "COPY program FROM stdin",
            "COPY t (program, lo) FROM stdin WITH (DELIMITER ',')",
            "INSERT INTO t VALUES ('COPY t FROM PROGRAM ''x''; pg_read_file')",
            "CREATE TABLE program (c text DEFAULT 'c', load int)",
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$",
            "COMMENT ON TABLE t IS 'lo_import'",
            "ALTER TABLE system ADD a int",
            "GRANT ALL ON FUNCTION pg_catalog.pg_read_file(text) TO alice",
        ] {
            assert!(!refused(statement), "{statement}");
        }
    }
}
