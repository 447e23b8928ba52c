//! `pgverify archive`: restores somebody's dump strictly, counts what is in it, and lends it to whoever asks.

use crate::archive::Verification;
use crate::cli::Archive;
use crate::records::VerifyResult;
use common::cli::Session;
use common::error::{Error, Result};

pub(crate) fn run(session: &Session<VerifyResult>, args: &Archive) -> Result<()> {
    if args.place.server.is_some() {
        return Err(Error::usage(
            "archive restores into a private cluster only: a dump may make roles and databases",
        )
        .hint("leave out --server"));
    }
    Verification { session, args }.run()
}
