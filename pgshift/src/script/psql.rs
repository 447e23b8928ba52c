//! psql's own commands in a script: those that change nothing are passed over, all others are errors.

use super::place::Place;
use common::error::{Error, Result};
use common::records::Warning;

/// What only sets how psql shows or takes things, or what pg_dump writes around its output.
const HARMLESS: [&str; 10] =
    ["restrict", "unrestrict", "echo", "qecho", "warn", "timing", "pset", "x", "a", "t"];

/// Variables that change how psql goes on, and nothing of what it sends.
const SETTINGS: [&str; 6] =
    ["ON_ERROR_STOP", "VERBOSITY", "QUIET", "ECHO", "ON_ERROR_ROLLBACK", "SHOW_CONTEXT"];

/// Passes the command over, with a warning; or says why it can't.
pub(super) fn pass_over(command: &[u8], place: &Place<'_>, inside: bool) -> Result<Warning> {
    let text = String::from_utf8_lossy(command);
    let text = text.trim();
    let mut words = text.trim_start_matches('\\').split_whitespace();
    let name = words.next().unwrap_or_default();
    let harmless = match name {
        "set" => words.next().is_some_and(|variable| SETTINGS.contains(&variable)),
        _ => HARMLESS.contains(&name),
    };
    if !harmless || inside {
        return Err(Error::usage(format!(
            "{place}: \\{name} is a command of psql's, and nothing runs it here"
        ))
        .code_is("psql_command")
        .hint("write it as SQL, or leave it out"));
    }
    Ok(Warning::new("psql_command", format!("\\{name} is a command of psql's and was passed over"))
        .object(place))
}
