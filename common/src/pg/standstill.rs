//! Finds out when a program that works for us waits for somebody who waits for us.
//!
//! Between our LOCK and that of `pg_dump`, somebody may ask for an ACCESS EXCLUSIVE lock: it waits for us, and
//! `pg_dump` queues up behind it. Only letting our locks go ends that.

use super::session::Session;
use super::target::Target;
use crate::error::Result;

/// A look at who waits for whom.
pub struct Standstill {
    session: Session,
    sql: String,
}

impl Standstill {
    /// Looks for the session `leader` (the server's process ID) of the server of `target`.
    pub fn of(target: &Target, leader: u32) -> Result<Self> {
        let mut session = Session::open(target)?;
        session.pin()?;
        let sql = include_str!("sql/standstill.sql").replace("$1", &leader.to_string());
        Ok(Self { session, sql })
    }

    /// Whether nothing moves any more.
    pub fn is_there(&mut self) -> Result<bool> {
        Ok(self.session.query_one(&self.sql)?.is_true(0))
    }
}
