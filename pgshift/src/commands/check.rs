//! `pgshift check`: the state as an exit code, for programs.

use super::sight;
use crate::cli::Check;
use crate::records::{MigrationRecord, ShiftResult};
use crate::state::State;
use common::cli::{Session, human};
use common::error::{Class, Error, Result};

pub(crate) fn run(session: &Session<ShiftResult>, args: &Check) -> Result<()> {
    if args.django.is_meant(&args.place.migrations) {
        return super::django::check(session, args);
    }
    let migrations = sight::migrations(session, &args.place)?;
    let history = sight::history(session, &args.place)?;
    let state = State::of(&migrations, &history)?;
    let due = state.entries.iter().filter(|entry| entry.is_due());
    session.emit_all(&due.map(MigrationRecord::of).collect::<Vec<_>>());
    sight::tell(session, &state);
    if let Some(error) = sight::worst(&state) {
        return Err(error);
    }
    match state.due() {
        0 => Ok(()),
        due => {
            let what = format!("{} pending", human::plural(due as u64, "migration"));
            Err(Error::new(Class::No, "pending", what).hint("`pgshift plan` shows what would run"))
        }
    }
}
