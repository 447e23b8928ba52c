//! `pgsnap schema`: the JSON Schemas of all records that pgsnap writes.

use crate::records::{
    Copied, Damage, Database, Difference, Forgotten, Kept, LargeObjects, Recipient, Skipped, SnapResult,
    Snapshot, Step, Table,
};
use common::cli::Session;
use common::error::{Context as _, Result};
use common::records::Registry;
use std::io::Write;

pub(crate) fn run(session: &Session<SnapResult>) -> Result<()> {
    let registry = Registry::new::<SnapResult>("pgsnap")
        .with::<Snapshot>()
        .with::<Table>()
        .with::<LargeObjects>()
        .with::<Step>()
        .with::<Skipped>()
        .with::<Difference>()
        .with::<Damage>()
        .with::<Copied>()
        .with::<Kept>()
        .with::<Forgotten>()
        .with::<Database>()
        .with::<Recipient>();
    session.data().write_all(registry.to_json().as_bytes()).context(|| "cannot write to stdout".to_owned())
}
