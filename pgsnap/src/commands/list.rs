//! `pgsnap list`: the snapshots of a store.

use super::create::snapshot;
use crate::cli::List;
use crate::records::SnapResult;
use common::cli::{Session, human};
use common::error::{Error, Result};
use common::records::Warning;

pub(crate) fn run(session: &Session<SnapResult>, args: &List) -> Result<()> {
    let store = args.store.open()?;
    let (attestations, unreadable) = store.attestations()?;
    for damaged in unreadable {
        session.warn(&Warning::new("damaged", damaged.error.to_string()).object(&damaged.file));
    }
    let mut listed = Vec::new();
    let mut torn = 0;
    for (id, outline) in store.outlines()? {
        match outline {
            Ok(outline) => {
                let database = args.database.as_ref().is_none_or(|name| *name == outline.source.database);
                let tag = args.tag.as_ref().is_none_or(|tag| outline.tags.contains(tag));
                if database && tag {
                    let mut snapshot = snapshot(&outline, &store);
                    snapshot.attest(attestations.get(&id));
                    listed.push(snapshot);
                }
            }
            // One torn manifest must not hide the others.
            Err(error) => {
                torn += 1;
                session.skipped(&id, &error);
            }
        }
    }
    session.emit_all(&listed);
    if listed.is_empty() {
        session.note("no snapshot");
    }
    let mut result = session.result();
    result.store = Some(store.location().to_string());
    result.snapshots = Some(listed.len() as u64);
    if torn == 0 {
        return Ok(());
    }
    Err(Error::failed("damaged", format!("{} cannot be read", human::plural(torn, "snapshot"))))
}
