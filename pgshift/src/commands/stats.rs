//! `pgshift stats`: the schema and the sizes of a database, for `pgshift lint --stats`.

use crate::cli::Stats;
use crate::facts;
use crate::records::ShiftResult;
use common::cli::flags::Connection;
use common::cli::{Session, signals};
use common::error::Result;
use common::pg::session;
use common::pg::target::{ConnectOptions, Target};
use common::records::Warning;

pub(crate) fn run(session: &Session<ShiftResult>, args: &Stats) -> Result<()> {
    let stats = facts::collect(&mut open(session, &args.connection)?)?;
    session.emit(&stats.database);
    session.emit_all(&stats.relations);
    session.emit_all(&stats.columns);
    session.emit_all(&stats.constraints);
    session.emit_all(&stats.indexes);
    session.emit_all(&stats.views);
    session.result().database = Some(stats.database.database);
    Ok(())
}

/// A session on the database that the command line names.
pub(super) fn open(session: &Session<ShiftResult>, connection: &Connection) -> Result<session::Session> {
    let Connection { dbname, host, port, username } = connection.clone();
    let target = Target::resolve(&ConnectOptions { dbname, host, port, username })?;
    for warning in target.warnings() {
        session.warn(&Warning::new("connection", warning.clone()));
    }
    let target = target.with_application_name("pgshift").stop_when(signals::stop_requested);
    let mut opened = session::Session::open(&target)?;
    opened.stop_when(signals::stop_requested)?;
    Ok(opened)
}
