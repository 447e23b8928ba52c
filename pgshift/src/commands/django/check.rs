//! `pgshift check` of a Django project: the state as an exit code.

use super::sight;
use crate::cli::Check;
use crate::django::{Entry, Standing};
use crate::records::ShiftResult;
use common::cli::{Session, human};
use common::error::{Class, Error, Result};

pub(crate) fn run(session: &Session<ShiftResult>, args: &Check) -> Result<()> {
    let (mut project, facts, _connection) = sight::look(session, &args.django, &args.place, (None, true))?;
    let open = |entry: &&Entry| !matches!(entry.standing, Standing::Applied | Standing::Covered);
    session.emit_all(&facts.entries.iter().filter(open).map(Entry::record).collect::<Vec<_>>());
    sight::tell(session, &facts);
    if let Some(error) = facts.worst(|_| true) {
        return Err(error);
    }
    if facts.owes_signal {
        return Err(Error::new(
            Class::Dirty,
            "signal_owed",
            "the last run ended before post_migrate was sent",
        )
        .hint("`pgshift apply` sends it"));
    }
    sight::check_system(&mut project.helper)?;
    match facts.pending() {
        0 => Ok(()),
        due => {
            let what = format!("{} pending", human::plural(due as u64, "migration"));
            Err(Error::new(Class::No, "pending", what).hint("`pgshift plan` shows what would run"))
        }
    }
}
