//! `pgshift plan`: what apply would run, in order.

use super::sight;
use crate::apply::{self, Step};
use crate::backfill;
use crate::cli::Plan;
use crate::effects;
use crate::facts::{self, Facts};
use crate::grammar;
use crate::records::{ShiftResult, StatementRecord};
use crate::state::{Entry, State};
use crate::trace::Measured;
use common::cli::Session;
use common::error::Result;
use common::pg::session::Session as Connection;

pub(crate) fn run(session: &Session<ShiftResult>, args: &Plan) -> Result<()> {
    if args.django.is_meant(&args.place.migrations) {
        return super::django::plan(session, args);
    }
    let mut measured = args.rehearsal.as_ref().map(|_| Measured::read(session)).transpose()?;
    let migrations = sight::migrations(session, &args.place)?;
    let history = sight::history(session, &args.place)?;
    let state = State::of(&migrations, &history)?;
    let end = match &args.to {
        Some(version) => sight::index_of(&state, version)? + 1,
        None => state.entries.len(),
    };
    let mut records = Vec::new();
    let mut connection = Connection::open(&sight::resolve(&args.place)?)?;
    if let Some(measured) = &measured {
        measured.warn_of_another(session, &mut connection)?;
    }
    let mut facts = Facts::from(facts::collect(&mut connection)?);
    for entry in due(&state, end) {
        for warning in &entry.parsed.warnings {
            session.warn(warning);
        }
        statements(entry, &mut facts, measured.as_mut(), &mut records)?;
        facts.end_of_file();
    }
    session.emit_all(&records);
    if let Some(measured) = &measured {
        measured.tell(session);
    }
    session.emit_all(&sight::backfills(&args.place, &due(&state, end))?);
    sight::tell(session, &state);
    Ok(())
}

/// Up to the entry number `end`.
fn due<'s, 'a>(state: &'s State<'a>, end: usize) -> Vec<&'s Entry<'a>> {
    state.entries.iter().take(end).filter(|entry| entry.is_due()).collect()
}

/// What is due of a migration. `facts` are what the database is like when it begins, and then when it has ended.
fn statements(
    entry: &Entry<'_>,
    facts: &mut Facts,
    mut measured: Option<&mut Measured>,
    records: &mut Vec<StatementRecord>,
) -> Result<()> {
    let done = entry.row.map_or(0, |row| row.done).min(if entry.phase == crate::state::Phase::Partial {
        u32::MAX
    } else {
        0
    });
    for step in apply::steps(&entry.parsed)? {
        let (statements, transaction) = match step {
            Step::Together { statements, .. } => (statements, true),
            Step::Alone(statement) => (std::slice::from_ref(statement), false),
        };
        let due = statements.iter().filter(|statement| statement.number > done);
        for statement in due {
            let record = StatementRecord::planned(entry.migration, &entry.parsed, statement, transaction);
            let read = match entry.backfill {
                Some(_) => {
                    let readable = backfill::readable(record.sql.as_bytes());
                    grammar::read(&String::from_utf8_lossy(&readable))
                }
                None => grammar::read(&record.sql),
            };
            let record = record.with(&effects::of(&read, facts));
            let version = &entry.migration.version;
            records.push(match &mut measured {
                Some(measured) => record.with_measured(measured.take(version, &entry.parsed, statement)),
                None => record,
            });
            facts.change(&read);
        }
    }
    Ok(())
}
