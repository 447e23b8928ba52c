//! The helper, when it is asked to look, or to let one statement run.

use crate::django::helper::{Helper, unexpected};
use crate::django::messages::{Leave, Order, Said};
use crate::django::trouble;
use crate::trace::Eyes;
use common::error::Result;

/// The helper, when it is asked to look.
pub(super) struct Asked<'a>(pub(super) &'a mut Helper);

impl Asked<'_> {
    /// Lets a statement run; whether it worked.
    pub(super) fn run(&mut self, leave: Leave) -> Result<bool> {
        self.0.order(&Order::Go(leave))?;
        loop {
            match self.0.hear()? {
                // Nobody has said that it was not done.
                Said::Ran { lost: true, .. } => return Err(trouble::lost()),
                Said::Ran { failed, .. } => return Ok(!failed),
                // The statement's own transaction.
                Said::Commit { .. } | Said::Rollback {} => self.0.order(&Order::Go(Leave::default()))?,
                other => return Err(unexpected(&other)),
            }
        }
    }
}

impl Eyes for Asked<'_> {
    fn rows(&mut self, sql: &str, _columns: usize) -> Result<Vec<Vec<Option<String>>>> {
        match self.0.ask(&Order::Look { sql })? {
            Said::Rows { rows, error: None } => Ok(rows),
            Said::Rows { error: Some(failure), .. } => Err(trouble::plain(&failure)),
            other => Err(unexpected(&other)),
        }
    }
}
