//! What is said of a statement: its record, its place, what is in doubt.

use super::Progress;
use crate::django::leave;
use crate::django::messages::{Repeated, Statement};
use crate::records::{RepeatedStatement, ShiftResult, StatementRecord};
use crate::script;
use crate::trace::Trace;
use common::cli::Session;
use common::error::{Class, Error};

pub(super) fn tell(trace: &mut Trace, session: &Session<ShiftResult>, traced: &[StatementRecord]) {
    trace.tell_of(session, |number, _| {
        let record = traced.iter().find(|record| record.statement == number)?.clone();
        let fingerprint = leave::hash(&record.sql);
        Some((record, fingerprint))
    });
}

pub(super) fn record_of(progress: &Progress<'_>, statement: &Statement, number: u32) -> StatementRecord {
    let migration = &progress.entry.migration;
    let begun = progress.operation.as_ref();
    let operation = begun.and_then(|begun| migration.operations.get(usize::try_from(begun.operation).ok()?));
    StatementRecord {
        version: progress.version.clone(),
        statement: number,
        file: migration.path.clone(),
        line: operation.map_or(1, |operation| operation.line),
        sql: script::shown(statement.sql.as_bytes()),
        operation: begun.map(|begun| begun.text.clone()),
        state: "done".to_owned(),
        transaction: statement.transaction,
        ..StatementRecord::default()
    }
}

pub(super) fn repeated(repeated: &Repeated) -> RepeatedStatement {
    RepeatedStatement { sql: repeated.sql.clone(), times: repeated.times, seconds: repeated.seconds }
}

/// Where it is, for people.
pub(super) fn place(progress: &Progress<'_>) -> String {
    let migration = &progress.entry.migration;
    match &progress.operation {
        Some(begun) => {
            let operation = migration.operations.get(usize::try_from(begun.operation).unwrap_or(usize::MAX));
            format!("{}:{}: {}", migration.path, operation.map_or(1, |operation| operation.line), begun.text)
        }
        None => migration.path.clone(),
    }
}

pub(super) fn in_doubt(progress: &Progress<'_>, what: &str) -> Error {
    let message =
        format!("{}: {what}: it was begun, and nothing tells whether it was done", progress.version);
    Error::new(Class::Dirty, "in_doubt", message)
        .hint("look whether it did its work, and say --resume done or --resume again")
}
