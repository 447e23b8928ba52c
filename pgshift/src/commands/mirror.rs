//! The history with what is written into another tool's table, where that was asked for by `adopt --keep-history`.

use crate::history::History;
use crate::native::Kept;
use crate::state::State;
use common::error::Result;
use common::pg::session::Session as Connection;
use std::path::Path;

/// The history, and what goes beside it.
pub(super) fn beside(
    history: History,
    holder: &mut Connection,
    state: &State<'_>,
    directory: &Path,
) -> Result<History> {
    let Some(kept) = Kept::read(holder, history.schema())? else { return Ok(history) };
    let all: Vec<_> =
        state.entries.iter().map(|entry| (entry.migration, entry.parsed.statements.len())).collect();
    let strokes = kept.strokes(directory, &all)?;
    let beside = all.iter().zip(strokes).map(|((migration, _), stroke)| {
        ((migration.kind, migration.version.clone()), [stroke.applied, stroke.reverted])
    });
    Ok(history.beside(beside.collect()))
}
