//! The traces of a rehearsal, found again by version and statement.

use crate::records::{ShiftResult, TraceRecord, WindowRecord};
use crate::script::{self, Parsed, Statement};
use common::cli::Session;
use common::error::{Error, Result};
use common::pg::catalog;
use common::pg::session::Session as Connection;
use common::records::{Line, Record as _, Warning};
use serde::Deserialize;
use std::collections::{HashMap, VecDeque};

/// What a rehearsal measured.
#[derive(Debug)]
pub(crate) struct Measured {
    /// By version and fingerprint, in the order in which they ran.
    traces: HashMap<(String, String), VecDeque<TraceRecord>>,
    /// Where those statements are that it did not measure.
    missing: Vec<String>,
    /// What the rehearsed database is, or is a copy of.
    of: Place,
}

/// A database: what is known of its cluster, and its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Place {
    system_identifier: Option<String>,
    database: Option<String>,
}

impl Measured {
    /// Reads the records on stdin; they have to be those of a rehearsal that succeeded.
    pub(crate) fn read(session: &Session<ShiftResult>) -> Result<Self> {
        let upstream = session.upstream()?;
        upstream.succeeded()?;
        let mut traces: HashMap<_, VecDeque<TraceRecord>> = HashMap::new();
        for trace in upstream.all::<TraceRecord>("pgshift", TraceRecord::TYPE)? {
            traces.entry((trace.version.clone(), trace.fingerprint.clone())).or_default().push_back(trace);
        }
        if traces.is_empty() {
            return Err(Error::refused("no_rehearsal", "the records on stdin hold no trace of a rehearsal")
                .hint("pgverify restore SNAPSHOT -- pgshift apply --trace … | pgshift plan - …"));
        }
        // The copy of pgverify has a cluster of its own: what it is a copy of is in pgverify's result.
        let copied = upstream.last("pgverify", "result").map(Line::decode::<Place>).transpose()?;
        let measured = upstream.last("pgshift", WindowRecord::TYPE).map(Line::decode::<Place>).transpose()?;
        let of = copied.filter(|place| place.database.is_some()).or(measured).unwrap_or_default();
        Ok(Self { traces, missing: Vec::new(), of })
    }

    /// Warns when another database than this one was rehearsed.
    pub(crate) fn warn_of_another(
        &self,
        session: &Session<ShiftResult>,
        connection: &mut Connection,
    ) -> Result<()> {
        let Place { system_identifier, database: Some(rehearsed) } = &self.of else { return Ok(()) };
        let database = connection.target().database().to_owned();
        let system = catalog::system(connection)?.0;
        if *rehearsed == database && system_identifier.as_ref().is_none_or(|cluster| *cluster == system) {
            return Ok(());
        }
        let of = |system: &str, database: &str| format!("database {database:?} of cluster {system}");
        let message = format!(
            "what was rehearsed is {}, and this is {}: rows, sizes and times may be others",
            of(system_identifier.as_deref().unwrap_or("unknown"), rehearsed),
            of(&system, &database)
        );
        session.warn(&Warning::new("other_database", message));
        Ok(())
    }

    /// What was measured of a statement. One that is there twice was measured twice.
    pub(crate) fn take(
        &mut self,
        version: &str,
        script: &Parsed<'_>,
        statement: &Statement,
    ) -> Option<TraceRecord> {
        let key = (version.to_owned(), script::of_statement(script, statement));
        let trace = self.traces.get_mut(&key).and_then(VecDeque::pop_front);
        if trace.is_none() {
            self.missing.push(script.place(statement).to_string());
        }
        trace
    }

    /// All that was measured of a migration whose statements are known only by their having run, in order.
    pub(crate) fn all(&mut self, version: &str) -> Vec<TraceRecord> {
        let of = self.traces.iter_mut().filter(|((of, _), _)| of == version);
        let mut all: Vec<TraceRecord> = of.flat_map(|(_, traces)| traces.drain(..)).collect();
        all.sort_by_key(|trace| trace.statement);
        all
    }

    /// Tells what was not measured.
    pub(crate) fn tell(&self, session: &Session<ShiftResult>) {
        for place in &self.missing {
            let message = "the rehearsal did not measure this statement: its costs are assumed";
            session.warn(&Warning::new("not_measured", message).object(place));
        }
    }
}
