//! `pgshift plan`: what apply would run, in order.

use super::sight;
use crate::apply::{self, Step};
use crate::cli::Plan;
use crate::records::{ShiftResult, StatementRecord};
use crate::state::{Entry, State};
use common::cli::Session;
use common::error::Result;

pub(crate) fn run(session: &Session<ShiftResult>, args: &Plan) -> Result<()> {
    let migrations = sight::migrations(session, &args.place)?;
    let history = sight::history(&sight::target(session, &args.place)?, &args.place)?;
    let state = State::of(&migrations, &history)?;
    let end = match &args.to {
        Some(version) => sight::index_of(&state, version)? + 1,
        None => state.entries.len(),
    };
    let mut records = Vec::new();
    for entry in state.entries.iter().take(end).filter(|entry| entry.is_due()) {
        for warning in &entry.parsed.warnings {
            session.warn(warning);
        }
        statements(entry, &mut records)?;
    }
    session.emit_all(&records);
    sight::tell(session, &state);
    Ok(())
}

fn statements(entry: &Entry<'_>, records: &mut Vec<StatementRecord>) -> Result<()> {
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
        records.extend(due.map(|statement| {
            StatementRecord::planned(entry.migration, &entry.parsed, statement, transaction)
        }));
    }
    Ok(())
}
