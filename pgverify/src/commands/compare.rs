//! `pgverify compare`.

use crate::cli::Compare;
use crate::records::VerifyResult;
use common::cli::Session;
use common::error::{Error, Result};

pub(crate) fn run(_: &Session<VerifyResult>, _: &Compare) -> Result<()> {
    Err(Error::usage("compare is not here yet"))
}
