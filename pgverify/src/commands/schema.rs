//! `pgverify schema`: the JSON Schemas of all records that pgverify writes.

use crate::records::{
    Check, CopyRecord, Difference, RestoredTable, RowRecord, Skipped, Step, Table, VerifyResult, VersionNote,
};
use common::cli::Session;
use common::error::{Context as _, Result};
use common::records::Registry;
use std::io::Write;

pub(crate) fn run(session: &Session<VerifyResult>) -> Result<()> {
    let registry = Registry::new::<VerifyResult>("pgverify")
        .with::<Step>()
        .with::<Table>()
        .with::<RowRecord>()
        .with::<Difference>()
        .with::<VersionNote>()
        .with::<Skipped>()
        .with::<Check>()
        .with::<RestoredTable>()
        .with::<CopyRecord>();
    session.data().write_all(registry.to_json().as_bytes()).context(|| "cannot write to stdout".to_owned())
}
