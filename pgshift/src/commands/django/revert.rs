//! `pgshift revert APP MIGRATION` of a Django project: takes back all of the app behind that migration, and what depends on it.
//!
//! What cannot be taken back is found before anything is.

use super::{sight, work};
use crate::cli::Revert;
use crate::django::{self, Back, Entry, Facts, Journal, Loss, Order, Run, Said, WEAK};
use crate::history::Direction;
use crate::lock::Watch;
use crate::records::{LossRecord, ShiftResult};
use common::cli::{Session, human};
use common::error::{Class, Error, Result};
use common::name::ident;
use common::pg::session::Session as Connection;

pub(crate) fn run(session: &Session<ShiftResult>, args: &Revert) -> Result<()> {
    let to = match (&args.app, &args.migration, &args.to) {
        (Some(app), Some(migration), None) => format!("{app}.{migration}"),
        (None, None, Some(to)) if to.contains('.') => to.clone(),
        _ => {
            return Err(Error::usage("say what shall stay: pgshift revert APP MIGRATION")
                .hint("`pgshift revert APP zero` takes all of an app back"));
        }
    };
    let project = django::open(session, &args.django, &sight::options(&args.place), false)?;
    let journal = Journal::new(&args.place.history_schema);
    let watch = Watch::new(args.waiting.lock_timeout);
    let (mut holder, mut run) =
        work::open(session, &args.waiting, project.helper, &project.target, (&journal, &watch))?;
    let told = sight::told(&mut run.helper, None, false)?;
    let facts = Facts::of(told, &journal.read(&mut run.side)?);
    let plan = match run.ask(&Order::Backwards { to: &to })? {
        Said::Backwards { plan } => plan,
        other => {
            return Err(Error::failed("helper", format!("the helper does not say what goes: {other:?}")));
        }
    };
    session.result().reverted = Some(0);
    let wanted = wanted(&facts, &plan)?;
    tell(session, &mut run, &facts, &plan)?;
    if args.dry_run {
        session.emit_all(&wanted.iter().map(|entry| entry.record()).collect::<Vec<_>>());
        return Ok(());
    }
    if wanted.is_empty() {
        return Ok(());
    }
    sight::check_system(&mut run.helper)?;
    journal.create(&mut holder)?;
    work::watched(session, holder, &args.waiting, &watch, || {
        let mut run = run;
        let keys: Vec<_> = wanted.iter().map(|entry| entry.migration.key()).collect();
        run.ask(&Order::Prepare {
            migrations: &keys,
            unsaid: &[],
            backwards: true,
            weak: &WEAK,
            trace: false,
        })?;
        for entry in &wanted {
            work::one(&mut run, &args.waiting, entry, Direction::Down)?;
        }
        run.ask(&Order::Finish).map(drop)
    })
}

/// What is taken back, the last one first; fails when one of them cannot be.
fn wanted<'f>(facts: &'f Facts, plan: &[Back]) -> Result<Vec<&'f Entry>> {
    let find = |back: &Back| facts.entries.iter().find(|entry| entry.migration.key() == back.migration);
    let wanted: Vec<&Entry> = plan.iter().filter_map(find).collect();
    if let Some(half) =
        wanted.iter().find(|entry| entry.row.as_ref().is_some_and(|row| row.state == "partial"))
    {
        return Err(Error::new(
            Class::Dirty,
            "half_applied",
            format!("{} is half applied", half.migration.version()),
        )
        .hint("apply it to its end first"));
    }
    let irreversible = plan.iter().find_map(|back| Some((back, back.irreversible.first()?)));
    if let Some((back, what)) = irreversible {
        let message =
            format!("{}.{} cannot be taken back: {what} has no way back", back.migration.0, back.migration.1);
        let error = Error::new(Class::No, "irreversible", message).cause("nothing was taken back");
        return Err(match snapshot(&wanted) {
            Some(snapshot) => error.cause("a snapshot was proved before it was applied").hint(snapshot),
            None => {
                error.hint("give the operation a way back, or write what takes it back as a new migration")
            }
        });
    }
    Ok(wanted)
}

/// How to restore what the gate recorded before the first of these.
fn snapshot(wanted: &[&Entry]) -> Option<String> {
    let row =
        wanted.iter().rev().find_map(|entry| entry.row.as_ref().filter(|row| row.snapshot.is_some()))?;
    let store = row.store.as_ref().map(|store| format!(" --store {store}")).unwrap_or_default();
    Some(format!("pgsnap restore {}{store}", row.snapshot.as_ref()?))
}

/// Says what goes, before it goes.
fn tell(session: &Session<ShiftResult>, run: &mut Run<'_>, facts: &Facts, plan: &[Back]) -> Result<()> {
    let mut records = Vec::new();
    for back in plan {
        let version = format!("{}.{}", back.migration.0, back.migration.1);
        for Loss { table, column, what } in &back.losses {
            let rows = match table {
                Some(table) => rows(&mut run.side, table, column.as_deref())?,
                None => None,
            };
            records.push(LossRecord {
                version: version.clone(),
                table: table.clone(),
                column: column.clone(),
                rows,
                operation: what.clone(),
            });
        }
    }
    session.emit_all(&records);
    let lost: u64 = records.iter().filter_map(|record| record.rows).sum();
    if lost > 0 {
        session.note(&format!("with this go the values of {}", human::plural(lost, "row")));
    }
    let wanted: Vec<&Entry> = facts
        .entries
        .iter()
        .filter(|entry| plan.iter().any(|back| back.migration == entry.migration.key()))
        .collect();
    if let Some(snapshot) = snapshot(&wanted) {
        session.note(&format!("what was there before is in a snapshot: {snapshot}"));
    }
    Ok(())
}

/// Rows that would go; none where the table is not there, or another schema's.
fn rows(side: &mut Connection, table: &str, column: Option<&str>) -> Result<Option<u64>> {
    // Django quotes a name unless it is quoted already.
    let name = if table.starts_with('"') { table.to_owned() } else { ident(table) };
    let what = column.map_or("*".to_owned(), ident);
    match side.query_one(&format!("SELECT pg_catalog.count({what}) FROM {name}")) {
        Ok(row) => row.number(0).map(Some),
        Err(error) if matches!(error.sqlstate(), Some("42P01" | "42703")) => Ok(None),
        Err(error) => Err(error),
    }
}
