//! `pgshift status`: each migration and where it stands.

use super::sight;
use crate::cli::Status;
use crate::records::{MigrationRecord, ShiftResult};
use crate::state::{Entry, Phase, State};
use common::cli::Session;
use common::error::Result;

pub(crate) fn run(session: &Session<ShiftResult>, args: &Status) -> Result<()> {
    if args.django.is_meant(&args.place.migrations) {
        return super::django::status(session, args);
    }
    let migrations = sight::migrations(session, &args.place)?;
    let history = sight::history(session, &args.place)?;
    let state = State::of(&migrations, &history)?;
    let records: Vec<MigrationRecord> = state.entries.iter().map(MigrationRecord::of).collect();
    session.emit_all(&records);
    let half: Vec<&Entry<'_>> =
        state.entries.iter().filter(|entry| matches!(entry.phase, Phase::Partial)).collect();
    session.emit_all(&sight::backfills(&args.place, &half)?);
    sight::tell(session, &state);
    Ok(())
}
