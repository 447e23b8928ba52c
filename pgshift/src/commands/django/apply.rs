//! `pgshift apply` of a Django project: migration by migration through Django's executor.

use super::{sight, work};
use crate::cli::Apply;
use crate::django::{self, Entry, Facts, Journal, Order, Run, SIGNAL, WEAK};
use crate::gate;
use crate::history::{Author, Direction};
use crate::lock::Watch;
use crate::records::ShiftResult;
use crate::trace::Trace;
use common::cli::Session;
use common::error::{Class, Error, Result};
use common::records::Warning;

pub(crate) fn run(session: &Session<ShiftResult>, args: &Apply) -> Result<()> {
    let upstream = args.gate.as_ref().map(|_| session.upstream()).transpose()?;
    let project = django::open(session, &args.django, &sight::options(&args.place), false)?;
    let directory = project.directory;
    let journal = Journal::new(&args.place.history_schema);
    let watch = Watch::new(args.waiting.lock_timeout);
    let (mut holder, mut run) =
        work::open(session, &args.waiting, project.helper, &project.target, (&journal, &watch))?;
    let facts = accepted(&mut run, args)?;
    if let Some(error) = facts.worst(|conflict| !conflict.passes) {
        sight::tell(session, &facts);
        return Err(error);
    }
    tell_halves(session, &facts);
    let due = facts.due();
    let mut result = session.result();
    (result.applied, result.pending) = (Some(0), Some(facts.pending() as u64));
    drop(result);
    let nothing = due.is_empty() && !facts.owes_signal;
    if nothing && upstream.is_none() {
        return Ok(());
    }
    let asked = gate::Asked {
        upstream: upstream.as_ref(),
        open: args.no_gate,
        max_age: args.max_age,
        directory: &directory,
    };
    run.author = gate::pass(&mut holder, &asked, &args.place.history_schema)?.author(session);
    if nothing {
        return Ok(());
    }
    sight::check_system(&mut run.helper)?;
    journal.create(&mut holder)?;
    known(&mut run, &facts)?;
    work::watched(session, holder, &args.waiting, &watch, || all(args, run, &due, &facts.unsaid()))
}

/// All that is due, with what Django does before and after.
fn all(args: &Apply, mut run: Run<'_>, due: &[&Entry], unsaid: &[&Entry]) -> Result<()> {
    let run = &mut run;
    let owed: Vec<String> = unsaid.iter().chain(due).map(|entry| entry.migration.version()).collect();
    let (begin, told) =
        (run.journal.put(&signal(), "", "owed", &run.author), run.journal.operations(&signal(), 0, &owed));
    run.side.execute(&format!("BEGIN; {begin}; {told}; COMMIT"))?;
    let [keys, unsaid] =
        [due, unsaid].map(|entries| entries.iter().map(|entry| entry.migration.key()).collect::<Vec<_>>());
    run.ask(&Order::Prepare {
        migrations: &keys,
        unsaid: &unsaid,
        backwards: false,
        weak: &WEAK,
        trace: args.trace,
    })?;
    if let (true, Some(pid)) = (args.trace, run.pid) {
        run.trace = Some(Trace::open(&mut run.side, pid, args.margin)?);
    }
    for entry in due {
        work::one(run, &args.waiting, entry, Direction::Up)?;
    }
    run.ask(&Order::Finish)?;
    run.side.execute(&run.journal.forget(SIGNAL))?;
    run.trace.take().map_or(Ok(()), |trace| trace.end(run.session))
}

/// Where everything stands, with what was accepted by the command line written down.
fn accepted(run: &mut Run<'_>, args: &Apply) -> Result<Facts> {
    let to = args.to.as_deref();
    let look = |run: &mut Run<'_>| -> Result<Facts> {
        let told = sight::told(&mut run.helper, to, false)?;
        Ok(Facts::of(told, &run.journal.read(&mut run.side)?))
    };
    let facts = look(run)?;
    if args.accept.is_empty() {
        return Ok(facts);
    }
    let author = work::nobody();
    let mut written = Vec::new();
    for version in &args.accept {
        let Some((app, name)) = version.split_once('.') else {
            return Err(Error::usage(format!("--accept {version}: a migration is named APP.NAME")));
        };
        let key = (app.to_owned(), name.to_owned());
        let conflict = facts.conflicts.iter().find(|conflict| conflict.record.version == *version);
        let entry = facts.entries.iter().find(|entry| entry.migration.key() == key);
        match (conflict.map(|conflict| conflict.code), entry) {
            (Some("edited"), Some(entry)) => {
                written.push(run.journal.accept(&key, &entry.migration.checksum));
            }
            (Some("recorded"), _) => written.push(run.journal.mark(&key, "applied")),
            (Some("vanished"), _) => written.push(run.journal.put(&key, "", "retired", &author)),
            _ => {}
        }
    }
    if written.is_empty() {
        return Ok(facts);
    }
    run.journal.create(&mut run.side)?;
    for statement in written {
        run.side.execute(&statement)?;
    }
    look(run)
}

/// What somebody else applied is written down as the files are now, so that an edit is seen later.
fn known(run: &mut Run<'_>, facts: &Facts) -> Result<()> {
    let unknown = |entry: &&Entry| entry.migration.applied && entry.row.is_none();
    let author = Author { gate: "known".to_owned(), ..run.author.clone() };
    let statements: Vec<String> = facts
        .entries
        .iter()
        .filter(unknown)
        .map(|entry| run.journal.put(&entry.migration.key(), &entry.migration.checksum, "known", &author))
        .collect();
    if statements.is_empty() {
        return Ok(());
    }
    run.side.execute(&format!("BEGIN; {}; COMMIT", statements.join("; ")))
}

/// Says what is half done before it goes on with it, and what only claims to be done.
fn tell_halves(session: &Session<ShiftResult>, facts: &Facts) {
    for conflict in facts
        .conflicts
        .iter()
        .filter(|conflict| conflict.passes && (conflict.class == Class::Dirty || conflict.code == "faked"))
    {
        let warning = Warning::new(conflict.code, conflict.record.message.clone());
        session.warn(&warning.object(&conflict.record.version));
    }
    if facts.owes_signal {
        session.warn(&Warning::new(
            "signal_owed",
            "the last run ended before post_migrate was sent: it is sent behind this one",
        ));
    }
}

/// The row that says so.
fn signal() -> (String, String) {
    (SIGNAL.0.to_owned(), SIGNAL.1.to_owned())
}
