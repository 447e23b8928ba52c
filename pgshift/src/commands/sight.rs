//! What all commands look at: the database, the migrations, the history.

use crate::cli::Place;
use crate::history::{Applied, BackfillOf, Direction, History};
use crate::lock;
use crate::records::{BackfillRecord, ConflictRecord, ShiftResult};
use crate::source::{self, Migration};
use crate::state::{Entry, Phase, State};
use common::cli::{Session, signals};
use common::error::{Error, Result};
use common::pg::session::Session as Connection;
use common::pg::target::{ConnectOptions, Target};
use common::records::Warning;

/// The database that the connection flags and the environment name.
pub(super) fn target(session: &Session<ShiftResult>, place: &Place) -> Result<Target> {
    let target = resolve(place)?;
    for warning in target.warnings() {
        session.warn(&Warning::new("connection", warning.clone()));
    }
    session.result().database = Some(target.database().to_owned());
    Ok(target)
}

/// The same, of which was warned already.
pub(super) fn resolve(place: &Place) -> Result<Target> {
    let connection = &place.connection;
    let options = ConnectOptions {
        dbname: connection.dbname.clone(),
        host: connection.host.clone(),
        port: connection.port.clone(),
        username: connection.username.clone(),
    };
    Ok(Target::resolve(&options)?.with_application_name("pgshift").stop_when(signals::stop_requested))
}

/// The migrations of the directory.
pub(super) fn migrations(session: &Session<ShiftResult>, place: &Place) -> Result<Vec<Migration>> {
    let source = source::open(&place.migrations)?;
    session.result().convention = Some(source.convention().to_owned());
    let migrations = source.migrations()?;
    for warning in source.warnings() {
        session.warn(warning);
    }
    Ok(migrations)
}

/// The history, read without a lock and without the right to write.
pub(super) fn history(session: &Session<ShiftResult>, place: &Place) -> Result<Vec<Applied>> {
    let mut connection = Connection::open(&target(session, place)?)?;
    connection.pin()?;
    connection.execute("BEGIN READ ONLY")?;
    if let Some(holder) = lock::at_work(&mut connection)? {
        let message = format!("what is told here is changing: {holder}");
        session.warn(&Warning::new("at_work", message));
    }
    History::new(&place.history_schema).read(&mut connection)
}

/// The backfills among these entries, and how far they are.
pub(super) fn backfills(place: &Place, entries: &[&Entry<'_>]) -> Result<Vec<BackfillRecord>> {
    let history = History::new(&place.history_schema);
    let mut connection = None;
    let mut records = Vec::new();
    for entry in entries {
        let Some(directive) = &entry.backfill else { continue };
        let Migration { kind, version, .. } = entry.migration;
        let planned = BackfillRecord::planned(version, directive);
        if entry.phase != Phase::Partial {
            records.push(planned);
            continue;
        }
        let connection = match &mut connection {
            Some(connection) => connection,
            None => connection.insert(Connection::open(&resolve(place)?)?),
        };
        let of = BackfillOf { kind: *kind, version, direction: Direction::Up };
        let at = history.checkpoint(connection, of)?;
        records.push(at.map_or(planned, |at| BackfillRecord::at(version, &directive.table, &at, "partial")));
    }
    Ok(records)
}

/// Tells of all contradictions, and how many there are of what.
pub(super) fn tell(session: &Session<ShiftResult>, state: &State<'_>) {
    let records: Vec<ConflictRecord> = state.conflicts.iter().map(ConflictRecord::from).collect();
    session.emit_all(&records);
    let mut result = session.result();
    result.applied = Some(state.applied() as u64);
    result.pending = Some(state.due() as u64);
    result.conflicts = Some(state.conflicts.len() as u64);
}

/// The worst of the contradictions, as an error: what is half done first, then conflicts, then drift.
pub(super) fn worst(state: &State<'_>) -> Option<Error> {
    let rank = |class: u8| match class {
        8 => 0,
        6 => 1,
        _ => 2,
    };
    let worst = state.conflicts.iter().min_by_key(|conflict| rank(conflict.kind.class().exit_code()))?;
    let more = state.conflicts.len() - 1;
    let error = worst.error();
    Some(if more == 0 { error } else { error.cause(format!("and {more} more, each with a record")) })
}

/// The place in the order of the version that somebody named.
pub(super) fn index_of(state: &State<'_>, version: &str) -> Result<usize> {
    state.entries.iter().rposition(|entry| entry.migration.version == version).ok_or_else(|| {
        Error::usage(format!("there is no version {version}")).hint("`pgshift status` shows all versions")
    })
}
