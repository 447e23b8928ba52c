//! `pgverify restore`.

use crate::cli::Restore;
use crate::records::VerifyResult;
use common::cli::Session;
use common::error::{Error, Result};

pub(crate) fn run(_: &Session<VerifyResult>, _: &Restore) -> Result<()> {
    Err(Error::usage("restore is not here yet"))
}
