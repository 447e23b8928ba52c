//! `pgcheckpoint schema`: the JSON Schemas of all records that pgcheckpoint writes.

use crate::records::{CheckRecord, CheckpointResult, Listed};
use common::cli::Session;
use common::error::{Context as _, Result};
use common::records::Registry;
use std::io::Write;

pub(crate) fn run(session: &Session<CheckpointResult>) -> Result<()> {
    let registry =
        Registry::new::<CheckpointResult>("pgcheckpoint").with::<CheckRecord>().with::<Listed>();
    session.data().write_all(registry.to_json().as_bytes()).context(|| "cannot write to stdout".to_owned())
}
