//! Whether two spellings mean the same: the server reads both, and spells them out again with the same code.
//!
//! Servers of several versions deparse the same definition differently, and even one server does not always spell a
//! definition that it was given as it had spelled it (`x IN ('a', 'b')` of a `varchar`). Everything is made
//! as a temporary object in a transaction that is rolled back.

use super::Object;
use super::trial::Trial;
use crate::error::{Error, Result};
use crate::pg::session::Session;

/// How often a definition is spelled out again until both sides agree.
const ROUNDS: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Same,
    Different,
    /// It could not be asked.
    Unknown,
}

pub(super) struct Judge<'a> {
    session: &'a mut Session,
    has_begun: bool,
    is_able: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(session: &'a mut Session) -> Self {
        Self { session, has_begun: false, is_able: true }
    }

    /// Whether it can say something about this property at all.
    pub(super) fn knows(object: &Object, property: &str) -> bool {
        Trial::of(object, property).is_some()
    }

    pub(super) fn compare(
        &mut self,
        object: &Object,
        property: &str,
        before: &str,
        now: &str,
    ) -> Result<Verdict> {
        let Some(trial) = Trial::of(object, property) else { return Ok(Verdict::Different) };
        if !self.has_begun {
            self.session.execute("BEGIN; SET LOCAL quote_all_identifiers = on")?;
            self.has_begun = true;
        }
        let (mut before, mut now) = (before.to_owned(), now.to_owned());
        for _ in 0..ROUNDS {
            if !self.is_able {
                return Ok(Verdict::Unknown);
            }
            let (Some(one), Some(other)) = (self.respell(&trial, &before)?, self.respell(&trial, &now)?)
            else {
                return Ok(if self.is_able { Verdict::Different } else { Verdict::Unknown });
            };
            if one == other {
                return Ok(Verdict::Same);
            }
            (before, now) = (one, other);
        }
        Ok(Verdict::Different)
    }

    /// Ends the transaction, and leaves nothing.
    pub(super) fn end(self) -> Result<()> {
        if self.has_begun { self.session.execute("ROLLBACK") } else { Ok(()) }
    }

    /// How the server spells `text` out again; `None` when it does not take it.
    fn respell(&mut self, trial: &Trial, text: &str) -> Result<Option<String>> {
        let Some(statements) = trial.statements(text) else { return Ok(None) };
        self.session.execute("SAVEPOINT judged")?;
        let mut spelled = Ok(());
        for statement in statements {
            spelled = spelled.and_then(|()| self.session.execute(&statement));
        }
        let spelled = spelled.and_then(|()| self.session.query_one(&trial.read));
        let spelled = match spelled {
            Ok(row) => Ok(Some(row.text(0).to_owned())),
            Err(error) if is_inability(&error) => {
                self.is_able = false;
                Ok(None)
            }
            Err(error) if error.server_error().is_some() && error.code() != "connection_lost" => Ok(None),
            Err(error) => return Err(error),
        };
        self.session.execute("ROLLBACK TO SAVEPOINT judged; RELEASE SAVEPOINT judged")?;
        spelled
    }
}

/// The server does not take anything from us: read-only, no right to make temporary objects, a lock in the way.
fn is_inability(error: &Error) -> bool {
    matches!(error.sqlstate(), Some("25006" | "42501" | "55P03"))
}
