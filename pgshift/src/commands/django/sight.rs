//! What all commands on a Django project look at: its migrations, Django's record, the journal.

use crate::cli::Place;
use crate::django::{self, Django, Entry, Facts, Helper, Journal, Order, Project, Said, Told};
use crate::lock;
use crate::records::{ConflictRecord, MigrationRecord, ShiftResult};
use common::cli::Session;
use common::cli::flags::Connection;
use common::error::{Error, Result};
use common::pg::session;
use common::pg::target::ConnectOptions;
use common::records::Warning;

/// The project and where it stands, for whoever only looks.
pub(super) fn look(
    session: &Session<ShiftResult>,
    django: &Django,
    place: &Place,
    (to, changes): (Option<&str>, bool),
) -> Result<(Project, Facts, session::Session)> {
    let mut project = django::open(session, django, &options(place), true)?;
    // Its own message is better than a driver's when the database cannot be reached.
    let mut connection = session::Session::open(&project.target)?;
    connection.pin()?;
    connection.execute("BEGIN READ ONLY")?;
    if django.django_command.is_some() {
        same_database(&mut project.helper, &mut connection)?;
    }
    if let Some(holder) = lock::at_work(&mut connection)? {
        let message = format!("what is told here is changing: {holder}");
        session.warn(&Warning::new("at_work", message));
    }
    let told = told(&mut project.helper, to, changes)?;
    let rows = Journal::new(&place.history_schema).read(&mut connection)?;
    let facts = Facts::of(told, &rows);
    Ok((project, facts, connection))
}

/// A database of a running server, whatever address leads there.
const WHICH: &str = "SELECT pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.pg_postmaster_start_time()), 'YYYYMMDDHH24MISSUS'), oid::text \
     FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()";

/// A project that goes its own way has to arrive where we do.
fn same_database(helper: &mut Helper, connection: &mut session::Session) -> Result<()> {
    let theirs = match helper.ask(&Order::Look { sql: WHICH })? {
        Said::Rows { rows, error: None } => rows.into_iter().flatten().collect::<Vec<_>>(),
        Said::Rows { error: Some(failure), .. } => return Err(Error::failed("project", failure.message)),
        other => {
            return Err(Error::failed("helper", format!("the helper does not say where it is: {other:?}")));
        }
    };
    let ours = connection.query_one(WHICH)?;
    if theirs == [ours.owned(0), ours.owned(1)] {
        return Ok(());
    }
    let what = format!("the project does not work in {}", connection.target().describe());
    Err(Error::usage(what)
        .code_is("another_database")
        .hint("let -d name the database of the project's settings, by the address that it has here"))
}

/// What the connection flags say.
pub(super) fn options(place: &Place) -> ConnectOptions {
    let Connection { dbname, host, port, username } = place.connection.clone();
    ConnectOptions { dbname, host, port, username }
}

/// What the helper knows.
pub(super) fn told(helper: &mut Helper, to: Option<&str>, changes: bool) -> Result<Told> {
    match helper.ask(&Order::State { to, changes })? {
        Said::State(told) => Ok(*told),
        other => Err(Error::failed("helper", format!("the helper does not say what there is: {other:?}"))),
    }
}

/// What migrate does before anything: errors that Django finds in the project end it.
pub(super) fn check_system(helper: &mut Helper) -> Result<()> {
    match helper.ask(&Order::Check)? {
        Said::Checked => Ok(()),
        other => Err(Error::failed("helper", format!("the helper does not say what it checked: {other:?}"))),
    }
}

/// Tells of all contradictions, and how many there are of what.
pub(super) fn tell(session: &Session<ShiftResult>, facts: &Facts) {
    for (code, message) in &facts.warnings {
        session.warn(&Warning::new(code, message.clone()));
    }
    let records: Vec<ConflictRecord> =
        facts.conflicts.iter().map(|conflict| conflict.record.clone()).collect();
    session.emit_all(&records);
    let mut result = session.result();
    result.applied = Some(facts.applied() as u64);
    result.pending = Some(facts.pending() as u64);
    result.conflicts = Some(facts.conflicts.len() as u64);
}

/// All migrations as records; what is gone behind what is there.
pub(super) fn records(facts: &Facts) -> Vec<MigrationRecord> {
    let mut records: Vec<MigrationRecord> = facts.entries.iter().map(Entry::record).collect();
    records.extend(facts.unknown.iter().cloned());
    records
}
