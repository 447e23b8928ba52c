//! What two ways have made on a private server, side by side.

use common::cli::signals;
use common::error::Result;
use common::inventory::{Inventory, Scope, compare};
use common::pg::session::Session as Connection;
use common::sandbox::{Options, Sandbox};

/// How many differences are named.
const NAMED: usize = 5;

/// The server.
pub(in crate::commands) fn server(major: Option<u32>) -> Result<Sandbox> {
    Sandbox::start(&Options { major, stop: Some(signals::stop_requested), ..Options::default() })
}

/// A session in one of its databases.
pub(in crate::commands) fn connect(sandbox: &Sandbox, database: &str) -> Result<Connection> {
    let target = sandbox.target(database)?.with_application_name("pgshift");
    let mut session = Connection::open(&target)?;
    session.stop_when(signals::stop_requested)?;
    Ok(session)
}

/// All that is in a database, and a session that can judge by it.
pub(in crate::commands) fn read(sandbox: &Sandbox, database: &str) -> Result<(Connection, Inventory)> {
    let mut session = connect(sandbox, database)?;
    session.pin_for_writing()?;
    // Made by the first backfill only: it is no part of what the migrations make.
    session.execute("DROP TABLE IF EXISTS pgshift.backfills")?;
    session.execute("BEGIN READ ONLY")?;
    let inventory = Inventory::read(&mut session)?;
    session.execute("COMMIT")?;
    Ok((session, inventory))
}

/// What is not the same, in words.
pub(in crate::commands) fn differences(
    expected: &Inventory,
    (mut judge, found): (Connection, Inventory),
) -> Result<Vec<String>> {
    // Each is a database of its own, with a name of its own.
    let scope = Scope { database: false, ..Scope::default() };
    let differences = compare(expected, &found, &scope, Some(&mut judge))?;
    let mut told: Vec<String> = differences
        .iter()
        .take(NAMED)
        .map(|difference| {
            let property = difference.property.as_deref().unwrap_or("presence");
            format!("{}: {property}", difference.object)
        })
        .collect();
    if let Some(more) = differences.len().checked_sub(NAMED).filter(|more| *more > 0) {
        told.push(format!("and {more} more"));
    }
    Ok(told)
}
