//! `pgshift apply`: applies what is pending.

use super::{mirror, sight, work};
use crate::cli::Apply;
use crate::gate;
use crate::history::{Applied, History, Standing};
use crate::records::{MigrationRecord, ShiftResult};
use crate::source::Migration;
use crate::state::{ConflictKind, State};
use common::cli::Session;
use common::error::Result;
use common::pg::session::Session as Connection;
use std::time::Instant;

pub(crate) fn run(session: &Session<ShiftResult>, args: &Apply) -> Result<()> {
    if args.django.is_meant(&args.place.migrations) {
        return super::django::apply(session, args);
    }
    let upstream = args.gate.as_ref().map(|_| session.upstream()).transpose()?;
    let migrations = sight::migrations(session, &args.place)?;
    // What is wrong with the files is told before anybody is kept waiting.
    State::of(&migrations, &[])?;
    let target = sight::target(session, &args.place)?;
    let mut held = work::Held::open(session, &target, &args.waiting)?;
    let history = History::new(&args.place.history_schema);
    let rows = accepted(&mut held.holder, args, &history, &migrations)?;
    let state = State::of(&migrations, &rows)?;
    refuse_conflicts(session, args, &state)?;
    let end = match &args.to {
        Some(version) => sight::index_of(&state, version)? + 1,
        None => state.entries.len(),
    };
    let due: Vec<_> = state.entries.iter().take(end).filter(|entry| entry.is_due()).collect();
    let mut result = session.result();
    result.applied = Some(0);
    result.pending = Some(state.due() as u64);
    drop(result);
    if due.is_empty() && upstream.is_none() {
        return Ok(());
    }
    let asked = gate::Asked {
        upstream: upstream.as_ref(),
        open: args.no_gate,
        max_age: args.max_age,
        directory: &args.place.migrations.dir,
    };
    let passed = gate::pass(&mut held.holder, &asked, history.schema())?;
    if due.is_empty() {
        return Ok(());
    }
    history.create(&mut held.holder)?;
    let history = mirror::beside(history, &mut held.holder, &state, &args.place.migrations.dir)?;
    work::run(session, held, &history, passed.author(session), &args.waiting, |apply, worker| {
        if args.trace {
            worker.begin_trace(args.margin)?;
        }
        for entry in due {
            let begun = Instant::now();
            apply.apply(worker, entry)?;
            session.emit(&MigrationRecord::done(
                entry.migration,
                &entry.parsed,
                "applied",
                begun.elapsed().as_secs_f64(),
            ));
            let mut result = session.result();
            result.applied = result.applied.map(|count| count + 1);
            result.pending = result.pending.map(|count| count.saturating_sub(1));
        }
        worker.end_trace(session)
    })
}

/// The history, with what was accepted by the command line written down.
fn accepted(
    holder: &mut Connection,
    args: &Apply,
    history: &History,
    migrations: &[Migration],
) -> Result<Vec<Applied>> {
    let rows = history.read(holder)?;
    if args.accept.is_empty() {
        return Ok(rows);
    }
    let state = State::of(migrations, &rows)?;
    for conflict in state.conflicts.iter().filter(|conflict| args.accept.contains(&conflict.version)) {
        let entry = state
            .entries
            .iter()
            .find(|entry| entry.migration.kind == conflict.of && entry.migration.version == conflict.version);
        match (conflict.kind, entry) {
            (ConflictKind::Edited, Some(entry))
                if entry.row.is_some_and(|row| row.standing == Standing::Applied) =>
            {
                holder.execute(&history.accept(conflict.of, &conflict.version, &entry.checksum))?;
            }
            (ConflictKind::Vanished, _) => {
                holder.execute(&history.mark(conflict.of, &conflict.version, Standing::Retired))?;
            }
            _ => {}
        }
    }
    history.read(holder)
}

/// Nothing is applied on top of a contradiction; a half-applied migration is gone on with.
fn refuse_conflicts(session: &Session<ShiftResult>, args: &Apply, state: &State<'_>) -> Result<()> {
    let mut left = State { entries: Vec::new(), conflicts: state.conflicts.clone() };
    left.conflicts.retain(|conflict| match conflict.kind {
        ConflictKind::HalfApplied => false,
        ConflictKind::Late => !args.allow_late,
        _ => true,
    });
    match sight::worst(&left) {
        None => Ok(()),
        Some(error) => {
            sight::tell(session, state);
            Err(error)
        }
    }
}
