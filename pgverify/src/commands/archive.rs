//! `pgverify archive`.

use crate::cli::Archive;
use crate::records::VerifyResult;
use common::cli::Session;
use common::error::{Error, Result};

pub(crate) fn run(_: &Session<VerifyResult>, _: &Archive) -> Result<()> {
    Err(Error::usage("archive is not here yet"))
}
