//! How a statement may go on: how long it may wait for locks, and what is written down with it.

use super::messages::{Leave, Statement};
use crate::script::{Class, Need, Words};
use std::time::Duration;

/// What decides it, for one migration.
pub(super) struct Leaves {
    /// How long a statement may wait for a lock that others queue behind; none for ever.
    limit: Option<Duration>,
    /// The migration sets the time itself.
    own: bool,
}

impl Leaves {
    pub(super) fn new(limit: Option<Duration>) -> Self {
        Self { limit, own: false }
    }

    /// How long this one may wait.
    pub(super) fn of(&mut self, statement: &Statement) -> Leave {
        let class = Class::of(statement.sql.as_bytes());
        self.own |= class.own_timeout;
        // It waits for every older transaction of the database: no time is too long for that.
        let unhurried = !statement.transaction && Words::of(statement.sql.as_bytes()).has("concurrently");
        let lock_timeout = match self.limit {
            _ if unhurried => Some(0),
            Some(limit) if class.strong && !self.own => u64::try_from(limit.as_millis()).ok(),
            _ => None,
        };
        Leave { lock_timeout, ..Leave::default() }
    }
}

/// Whether a statement can be in one transaction with what is written of it.
pub(super) fn can_be_together(sql: &str) -> bool {
    Class::of(sql.as_bytes()).need == Need::Transaction
}

/// By what a statement is recognised when it comes again.
pub(super) fn hash(sql: &str) -> String {
    blake3::hash(sql.as_bytes()).to_hex().chars().take(16).collect()
}
