//! The session that changes the database. What a script sets does not outlive it.

use crate::lock::Watch;
use crate::trace::Trace;
use common::error::{Error, Result, ServerError};
use common::name::{ident, literal};
use common::pg::session::Session;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

/// What a script may have left behind, except locks: one of them is ours.
const RESET: &str = "SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL; CLOSE ALL; UNLISTEN *; \
                     DEALLOCATE ALL; DISCARD TEMP; DISCARD SEQUENCES";

/// The session that changes the database.
pub(crate) struct Worker<'a> {
    pub(super) session: Session,
    pub(super) watch: &'a Watch,
    /// What is looked at, in a rehearsal.
    pub(super) trace: Option<Trace>,
    role: String,
}

/// Why statements were not all run.
#[derive(Debug)]
pub(super) struct Failure {
    /// The index of the one that failed.
    pub(super) index: usize,
    /// Why.
    pub(super) error: Error,
}

impl<'a> Worker<'a> {
    /// Takes `session`, which nobody has used yet; notices go to `notices`.
    pub(crate) fn new(
        mut session: Session,
        watch: &'a Watch,
        notices: SyncSender<ServerError>,
    ) -> Result<Self> {
        let row =
            session.query_one("SELECT pg_catalog.pg_backend_pid(), pg_catalog.current_setting('role')")?;
        let canceller = session.canceller();
        // What fails is tried again at the next look.
        watch.over(row.number(0)?, Arc::new(move || drop(canceller.cancel())));
        let role = match row.text(1) {
            "" | "none" => "NONE".to_owned(),
            role => ident(role),
        };
        session.listen(move |notice| {
            // Nobody hears it any more: the run is over.
            let _ = notices.send(notice);
        });
        Ok(Self { session, watch, trace: None, role })
    }

    /// Makes the session as it was at its beginning.
    pub(super) fn reset(&mut self) -> Result<()> {
        self.session.execute(RESET)
    }

    /// What makes the transaction ours again, whoever the script became; the script's role is back after it.
    pub(super) fn as_ourselves(&self) -> [String; 2] {
        ["SET LOCAL SESSION AUTHORIZATION DEFAULT".to_owned(), format!("SET LOCAL ROLE {}", self.role)]
    }

    /// Writes to the history, in a transaction of its own.
    pub(super) fn write_down(&mut self, statements: &[String]) -> Result<()> {
        let ourselves = self.as_ourselves();
        let mut all: Vec<&[u8]> = vec![b"BEGIN"];
        all.extend(ourselves.iter().chain(statements).map(String::as_bytes));
        all.push(b"COMMIT");
        let written = self.session.run_all(&all).map_err(|broken| {
            let error = broken.error;
            if error.server_error().is_some() {
                // What failed inside of the transaction leaves it open.
                let _ = self.session.execute("ROLLBACK");
            }
            error.context("cannot write the history")
        })?;
        committed(&written)
    }

    /// Does `work` with no limit on the time that it waits for locks; then the limit is what it was.
    pub(super) fn without_lock_timeout(&mut self, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let before = self.session.query_one("SHOW lock_timeout")?.text(0).to_owned();
        self.session.execute("SET lock_timeout = 0")?;
        let done = work(self);
        let restored = self.session.execute(&format!("SET lock_timeout = {}", literal(&before)));
        // Why it failed says more than that the session could not be used any more after that.
        done.and(restored)
    }
}

/// A COMMIT that says ROLLBACK was none.
pub(super) fn committed(tag: &str) -> Result<()> {
    if tag == "COMMIT" {
        return Ok(());
    }
    Err(Error::failed("not_committed", format!("the server answered COMMIT with {tag}")))
}
