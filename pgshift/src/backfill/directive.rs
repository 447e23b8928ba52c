//! `-- pgshift: backfill table=public.orders key=id batch=1000 pause=50ms`: that a script is a backfill, and of what.

use super::placeholder;
use crate::script::{Parsed, Statement, Words};
use common::cli::quantity;
use common::error::{Error, Result};
use common::sql::lexer::{self, Dialect, Kind};
use std::time::Duration;

/// What the directive begins with, behind the dashes.
const MARK: &str = "pgshift: backfill";

/// What stands in its place where it shall not count, of the same length.
const NO_MARK: &str = "once a backfill: ";

/// Rows of the first batch where the directive does not say it.
const ROWS: u64 = 1000;

/// What a script says of itself as a backfill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directive {
    /// The table, as it is written.
    pub(crate) table: String,
    /// The columns of the key; none for those of the primary key.
    pub(crate) key: Vec<String>,
    /// Rows of the first batch.
    pub(crate) batch: u64,
    /// How long to rest between two batches.
    pub(crate) pause: Duration,
}

impl Directive {
    /// The directive of a script, if it has one; fails when the script is no backfill all the same.
    pub(crate) fn of(script: &Parsed<'_>) -> Result<Option<Self>> {
        let text = script.script.text.as_slice();
        if mark(text).is_none() {
            return Ok(None);
        }
        let said: Vec<&str> = lexer::tokens(text, Dialect::default()).filter_map(said).collect();
        let wrong = |why: String| {
            let path = script.script.path.display();
            Error::usage(format!("{path}: {why}")).code_is("backfill")
        };
        match said.as_slice() {
            [] => Ok(None),
            [options] => {
                let directive = Self::parse(options).map_err(wrong)?;
                check(script).map_err(wrong)?;
                Ok(Some(directive))
            }
            _ => Err(wrong("it has more than one backfill directive".to_owned())),
        }
    }

    /// The settings that the script makes first, and the statement.
    pub(crate) fn parts<'s>(script: &'s Parsed<'_>) -> Option<(&'s Statement, &'s [Statement])> {
        script.statements.split_last()
    }

    fn parse(options: &str) -> std::result::Result<Self, String> {
        let mut directive =
            Self { table: String::new(), key: Vec::new(), batch: ROWS, pause: Duration::ZERO };
        for option in split(options, char::is_whitespace) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            match name {
                "table" if is_name(value) => value.clone_into(&mut directive.table),
                "key" => {
                    let columns = split(value, |character| character == ',').into_iter().map(column);
                    let columns: Option<Vec<String>> = columns.collect();
                    let columns = columns.filter(|columns| !columns.is_empty());
                    directive.key = columns.ok_or_else(|| format!("key={value} names no columns"))?;
                }
                "batch" => {
                    let rows = value.parse().ok().filter(|rows| *rows > 0);
                    directive.batch = rows.ok_or_else(|| format!("batch={value} is no number of rows"))?;
                }
                "pause" => {
                    let pause = quantity::duration(value);
                    directive.pause = pause.map_err(|why| format!("pause={value}: {why}"))?;
                }
                _ => return Err(format!("a backfill has no option {option}")),
            }
        }
        if directive.table.is_empty() {
            return Err("the backfill names no table: table=schema.name".to_owned());
        }
        Ok(directive)
    }
}

/// A script as one that is run at once, if it is a backfill: for who reads it, and for an empty database. All keeps its place.
pub(crate) fn plain(script: &[u8]) -> Vec<u8> {
    let Some(first) = mark(script) else { return script.to_vec() };
    let mut plain = placeholder::readable(script);
    let mut next = Some(first);
    while let Some(at) = next {
        if let Some(bytes) = plain.get_mut(at..at + MARK.len()) {
            bytes.copy_from_slice(NO_MARK.as_bytes());
        }
        next = mark(&plain);
    }
    plain
}

/// Where the mark is first.
fn mark(text: &[u8]) -> Option<usize> {
    text.windows(MARK.len()).position(|part| part == MARK.as_bytes())
}

/// What a comment says behind the mark.
fn said((kind, token): (Kind, &[u8])) -> Option<&str> {
    if kind != Kind::Comment {
        return None;
    }
    let comment = std::str::from_utf8(token).ok()?.strip_prefix("--")?.trim();
    comment.strip_prefix(MARK).filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// Whether the script is settings and one statement with a place for the batch.
fn check(script: &Parsed<'_>) -> std::result::Result<(), String> {
    let Some((statement, before)) = Directive::parts(script) else {
        return Err("the backfill has no statement".to_owned());
    };
    if let Some(other) = before.iter().find(|other| !is_setting(script, other)) {
        let (line, head) = (other.line, script.head(other));
        return Err(format!("line {line}: a backfill is one statement, and what is set before it: {head}"));
    }
    let words = Words::first(script.text(statement), 1);
    if !["update", "delete", "insert", "with", "merge"].iter().any(|word| words.is(0, word)) {
        let head = script.head(statement);
        return Err(format!("line {}: a backfill is an UPDATE, DELETE or INSERT: {head}", statement.line));
    }
    if placeholder::count(script.text(statement)) == 0 {
        return Err(format!(
            "line {}: the statement does not say where the batch belongs: WHERE … AND :batch",
            statement.line
        ));
    }
    Ok(())
}

fn is_setting(script: &Parsed<'_>, statement: &Statement) -> bool {
    let words = Words::first(script.text(statement), 4);
    statement.class.setting
        || (words.is(0, "select") && words.name(1).is_some_and(|(name, _)| name == "pg_catalog.set_config"))
}

/// Parts between separators that are outside of double quotes; none of them is empty.
fn split(text: &str, is_separator: impl Fn(char) -> bool) -> Vec<&str> {
    let mut quoted = false;
    let parts = text.split(|character: char| {
        quoted ^= character == '"';
        !quoted && is_separator(character)
    });
    parts.filter(|part| !part.is_empty()).collect()
}

fn is_name(text: &str) -> bool {
    let words = Words::of(text.as_bytes());
    words.name(0).is_some_and(|(name, end)| name == text && end == words.len())
}

/// The name of a column, as the server stores it.
fn column(written: &str) -> Option<String> {
    if !is_name(written) {
        return None;
    }
    match written.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(quoted) => Some(quoted.replace("\"\"", "\"")),
        None => (!written.contains('.')).then(|| written.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_is_run_at_once_has_no_mark_and_no_placeholder() {
        assert_eq!(
            plain(b"-- pgshift: backfill table=t\nDELETE FROM t WHERE :batch"),
            b"-- once a backfill:  table=t\nDELETE FROM t WHERE (1<2) "
        );
        assert_eq!(plain(b"SELECT :batch"), b"SELECT :batch");
    }

    #[test]
    fn options_are_read_and_what_is_wrong_is_told() {
        let directive =
            Directive::parse(r#" table=public."Or ders" key=id,"L n" batch=50 pause=10ms"#).unwrap();
        assert_eq!(directive.table, r#"public."Or ders""#);
        assert_eq!(directive.key, ["id", "L n"]);
        assert_eq!((directive.batch, directive.pause), (50, Duration::from_millis(10)));
        for wrong in
            ["", "table=", "table=a;b", "table=t batch=0", "table=t pause=x", "table=t key=", "table=t x=1"]
        {
            Directive::parse(wrong).unwrap_err();
        }
    }
}
