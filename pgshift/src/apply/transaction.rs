//! Statements in one transaction, and what the history says of them: all or nothing.

use super::worker::{Failure, Worker, committed};
use crate::script::{Parsed, Statement};
use common::error::{Error, Result};
use common::pg::session::Session;
use std::borrow::Cow;
use std::time::Duration;

/// One transaction.
pub(super) struct Transaction<'a> {
    /// The migration's version.
    pub(super) version: &'a str,
    /// The script.
    pub(super) script: &'a Parsed<'a>,
    /// Its own BEGIN.
    pub(super) begin: Option<&'a Statement>,
    /// The statements.
    pub(super) statements: &'a [Statement],
    /// What is written to the history.
    pub(super) history: &'a [String],
    /// How long a statement may wait for a lock that others queue behind.
    pub(super) lock_timeout: Option<Duration>,
}

/// What is sent.
pub(super) struct Part<'a> {
    pub(super) sql: Cow<'a, [u8]>,
    /// The index of the statement that it is.
    pub(super) statement: Option<usize>,
}

impl Transaction<'_> {
    /// Runs it. When it fails, it was taken back; the index is the failing statement's, and none when it was the COMMIT.
    pub(super) fn run(&self, worker: &mut Worker<'_>) -> std::result::Result<(), (Option<usize>, Error)> {
        let parts = self.parts(worker);
        worker.watch.begin(self.version).map_err(|error| (None, error))?;
        let done = self.send(worker, &parts);
        let watched = worker.watch.end();
        done.map_err(|failure| {
            if failure.error.server_error().is_some() && failure.error.code() != "connection_lost" {
                // The session is good for another try only when this works; then that one says what is wrong.
                let _ = worker.session.execute("ROLLBACK");
            }
            let statement = parts.get(failure.index).and_then(|part| part.statement);
            // What was cancelled because the lock was lost has no better reason.
            (statement, watched.err().unwrap_or(failure.error))
        })
    }

    fn parts<'s>(&'s self, worker: &Worker<'_>) -> Vec<Part<'s>> {
        let ours = |sql: String| Part { sql: Cow::Owned(sql.into_bytes()), statement: None };
        let begin: &[u8] = self.begin.map_or(b"BEGIN", |begin| self.script.text(begin));
        let mut parts = vec![Part { sql: Cow::Borrowed(begin), statement: None }];
        let mut timeout = self.lock_timeout;
        for (index, statement) in self.statements.iter().enumerate() {
            if statement.class.own_timeout {
                timeout = None;
            }
            // From the first strong lock on everything has to be quick: others wait.
            if let (true, Some(limit)) = (statement.class.strong, timeout) {
                parts.push(ours(format!("SET LOCAL lock_timeout = {}", limit.as_millis())));
                timeout = None;
            }
            parts.push(Part { sql: Cow::Borrowed(self.script.text(statement)), statement: Some(index) });
        }
        if becomes_another(self.script) {
            parts.extend(worker.as_ourselves().into_iter().map(ours));
        }
        parts.extend(self.history.iter().cloned().map(ours));
        parts.push(ours("COMMIT".to_owned()));
        parts
    }

    /// Sends all that can be sent together, and each COPY by itself.
    fn send(&self, worker: &mut Worker<'_>, parts: &[Part<'_>]) -> std::result::Result<(), Failure> {
        if let Worker { session, trace: Some(trace), .. } = worker {
            return self.send_traced(session, trace, parts);
        }
        let mut from = 0;
        let mut tag = String::new();
        while from < parts.len() {
            let rest = parts.get(from..).unwrap_or_default();
            let together = rest.iter().position(|part| self.rows(part).is_some()).unwrap_or(rest.len());
            let texts: Vec<&[u8]> = rest.iter().take(together).map(|part| part.sql.as_ref()).collect();
            if !texts.is_empty() {
                let ran = worker.session.run_all(&texts);
                tag = ran.map_err(|broken| Failure { index: from + broken.done, error: broken.error })?;
            }
            from += together;
            if let Some((part, rows)) = parts.get(from).and_then(|part| Some((part, self.rows(part)?))) {
                copy(&mut worker.session, &part.sql, rows).map_err(|error| Failure { index: from, error })?;
                from += 1;
            }
        }
        committed(&tag).map_err(|error| Failure { index: parts.len(), error })
    }

    pub(super) fn rows(&self, part: &Part<'_>) -> Option<&[u8]> {
        self.script.rows(self.statements.get(part.statement?)?)
    }
}

pub(super) fn copy(session: &mut Session, sql: &[u8], rows: &[u8]) -> Result<()> {
    let mut copy = session.copy_in_bytes(sql)?;
    copy.write(rows)?;
    copy.finish().map(drop)
}

/// Whether the script may act as another role. A role that it creates makes no harm: the two statements are only sent for
/// nothing.
fn becomes_another(script: &Parsed<'_>) -> bool {
    let text = script.script.text.as_slice();
    let has = |word: &[u8]| text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    has(b"role") || has(b"authorization")
}
