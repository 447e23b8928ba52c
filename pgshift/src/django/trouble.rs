//! What goes wrong inside of the project, as an error: what failed, where in the project, and the way out.

use super::messages::{Failed, Failure, Migration, Server};
use common::error::{Class, Error, ServerError};

/// How much of a statement an error shows, in characters.
const HEAD: usize = 80;

/// Why a migration did not run to its end.
pub(crate) struct Trouble {
    /// What is told.
    pub(crate) error: Error,
    /// Whether it may work at another try.
    pub(crate) passes: bool,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self { error, passes: false }
    }
}

/// What the helper refuses.
pub(super) fn refused(code: &str, message: String, causes: Vec<String>, hint: Option<String>) -> Error {
    let error = match code {
        "usage" | "no_manage" | "no_alias" => Error::usage(message),
        "overlap" => Error::new(Class::Conflict, "overlap", message),
        "no_django" => Error::failed("no_django", message),
        "old_django" => Error::failed("old_django", message),
        "not_postgresql" => Error::failed("not_postgresql", message),
        "circular" => Error::new(Class::Conflict, "circular", message),
        "system_check" => Error::failed("system_check", message),
        "squash_differs" => Error::failed("squash_differs", message),
        "bad_graph" => Error::new(Class::Conflict, "bad_graph", message),
        _ => Error::failed("project", message),
    };
    let error = causes.into_iter().fold(error, Error::cause);
    hint.into_iter().fold(error, Error::hint)
}

/// An exception outside of any migration.
pub(super) fn plain(failure: &Failure) -> Error {
    let error = match &failure.server {
        Some(server) => Error::server(server.into()),
        None if failure.lost => lost().cause(failure.message.clone()),
        None => {
            Error::failed(if failure.memory { "out_of_memory" } else { "project" }, failure.message.clone())
        }
    };
    failure.places.iter().fold(error, |error, place| error.cause(place.clone()))
}

/// The helper's session has ended.
pub(super) fn lost() -> Error {
    Error::new(Class::Interrupted, "connection_lost", "the connection to the server was lost")
        .hint("run it again: it goes on where it was")
}

/// An exception in a migration.
pub(super) fn in_migration(migration: &Migration, failed: &Failed) -> Trouble {
    let Failed { failure, operation, statement, stays } = failed;
    let passes =
        failure.server.as_ref().is_some_and(|server| matches!(server.sqlstate.as_str(), "55P03" | "40P01"));
    let at = operation.and_then(|index| migration.operations.get(index));
    let mut place = match at {
        Some(operation) => format!("{}:{}: {}", migration.path, operation.line, operation.text),
        None => migration.path.clone(),
    };
    if let Some(statement) = statement {
        place = format!("{place}: {}", head(statement));
    }
    let mut error = plain(failure).context(place);
    if let Some(context) = failure.server.as_ref().and_then(|server| server.context.clone()) {
        error = error.cause(context);
    }
    if *stays {
        let error = error
            .class_is(Class::Dirty)
            .code_is("committed_itself")
            .cause("it has ended its transaction by itself: what it did before that stays done")
            .hint("take that back by hand, or make it a migration with `atomic = False`, whose steps are written down");
        return Trouble { error, passes: false };
    }
    let advice = match (&failure.server, failure.memory) {
        (_, true) => Some(
            "it takes more rows into memory than there is room for: go along the table with .iterator() or in batches",
        ),
        (Some(server), _) if error.advice().is_none() => advice(&server.sqlstate, migration.atomic),
        _ => None,
    };
    if failure.memory {
        error = error.code_is("out_of_memory");
    }
    Trouble { error: advice.into_iter().fold(error, Error::hint), passes }
}

/// The beginning of a statement on one line.
pub(super) fn head(statement: &str) -> String {
    let shown = crate::script::shown(statement.as_bytes());
    let words: Vec<&str> = shown.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(HEAD) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line,
    }
}

fn advice(sqlstate: &str, atomic: bool) -> Option<&'static str> {
    match sqlstate {
        "25001" if atomic => Some("give the migration `atomic = False`"),
        "55006" => Some("do what changes rows and what changes the table in two migrations"),
        "53100" => Some("make room on the server's disk and run it again"),
        "42501" => Some("apply as a role that may"),
        _ => None,
    }
}

impl From<&Server> for ServerError {
    fn from(server: &Server) -> Self {
        let Server { sqlstate, message, detail, hint, context } = server.clone();
        Self {
            severity: "ERROR".to_owned(),
            sqlstate,
            message: message.unwrap_or_default(),
            detail,
            hint,
            context,
            position: None,
        }
    }
}
