//! One error type: what failed, on which object, why, and the way out.
//!
//! An error is classed by what its reader can do; the class decides the exit code, in one place.
//! It never holds a password: whoever makes one from a connection names host, port, database and user only.

use std::fmt;

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What the reader of an error can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The honest "no": it differs, something is pending, a check is critical.
    No,
    /// A "no" that is told from others: files and history contradict each other.
    Conflict,
    /// A "no" that is told from others: what was applied is no longer what the files say.
    Drift,
    /// A "no" that is told from others: something was left half-way.
    Dirty,
    /// A "no" that is told from others: the history has what cannot have come yet.
    Inconsistent,
    /// The command line or the environment is wrong.
    Usage,
    /// It could not be done, or could not be told.
    Failed,
    /// What came before did not succeed, or a condition is not met.
    Refused,
    /// Stopped half-way by something passing; run it again and it goes on.
    Interrupted,
    /// Stopped by this signal.
    Signal(u8),
}

impl Class {
    /// The exit code, the same in all four tools.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::No => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::Refused => 4,
            Self::Interrupted => 5,
            Self::Conflict => 6,
            Self::Drift => 7,
            Self::Dirty => 8,
            Self::Inconsistent => 9,
            Self::Signal(number) => 128_u8.saturating_add(number),
        }
    }
}

/// What the server said, taken apart once.
///
/// Fields: <https://www.postgresql.org/docs/current/protocol-error-fields.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerError {
    /// `ERROR`, `FATAL`, `PANIC`: not localised.
    pub severity: String,
    /// The SQLSTATE.
    pub sqlstate: String,
    /// The primary message.
    pub message: String,
    /// `DETAIL`, when there is one.
    pub detail: Option<String>,
    /// `HINT`, when there is one.
    pub hint: Option<String>,
    /// `CONTEXT`, when there is one.
    pub context: Option<String>,
    /// One-based position, in characters, in the statement.
    pub position: Option<u32>,
}

/// What failed, why, and the way out.
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    class: Class,
    code: &'static str,
    message: String,
    causes: Vec<String>,
    hint: Option<String>,
    server: Option<ServerError>,
}

impl Error {
    /// An error of `class` with a stable `code` (snake case) for the records and a lowercase `message` without a full stop.
    pub fn new(class: Class, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Inner { class, code, message, causes: Vec::new(), hint: None, server: None }))
    }

    /// The command line or the environment is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Class::Usage, "usage", message)
    }

    /// It could not be done.
    pub fn failed(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Class::Failed, code, message)
    }

    /// A condition is not met.
    pub fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Class::Refused, code, message)
    }

    /// The operating system refused; `what` says what was tried and on what.
    pub fn io(what: impl Into<String>, source: &std::io::Error) -> Self {
        let error = Self::failed("io", what).cause(source.to_string());
        match source.kind() {
            std::io::ErrorKind::StorageFull => {
                error.code_is("disk_full").hint("free some space and run it again")
            }
            _ => error,
        }
    }

    /// The server answered with an error.
    pub fn server(server: ServerError) -> Self {
        let (class, code) = match server.sqlstate.as_str() {
            "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => (Class::Interrupted, "connection_lost"),
            "42501" => (Class::Failed, "permission_denied"),
            "53100" => (Class::Failed, "server_disk_full"),
            "57014" => (Class::Failed, "query_canceled"),
            "55P03" => (Class::Failed, "lock_not_available"),
            _ => (Class::Failed, "server_error"),
        };
        let mut error = Self::new(class, code, format!("{} ({})", server.message, server.sqlstate));
        if let Some(detail) = &server.detail {
            error.0.causes.push(detail.clone());
        }
        error.0.hint.clone_from(&server.hint);
        error.0.server = Some(server);
        error
    }

    /// Puts what was tried in front; what was said so far becomes its cause.
    #[must_use]
    pub fn context(mut self, what: impl Into<String>) -> Self {
        let cause = std::mem::replace(&mut self.0.message, what.into());
        self.0.causes.insert(0, cause);
        self
    }

    /// Adds a cause behind those that are there.
    #[must_use]
    pub fn cause(mut self, why: impl Into<String>) -> Self {
        self.0.causes.push(why.into());
        self
    }

    /// Says the way out, instead of what was said before.
    #[must_use]
    pub fn hint(mut self, advice: impl Into<String>) -> Self {
        self.0.hint = Some(advice.into());
        self
    }

    /// Gives it another stable code.
    #[must_use]
    pub fn code_is(mut self, code: &'static str) -> Self {
        self.0.code = code;
        self
    }

    /// Gives it another class.
    #[must_use]
    pub fn class_is(mut self, class: Class) -> Self {
        self.0.class = class;
        self
    }

    /// The same error in the midst of work with a server that answered before: that it can't be reached now is a
    /// connection that was lost.
    #[must_use]
    pub fn under_way(self) -> Self {
        if self.code() == "connection_failed" {
            return self.class_is(Class::Interrupted).code_is("connection_lost");
        }
        self
    }

    /// What the reader can do about it.
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// The stable code of the record.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The way out, when there is one.
    pub fn advice(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// What the server said, when it was the server.
    pub fn server_error(&self) -> Option<&ServerError> {
        self.0.server.as_ref()
    }

    /// The SQLSTATE, when the server said one.
    pub fn sqlstate(&self) -> Option<&str> {
        self.0.server.as_ref().map(|server| server.sqlstate.as_str())
    }
}

impl fmt::Display for Error {
    /// The message and its first cause on one line, further causes on lines of their own; no hint.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.message)?;
        for (index, cause) in self.0.causes.iter().enumerate() {
            out.write_str(if index == 0 { ": " } else { "\n  " })?;
            out.write_str(cause)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Says what was tried when something fails.
pub trait Context<T> {
    /// Puts `what` in front of the error.
    fn context(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Context<T> for Result<T> {
    fn context(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| error.context(what()))
    }
}

impl<T> Context<T> for std::io::Result<T> {
    fn context(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Error::io(what(), &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_what_failed_then_why_with_the_sqlstate() {
        let server = ServerError {
            sqlstate: "42501".into(),
            message: "permission denied for table orders".into(),
            ..ServerError::default()
        };
        let error = Error::server(server).context("cannot read table \"public\".\"orders\"");
        assert_eq!(
            error.to_string(),
            "cannot read table \"public\".\"orders\": permission denied for table orders (42501)"
        );
        assert_eq!((error.code(), error.class().exit_code()), ("permission_denied", 3));
    }
}
