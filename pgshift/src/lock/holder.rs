//! Who holds an advisory lock.

use common::error::Result;
use common::pg::session::Session;
use std::fmt;

/// Who holds it.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    /// Its server process.
    pub(crate) pid: i32,
    application: String,
    user: String,
    since: String,
    state: String,
}

impl Holder {
    /// Who holds the lock of these two keys in this database.
    pub(super) fn of(session: &mut Session, family: i32, lock: i32) -> Result<Option<Self>> {
        let rows = session.query(&format!(
            "SELECT l.pid, a.application_name, a.usename, a.backend_start, a.state FROM pg_catalog.pg_locks l \
             LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid \
             WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = {family} \
             AND l.objid = {lock} AND l.database = \
             (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())"
        ))?;
        let Some(row) = rows.first() else { return Ok(None) };
        let text = |index: usize| row.text(index).to_owned();
        Ok(Some(Self {
            pid: row.number(0)?,
            application: text(1),
            user: text(2),
            since: text(3),
            state: text(4),
        }))
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, application, user, since, state } = self;
        write!(out, "{application:?} of user {user:?} is at work (pid {pid}, connected since {since}")?;
        if state.is_empty() { out.write_str(")") } else { write!(out, ", {state})") }
    }
}
