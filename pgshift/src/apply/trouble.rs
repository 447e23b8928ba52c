//! A server's error in terms of the file: where, in which statement, and what can be done.

use crate::script::{Parsed, Place, Statement, at, offset_of};
use common::error::{Error, ServerError};

/// The error of `statement`; of the end of the transaction when there is none.
pub(super) fn explain(script: &Parsed<'_>, statement: Option<&Statement>, error: Error) -> Error {
    // What stopped us is not the statement's fault.
    if matches!(error.code(), "interrupted" | "lock_lost") {
        return error;
    }
    let error = censored(script, error);
    let Some(statement) = statement else {
        return error.context(format!("{}: cannot commit what it did", script.script.path.display()));
    };
    let text = script.text(statement);
    let position = error.server_error().and_then(|server| server.position);
    let place = position.map_or_else(
        || script.place(statement),
        |position| {
            let (line, column) = at(text, offset_of(text, position), (statement.line, statement.column));
            Place { path: &script.script.path, line, column }
        },
    );
    let what = format!("{place}: {}", script.head(statement));
    let context = error.server_error().and_then(|server| server.context.clone());
    let advice = advice(&error);
    let error = error.context(what);
    let error = context.into_iter().fold(error, Error::cause);
    match (error.advice(), advice) {
        (None, Some(advice)) => error.hint(advice),
        _ => error,
    }
}

/// The server may repeat what it was given.
fn censored(script: &Parsed<'_>, error: Error) -> Error {
    let Some(server) = error.server_error().filter(|_| !script.script.secret.is_empty()) else {
        return error;
    };
    let hide = |words: &Option<String>| words.as_deref().map(|words| script.censored(words));
    Error::server(ServerError {
        message: script.censored(&server.message),
        detail: hide(&server.detail),
        hint: hide(&server.hint),
        context: hide(&server.context),
        ..server.clone()
    })
}

fn advice(error: &Error) -> Option<&'static str> {
    match error.sqlstate()? {
        "25001" | "2D000" => Some("mark the file as one that runs without a transaction"),
        "55P04" => Some("use the new value in a later migration: it counts after the commit only"),
        "55006" => Some("do what changes rows and what changes the table in two migrations"),
        "53100" => Some("make room on the server's disk and run it again"),
        "42501" => Some("apply as a role that may"),
        _ => None,
    }
}
