//! `pgshift revert`: takes migrations back by their down scripts, the last one first.

use super::{mirror, sight, work};
use crate::backfill::Directive;
use crate::cli::Revert;
use crate::history::{Author, History};
use crate::records::{MigrationRecord, ShiftResult};
use crate::script::{self, Parsed};
use crate::source::MigrationKind;
use crate::state::{ConflictKind, Entry, Phase, State};
use common::cli::Session;
use common::error::{Class, Error, Result};
use std::time::Instant;

pub(crate) fn run(session: &Session<ShiftResult>, args: &Revert) -> Result<()> {
    if args.django.is_meant(&args.place.migrations) {
        return super::django::revert(session, args);
    }
    if let Some(app) = &args.app {
        let message = format!("revert takes {app} of a Django project only, and none is here");
        return Err(
            Error::usage(message).hint("name it with --django path/to/manage.py, or a version with --to")
        );
    }
    let migrations = sight::migrations(session, &args.place)?;
    let target = sight::target(session, &args.place)?;
    let mut held = work::Held::open(session, &target, &args.waiting)?;
    let history = History::new(&args.place.history_schema);
    let rows = history.read(&mut held.holder)?;
    let state = State::of(&migrations, &rows)?;
    let wanted = wanted(&state, args)?;
    let downs = wanted.iter().map(|entry| down(entry)).collect::<Result<Vec<_>>>()?;
    let nobody =
        Author { host: String::new(), run: String::new(), gate: String::new(), snapshot: None, store: None };
    session.result().reverted = Some(0);
    if args.dry_run {
        session.emit_all(&wanted.iter().map(|entry| MigrationRecord::of(entry)).collect::<Vec<_>>());
        return Ok(());
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let history = mirror::beside(history, &mut held.holder, &state, &args.place.migrations.dir)?;
    work::run(session, held, &history, nobody, &args.waiting, |apply, worker| {
        for (entry, down) in wanted.iter().zip(&downs) {
            let begun = Instant::now();
            apply.revert(worker, entry, down)?;
            session.emit(&MigrationRecord::done(
                entry.migration,
                down,
                "reverted",
                begun.elapsed().as_secs_f64(),
            ));
            let mut result = session.result();
            result.reverted = result.reverted.map(|count| count + 1);
        }
        Ok(())
    })
}

/// What is to be taken back, the last one first.
fn wanted<'s, 'a>(state: &'s State<'a>, args: &Revert) -> Result<Vec<&'s Entry<'a>>> {
    let from = match args.to.as_deref() {
        None | Some("0") => 0,
        Some(version) => sight::index_of(state, version)? + 1,
    };
    let count = if args.to.is_none() { 1 } else { usize::MAX };
    let applied = state.entries.iter().skip(from).rev().filter(|entry| {
        entry.migration.kind == MigrationKind::Versioned
            && matches!(entry.phase, Phase::Applied | Phase::Partial | Phase::Reverting)
    });
    let gone = state.conflicts.iter().find(|conflict| conflict.kind == ConflictKind::Vanished);
    if let Some(gone) = gone {
        return Err(gone.error());
    }
    let wanted: Vec<_> = applied.take(count).collect();
    if let Some(partial) = wanted.iter().find(|entry| entry.phase == Phase::Partial) {
        let what = format!("version {} is half applied", partial.migration.version);
        return Err(Error::new(Class::Dirty, "half_applied", what)
            .hint("apply it to its end first, or take its statements back by hand"));
    }
    Ok(wanted)
}

fn down<'a>(entry: &Entry<'a>) -> Result<Parsed<'a>> {
    let migration = entry.migration;
    let Some(down) = &migration.down else {
        let what =
            format!("version {} ({}) has no down script", migration.version, migration.up.path.display());
        let error = Error::new(Class::No, "no_down", what);
        let snapshot = entry.row.and_then(|row| Some((row.snapshot.as_ref()?, row.store.as_ref())));
        return Err(match snapshot {
            Some((snapshot, store)) => {
                let store = store.map(|store| format!(" --store {store}")).unwrap_or_default();
                error
                    .cause(format!("snapshot {snapshot} was proved before it was applied"))
                    .hint(format!("pgsnap restore {snapshot}{store}"))
            }
            None => error
                .cause("no snapshot was proved before it was applied")
                .hint("write what takes it back as a new migration"),
        });
    };
    let parsed = script::parse(down)?;
    Directive::of(&parsed)?;
    Ok(parsed)
}
