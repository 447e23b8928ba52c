//! `pgcheckpoint schema`: the JSON Schemas of all records that pgcheckpoint writes.

use crate::records::{
    Change, CheckRecord, CheckpointResult, Listed, Measure, ReadyRecord, Violation, Waiting,
};
use common::cli::Session;
use common::error::{Context as _, Result};
use common::records::Registry;
use std::io::Write;

pub(crate) fn run(session: &Session<CheckpointResult>) -> Result<()> {
    let registry = Registry::new::<CheckpointResult>("pgcheckpoint")
        .with::<CheckRecord>()
        .with::<Listed>()
        .with::<Measure>()
        .with::<Change>()
        .with::<ReadyRecord>()
        .with::<Waiting>()
        .with::<Violation>();
    session.data().write_all(registry.to_json().as_bytes()).context(|| "cannot write to stdout".to_owned())
}
