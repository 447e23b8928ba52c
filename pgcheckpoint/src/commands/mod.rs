//! One module a subcommand.

mod list;
mod run;
mod schema;

use crate::cli::{Cli, Commands};
use crate::records::CheckpointResult;
use common::cli::Session;
use common::error::Result;

/// Does what the command line asks for.
pub(crate) fn dispatch(session: &Session<CheckpointResult>, cli: Cli) -> Result<()> {
    match cli.command {
        Commands::Run(args) => run::run(session, &args),
        Commands::List(args) => list::run(session, &args),
        Commands::Schema(_) => schema::run(session),
    }
}
