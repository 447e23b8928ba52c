//! The same work with a trace of it: one statement at a time, and a look after each.

use super::transaction::{Part, Transaction, copy};
use super::worker::{Failure, Worker, committed};
use crate::records::ShiftResult;
use crate::script::Parsed;
use crate::source::Migration;
use crate::trace::{Margin, Trace};
use common::cli;
use common::error::Result;
use common::pg::session::Session;

impl Worker<'_> {
    /// What it does is traced from now on.
    pub(crate) fn begin_trace(&mut self, margin: Margin) -> Result<()> {
        let pid = self.session.query_one("SELECT pg_catalog.pg_backend_pid()")?.number(0)?;
        self.trace = Some(Trace::open(&mut self.session, pid, margin)?);
        Ok(())
    }

    /// Tells of the last transaction, or of the last statement outside of one.
    pub(super) fn tell_trace(
        &mut self,
        session: &cli::Session<ShiftResult>,
        migration: &Migration,
        script: &Parsed<'_>,
    ) {
        if let Some(trace) = &mut self.trace {
            trace.tell(session, migration, script);
        }
    }

    /// Tells what the trace comes to, if there is one.
    pub(crate) fn end_trace(&mut self, session: &cli::Session<ShiftResult>) -> Result<()> {
        self.trace.take().map_or(Ok(()), |trace| trace.end(session))
    }

    /// Runs the statement with this number outside of any transaction.
    pub(super) fn run_alone(&mut self, (number, text): (u32, &[u8])) -> Result<()> {
        let run = |session: &mut Session| run(session, text).map(drop);
        match &mut self.trace {
            Some(trace) => trace.alone(&mut self.session, number, run),
            None => run(&mut self.session),
        }
    }
}

impl Transaction<'_> {
    /// Sends each part by itself.
    pub(super) fn send_traced(
        &self,
        session: &mut Session,
        trace: &mut Trace,
        parts: &[Part<'_>],
    ) -> std::result::Result<(), Failure> {
        trace.begin(session).map_err(|error| Failure { index: 0, error })?;
        let mut tag = String::new();
        for (index, part) in parts.iter().enumerate() {
            let statement = part.statement.and_then(|index| self.statements.get(index));
            let run_it = |session: &mut Session| match self.rows(part) {
                Some(rows) => copy(session, &part.sql, rows).map(|()| String::new()),
                None => run(session, &part.sql),
            };
            let sent = match statement {
                Some(statement) => trace.statement(session, (statement.number, &part.sql), run_it),
                None => trace.other(session, run_it),
            };
            tag = sent.map_err(|error| Failure { index, error })?;
        }
        committed(&tag).map_err(|error| Failure { index: parts.len(), error })
    }
}

fn run(session: &mut Session, text: &[u8]) -> Result<String> {
    session.run_all(&[text]).map_err(|broken| broken.error)
}
