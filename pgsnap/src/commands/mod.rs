//! One module a subcommand.

mod create;
mod report;

use crate::cli::{Cli, Commands};
use crate::records::SnapResult;
use common::cli::Session;
use common::error::Result;

/// Does what the command line asks for.
pub(crate) fn dispatch(session: &Session<SnapResult>, cli: Cli) -> Result<()> {
    match cli.command {
        Commands::Create(args) => create::run(session, *args),
        _ => todo!(),
    }
}
