//! One module a subcommand.

mod archive;
pub(crate) mod compare;
mod restore;
mod schema;

use crate::cli::{Cli, Commands};
use crate::records::VerifyResult;
use common::cli::Session;
use common::error::Result;

/// Does what the command line asks for.
pub(crate) fn dispatch(session: &Session<VerifyResult>, cli: Cli) -> Result<()> {
    match cli.command {
        Commands::Restore(args) => restore::run(session, &args),
        Commands::Compare(args) => compare::run(session, &args),
        Commands::Archive(args) => archive::run(session, &args),
        Commands::Schema(_) => schema::run(session),
    }
}
