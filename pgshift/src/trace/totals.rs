//! What all of it comes to: how long each table would have been closed to others, and which statements did most of it.

use super::Margin;
use super::span::{Others, Span};
use crate::records::{OutageRecord, StatementRecord, WindowRecord, WorstRecord};
use std::collections::HashMap;

/// How many statements are told as the worst.
const WORST: usize = 3;

/// Sums over all that ran.
#[derive(Clone, Debug, Default)]
pub(super) struct Totals {
    tables: HashMap<u32, Table>,
    window: WindowRecord,
    worst: Vec<WorstRecord>,
}

#[derive(Clone, Debug, Default)]
struct Table {
    name: String,
    reads: f64,
    writes: f64,
}

/// The records of the end.
pub(super) struct Summary {
    pub(super) outages: Vec<OutageRecord>,
    pub(super) worst: Vec<WorstRecord>,
    pub(super) window: WindowRecord,
}

impl Totals {
    /// Adds what ran; `shown` are its statements.
    pub(super) fn add(&mut self, span: &Span, shown: &[StatementRecord]) {
        for table in span.tables(Others::Write) {
            let sum = self.tables.entry(table).or_default();
            if sum.name.is_empty() {
                sum.name = span.relations.name(table);
            }
            sum.reads += span.blocked(Others::Read, Some(table));
            sum.writes += span.blocked(Others::Write, Some(table));
        }
        let window = &mut self.window;
        window.reads_blocked_seconds += span.blocked(Others::Read, None);
        window.writes_blocked_seconds += span.blocked(Others::Write, None);
        for (index, step) in span.steps.iter().enumerate() {
            window.seconds += step.seconds;
            window.waited_seconds += step.waited;
            window.wal_bytes += step.wal;
            let statement =
                step.statement.and_then(|number| shown.iter().find(|one| one.statement == number));
            let Some(statement) = statement else { continue };
            window.statements += 1;
            window.sampled += u64::from(span.sampled);
            self.worst.push(WorstRecord {
                rank: 0,
                version: statement.version.clone(),
                statement: statement.statement,
                file: statement.file.clone(),
                line: statement.line,
                sql: statement.sql.clone(),
                seconds: step.seconds,
                reads_blocked_seconds: span.blocked_in(index, Others::Read, None),
                writes_blocked_seconds: span.blocked_in(index, Others::Write, None),
                blocks_reads: names(span, &span.tables_in(index, Others::Read)),
                blocks_writes: names(span, &span.tables_in(index, Others::Write)),
                sampled: span.sampled,
            });
        }
        self.worst.sort_by(|one, other| badness(other).total_cmp(&badness(one)));
        self.worst.truncate(WORST);
    }

    /// Adds time in which nothing was locked.
    pub(super) fn passed(&mut self, seconds: f64) {
        self.window.seconds += seconds;
    }

    /// What it comes to, with so much more for what is different elsewhere.
    pub(super) fn summary(self, Margin(margin): Margin, wal_is_less: bool) -> Summary {
        let more = 1.0 + margin;
        let mut outages: Vec<OutageRecord> =
            self.tables.into_values().map(|table| outage(table, more)).collect();
        outages.sort_by(|one, other| {
            other.writes_seconds.total_cmp(&one.writes_seconds).then_with(|| one.table.cmp(&other.table))
        });
        let mut worst = self.worst;
        for (rank, record) in (1..).zip(&mut worst) {
            record.rank = rank;
        }
        let window = WindowRecord {
            margin,
            estimate_seconds: self.window.seconds * more,
            reads_blocked_estimate_seconds: self.window.reads_blocked_seconds * more,
            writes_blocked_estimate_seconds: self.window.writes_blocked_seconds * more,
            wal_is_less,
            ..self.window
        };
        Summary { outages, worst, window }
    }
}

fn outage(table: Table, more: f64) -> OutageRecord {
    OutageRecord {
        table: table.name,
        reads_seconds: table.reads,
        writes_seconds: table.writes,
        reads_estimate_seconds: table.reads * more,
        writes_estimate_seconds: table.writes * more,
    }
}

/// Who blocks others is worse than who only takes long.
fn badness(worst: &WorstRecord) -> f64 {
    worst.reads_blocked_seconds + worst.writes_blocked_seconds + worst.seconds / 1000.0
}

/// What the relations are called.
pub(super) fn names(span: &Span, relations: &[u32]) -> Vec<String> {
    relations.iter().map(|oid| span.relations.name(*oid)).collect()
}
