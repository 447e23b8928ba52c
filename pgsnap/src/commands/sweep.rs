//! `pgsnap sweep`: removes the blocks that no snapshot needs.

use super::TOOL;
use crate::cli::{Patience, Sweep};
use crate::records::{Skipped, SnapResult};
use common::cli::{Session, human, signals};
use common::error::{Error, Result};
use common::format::id::SnapshotId;
use common::store::{Store, Sweeping, Watch, leftovers};
use std::collections::BTreeSet;

pub(crate) fn run(session: &Session<SnapResult>, args: &Sweep) -> Result<()> {
    let store = args.store.open()?;
    session.result().store = Some(store.location().to_string());
    session.result().dry_run = args.dry_run.then_some(true);
    sweep(session, &store, args.dry_run, None, &args.patience)?;
    end(session)
}

/// Sweeps as soon as nobody adds to the store; `without` is forgotten already when it only counts.
pub(super) fn sweep(
    session: &Session<SnapResult>,
    store: &Store,
    is_dry: bool,
    without: Option<&BTreeSet<SnapshotId>>,
    patience: &Patience,
) -> Result<()> {
    let watch = Watch {
        tool: TOOL,
        wait: patience.wait,
        stop: &signals::stop_requested,
        tell: &|what| session.note(what),
    };
    if !is_dry {
        leftovers(store.location());
    }
    let swept = store.sweep(Sweeping { is_dry, without }, &watch)?;
    {
        let mut result = session.result();
        result.blocks_removed = Some(swept.blocks);
        result.bytes_removed = Some(swept.bytes);
    }
    if let Some(who) = swept.busy {
        let reason = format!("{who} adds to the store");
        skipped(session, "blocks that no snapshot needs".to_owned(), reason);
    }
    if let Some(error) = swept.error {
        skipped(session, human::plural(swept.stuck, "block"), error.to_string());
    }
    Ok(())
}

/// Fails when something was left out.
pub(super) fn end(session: &Session<SnapResult>) -> Result<()> {
    match session.result().skipped {
        None | Some(0) => Ok(()),
        Some(_) => Err(Error::failed("not_removed", "not all that should go could be removed")
            .hint("the `skipped` records say why; run it again when that is over")),
    }
}

fn skipped(session: &Session<SnapResult>, object: String, reason: String) {
    *session.result().skipped.get_or_insert_default() += 1;
    session.emit(&Skipped { object, reason });
}
