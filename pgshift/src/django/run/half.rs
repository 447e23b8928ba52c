//! How far a migration was left that is not atomic.

use crate::django::facts::Entry;
use crate::history::Direction;

/// How far a migration was left that is not atomic.
#[derive(Clone, Debug, Default)]
pub(crate) struct Half {
    pub(super) done: u32,
    pub(super) deferred: Vec<String>,
    pub(super) statements: Vec<String>,
    pub(super) doubt: Option<String>,
    pub(super) is_recorded: bool,
}

impl Half {
    /// As the journal has it.
    pub(crate) fn of(entry: &Entry, direction: Direction) -> Self {
        let half = if direction == Direction::Up { "partial" } else { "reverting" };
        let Some(row) = entry.row.as_ref().filter(|row| row.state == half) else { return Self::default() };
        Self {
            done: row.operations_done,
            deferred: row.deferred.clone(),
            statements: row.statements_done.clone(),
            doubt: row.under_way.clone(),
            is_recorded: true,
        }
    }
}
