//! `pgshift status` of a Django project: each migration of each app and where it stands.

use super::sight;
use crate::cli::Status;
use crate::records::ShiftResult;
use common::cli::Session;
use common::error::Result;

pub(crate) fn run(session: &Session<ShiftResult>, args: &Status) -> Result<()> {
    let (_project, facts, _connection) = sight::look(session, &args.django, &args.place, (None, false))?;
    session.emit_all(&sight::records(&facts));
    sight::tell(session, &facts);
    if facts.owes_signal {
        session.note("the last run ended before post_migrate was sent: `pgshift apply` sends it");
    }
    Ok(())
}
