//! `pgshift plan` of a Django project: operations and their SQL, in order, and plainly where that is not known before.

use super::{lint, sight};
use crate::cli::Plan;
use crate::commands::lint::records_of;
use crate::django::{Entry, Helper, Key, Order, Said, Sql};
use crate::effects;
use crate::facts::{self, Facts, Size};
use crate::grammar;
use crate::lint::{Choice, Linter, SMALL, Severity};
use crate::records::{ShiftResult, StatementRecord};
use crate::script;
use crate::trace::Measured;
use common::cli::Session;
use common::error::{Error, Result};
use common::pg::session::Session as Connection;

pub(crate) fn run(session: &Session<ShiftResult>, args: &Plan) -> Result<()> {
    let mut measured = args.rehearsal.as_ref().map(|_| Measured::read(session)).transpose()?;
    let look = (args.to.as_deref(), false);
    let (mut project, state, connection) = sight::look(session, &args.django, &args.place, look)?;
    drop(connection);
    let due = state.due();
    let keys: Vec<_> = due.iter().map(|entry| entry.migration.key()).collect();
    let mut facts = Facts::from(facts::collect(&mut Connection::open(&project.target)?)?);
    let small = Size { rows: Some(SMALL.0), bytes: Some(SMALL.1) };
    let mut linter = Linter::new(facts.clone(), Choice::new(&[], &[])?, small);
    let mut records = Vec::new();
    let told = match state.worst(|conflict| conflict.code == "leaves") {
        None => sql(&mut project.helper, &keys, false)?,
        Some(_) => Vec::new(),
    };
    for entry in &due {
        let key = entry.migration.key();
        let ran =
            measured.as_mut().map(|measured| measured.all(&entry.migration.version())).unwrap_or_default();
        if ran.is_empty() {
            let told: Vec<&Sql> = told.iter().filter(|sql| sql.migration == key).collect();
            let mut number = 0;
            for sql in &told {
                planned(entry, sql, &mut facts, &mut number, &mut records);
            }
            if told.is_empty() {
                silent(entry, &mut records);
            }
        } else {
            for trace in ran {
                let record = StatementRecord {
                    exact: Some(true),
                    operation: trace.operation.clone(),
                    statement: trace.statement,
                    transaction: trace.transaction,
                    ..plain(entry, trace.line, &trace.sql)
                };
                records.push(record.with_measured(Some(trace)));
            }
        }
        facts.end_of_file();
    }
    if measured.is_some() {
        for record in records.iter_mut().filter(|record| record.measured.is_none()) {
            record.measured = Some(false);
        }
    }
    session.emit_all(&records);
    if !told.is_empty() {
        lint::judge(&mut project.helper, (&due, false), &told, &mut linter, |path, mut verdict| {
            verdict.findings.retain(|finding| finding.severity > Severity::Note);
            session.emit_all(&records_of(path, verdict));
        })?;
    }
    sight::tell(session, &state);
    Ok(())
}

/// The SQL of these migrations, as far as it is known; with `all` also of those that ran.
pub(super) fn sql(helper: &mut Helper, keys: &[Key], all: bool) -> Result<Vec<Sql>> {
    let mut told = Vec::new();
    helper.order(&Order::Sql { migrations: keys, all })?;
    loop {
        match helper.hear()? {
            Said::Sql(sql) => told.push(sql),
            Said::SqlEnd => return Ok(told),
            Said::Failed(failed) => return Err(Error::failed("project", failed.failure.message)),
            other => {
                return Err(Error::failed("helper", format!("the helper does not say the SQL: {other:?}")));
            }
        }
    }
}

/// What an operation will run, as far as it is known.
fn planned(
    entry: &Entry,
    sql: &Sql,
    facts: &mut Facts,
    number: &mut u32,
    records: &mut Vec<StatementRecord>,
) {
    let operation = entry.migration.operations.get(sql.operation);
    let line = operation.map_or(1, |operation| operation.line);
    let text = operation.map(|operation| operation.text.clone());
    for statement in &sql.statements {
        *number += 1;
        let read = grammar::read(statement);
        let record = StatementRecord {
            statement: *number,
            operation: text.clone(),
            exact: Some(sql.doubt.is_none()),
            transaction: entry.migration.atomic,
            ..plain(entry, line, &script::shown(statement.as_bytes()))
        };
        let mut record = record.with(&effects::of(&read, facts));
        if let Some(doubt) = &sql.doubt {
            record.unknown = Some(doubt.clone());
        }
        records.push(record);
        facts.change(&read);
    }
    if let Some(opaque) = &sql.opaque {
        *number += 1;
        let kind = operation.map_or("", |operation| operation.kind.as_str());
        records.push(StatementRecord {
            statement: *number,
            operation: text.clone(),
            exact: Some(false),
            transaction: entry.migration.atomic,
            unknown: Some(opaque.clone()),
            ..plain(entry, line, &format!("-- {kind}: {}", text.unwrap_or_default()))
        });
    }
}

/// A migration without SQL: only Django's record of it is written.
fn silent(entry: &Entry, records: &mut Vec<StatementRecord>) {
    let operations = &entry.migration.operations;
    let none = operations.is_empty().then(|| plain(entry, 1, "-- no operations"));
    let all = operations.iter().map(|operation| StatementRecord {
        operation: Some(operation.text.clone()),
        ..plain(
            entry,
            operation.line,
            &format!("-- {}: {}, which runs nothing", operation.kind, operation.text),
        )
    });
    let numbered = none.into_iter().chain(all).zip(1..).map(|(record, statement)| StatementRecord {
        statement,
        exact: Some(true),
        transaction: entry.migration.atomic,
        ..record
    });
    records.extend(numbered);
}

fn plain(entry: &Entry, line: u64, sql: &str) -> StatementRecord {
    StatementRecord {
        version: entry.migration.version(),
        file: entry.migration.path.clone(),
        line,
        sql: sql.to_owned(),
        state: "planned".to_owned(),
        ..StatementRecord::default()
    }
}
