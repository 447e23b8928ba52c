//! What is said of a rehearsal: records for programs, a few lines for people.

use super::Trace;
use super::span::{Hold, Others, Span};
use super::totals::{Summary, names};
use crate::records::{LockRecord, ShiftResult, StatementRecord, TraceRecord};
use crate::script::{self, Parsed};
use crate::source::Migration;
use common::cli::{Session, human};
use common::error::{Class, Result};
use common::records::Warning;

/// How many tables are named to people.
const TABLES: usize = 5;

impl Trace {
    /// Tells of what ran last and was committed.
    pub(crate) fn tell(
        &mut self,
        session: &Session<ShiftResult>,
        migration: &Migration,
        script: &Parsed<'_>,
    ) {
        self.tell_of(session, |number, sampled| {
            let statement = script.statements.iter().find(|one| one.number == number)?;
            let record = StatementRecord::planned(migration, script, statement, !sampled);
            Some((record, script::of_statement(script, statement)))
        });
    }

    /// The same, of statements that `named` knows by their numbers: what they are, and by what they are recognised again.
    pub(crate) fn tell_of(
        &mut self,
        session: &Session<ShiftResult>,
        named: impl Fn(u32, bool) -> Option<(StatementRecord, String)>,
    ) {
        let span = std::mem::take(&mut self.span);
        let mut shown = Vec::new();
        for (index, step) in span.steps.iter().enumerate() {
            let Some((record, fingerprint)) = step.statement.and_then(|number| named(number, span.sampled))
            else {
                continue;
            };
            session.emit(&trace(&span, index, &record, fingerprint));
            let taken = span.holds.iter().filter(|hold| hold.from == index);
            let locks: Vec<LockRecord> = taken.map(|hold| lock(&span, hold, &record)).collect();
            session.emit_all(&locks);
            shown.push(record);
        }
        self.totals.add(&span, &shown);
    }

    /// Tells what all of it comes to. Fails when something was not seen.
    pub(crate) fn end(self, session: &Session<ShiftResult>) -> Result<()> {
        let Self { observer, totals, margin, wal_is_less, place, failure, .. } = self;
        if let Some(failure) = failure.or(observer.finish().err()) {
            return Err(failure
                .context("everything was applied, and the trace of it is not whole")
                .class_is(Class::Failed)
                .code_is("trace_incomplete"));
        }
        let mut summary = totals.summary(margin, wal_is_less);
        (summary.window.system_identifier, summary.window.database) = (place.0, Some(place.1));
        if wal_is_less && summary.window.statements > 0 {
            let message = "less WAL is counted than a server with replicas and backups would write: \
                           wal_level is minimal here, or full_page_writes is off";
            session.warn(&Warning::new("wal_is_less", message));
        }
        session.emit_all(&summary.outages);
        session.emit_all(&summary.worst);
        session.emit(&summary.window);
        people(session, &summary);
        Ok(())
    }
}

fn trace(span: &Span, index: usize, of: &StatementRecord, fingerprint: String) -> TraceRecord {
    let taken: Vec<&Hold> = span.holds.iter().filter(|hold| hold.from == index).collect();
    let tables = |others: Others| {
        let blocking = taken.iter().filter(|hold| others.wait_for(hold.mode));
        let mut tables: Vec<u32> = blocking.map(|hold| span.relations.table_of(hold.relation)).collect();
        tables.sort_unstable();
        tables.dedup();
        names(span, &tables)
    };
    let seconds = |others: Others| {
        let blocking = taken.iter().filter(|hold| others.wait_for(hold.mode));
        blocking.map(|hold| span.held(hold)).fold(0.0, f64::max)
    };
    let step = span.steps.get(index).cloned().unwrap_or_default();
    let lock = |hold: &&Hold| format!("{} on {}", hold.mode, span.relations.name(hold.relation));
    TraceRecord {
        version: of.version.clone(),
        statement: of.statement,
        file: of.file.clone(),
        line: of.line,
        sql: of.sql.clone(),
        operation: of.operation.clone(),
        fingerprint,
        transaction: of.transaction,
        sampled: span.sampled,
        seconds: step.seconds,
        waited_seconds: step.waited,
        locks: taken.iter().map(lock).collect(),
        blocks_reads: tables(Others::Read),
        blocks_writes: tables(Others::Write),
        reads_blocked_seconds: seconds(Others::Read),
        writes_blocked_seconds: seconds(Others::Write),
        rewrites: names(span, &step.rewritten),
        scans: (!span.sampled).then(|| names(span, &step.scanned)),
        wal_bytes: step.wal,
    }
}

fn lock(span: &Span, hold: &Hold, of: &StatementRecord) -> LockRecord {
    let relations = &span.relations;
    let table = relations.table_of(hold.relation);
    LockRecord {
        version: of.version.clone(),
        statement: of.statement,
        mode: hold.mode.to_string(),
        object: relations.name(hold.relation),
        kind: relations.kind(hold.relation).to_owned(),
        table: (table != hold.relation).then(|| relations.name(table)),
        seconds: span.held(hold),
        blocks_reads: hold.mode.blocks_reads(),
        blocks_writes: hold.mode.blocks_writes(),
        dropped: hold.dropped,
        sampled: span.sampled,
    }
}

fn people(session: &Session<ShiftResult>, summary: &Summary) {
    let window = &summary.window;
    if window.statements == 0 {
        return session.note("nothing was pending, so that nothing was measured");
    }
    session.note(&format!(
        "window: {}, with a margin of {:.0} %: {} were measured, some table could not be written for {}, read for {}",
        human::seconds(window.estimate_seconds),
        window.margin * 100.0,
        human::seconds(window.seconds),
        human::seconds(window.writes_blocked_seconds),
        human::seconds(window.reads_blocked_seconds),
    ));
    for outage in summary.outages.iter().take(TABLES) {
        session.note(&format!(
            "  {}: no writes for {}, no reads for {}",
            outage.table,
            human::seconds(outage.writes_seconds),
            human::seconds(outage.reads_seconds)
        ));
    }
    let more = summary.outages.len().saturating_sub(TABLES);
    if more > 0 {
        session.note(&format!("  and {}", human::plural(more as u64, "more table")));
    }
    for worst in &summary.worst {
        let blocked = match (worst.blocks_reads.as_slice(), worst.blocks_writes.as_slice()) {
            ([], []) if worst.sampled => "nobody was seen to be blocked".to_owned(),
            ([], []) => "blocks nobody".to_owned(),
            ([], writes) => format!("nobody writes {}", writes.join(", ")),
            (reads, _) => format!("nobody reads {}", reads.join(", ")),
        };
        session.note(&format!(
            "worst {}: {}:{}: {}, {blocked}",
            worst.rank,
            worst.file,
            worst.line,
            human::seconds(worst.seconds)
        ));
    }
}
