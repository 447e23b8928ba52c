//! Who holds what a session waits for.

use common::error::Result;
use common::pg::session::Session;
use std::fmt;

/// Somebody who holds what is waited for.
#[derive(Clone, Debug)]
pub(crate) struct Blocker {
    /// Its server process; 0 for a prepared transaction.
    pub(crate) pid: i32,
    /// What it calls itself.
    pub(crate) application: Option<String>,
    /// Its role.
    pub(crate) user: Option<String>,
    /// `active`, `idle in transaction` and so on.
    pub(crate) state: Option<String>,
    /// How old its transaction is.
    pub(crate) seconds: Option<f64>,
    /// The lock that is waited for, such as `AccessExclusiveLock`.
    pub(crate) mode: String,
    /// What the lock is on: a table, or a kind of lock.
    pub(crate) object: String,
    /// Its statement.
    pub(crate) query: Option<String>,
}

impl Blocker {
    /// All who hold what the server process `pid` waits for.
    pub(super) fn of(session: &mut Session, pid: i32) -> Result<Vec<Self>> {
        let rows = session.query(&include_str!("blockers.sql").replace("WAITING_PID", &pid.to_string()))?;
        let blocker = |row: &common::pg::session::Row| {
            Ok(Self {
                pid: row.number(0)?,
                application: row.owned(1).filter(|name| !name.is_empty()),
                user: row.owned(2),
                state: row.owned(3),
                seconds: row.optional(4).map(|_| row.number(4)).transpose()?,
                mode: row.text(5).to_owned(),
                object: row.text(6).to_owned(),
                query: row.owned(7),
            })
        };
        rows.iter().map(blocker).collect()
    }
}

impl fmt::Display for Blocker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, object, mode, .. } = self;
        let who = self.application.as_deref().unwrap_or("somebody");
        if *pid == 0 {
            write!(out, "a prepared transaction")?;
        } else {
            write!(out, "{who:?}, pid {pid}")?;
        }
        if let Some(user) = &self.user {
            write!(out, ", user {user:?}")?;
        }
        if let Some(state) = &self.state {
            write!(out, ", {state}")?;
        }
        if let Some(seconds) = self.seconds {
            write!(out, ", for {seconds:.0} s")?;
        }
        write!(out, ", holds what is waited for: {mode} on {object}")
    }
}
