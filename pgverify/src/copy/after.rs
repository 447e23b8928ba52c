//! What is done with a copy that was found good: assertions, a program, and then it goes or stays.

use super::{Copy, checks, command, hold};
use crate::cli::Place;
use crate::records::VerifyResult;
use common::cli::Session;
use common::error::Result;

impl Copy {
    /// Runs the assertions and the program of `place`, then keeps, holds or removes the copy.
    pub(crate) fn after(self, session: &Session<VerifyResult>, place: &Place) -> Result<()> {
        let used = self.used(session, place);
        self.part(session, place, used)
    }

    /// Keeps, holds or removes the copy, after what ended with `done`.
    pub(crate) fn part(self, session: &Session<VerifyResult>, place: &Place, done: Result<()>) -> Result<()> {
        if place.hold && done.is_ok() {
            hold::hold(session, &self);
            return self.remove();
        }
        // What failed is worth a look, if it was asked for.
        let interrupted = done.as_ref().is_err_and(|error| error.code() == "interrupted");
        let left = if place.keep && !interrupted { self.leave(session) } else { self.remove() };
        done.and(left)
    }

    fn leave(self, session: &Session<VerifyResult>) -> Result<()> {
        let record = self.keep()?;
        session.note(&format!(
            "the copy is left up: psql -h {} -p {} -U {} -d {}",
            record.host, record.port, record.user, record.database
        ));
        session.note(&format!("to remove it: {}", record.remove));
        session.emit(&record);
        Ok(())
    }

    fn used(&self, session: &Session<VerifyResult>, place: &Place) -> Result<()> {
        checks::run(session, self, &checks::read(place)?)?;
        command::run(session, self, &place.command)
    }
}
