//! One module a subcommand.

mod lint;
mod new;
mod schema;
mod stats;

use crate::cli::{Cli, Commands};
use crate::records::ShiftResult;
use common::cli::Session;
use common::error::Result;

/// Does what the command line asks for.
pub(crate) fn dispatch(session: &Session<ShiftResult>, cli: Cli) -> Result<()> {
    match cli.command {
        Commands::New(args) => new::run(session, &args),
        Commands::Lint(args) => lint::run(session, &args),
        Commands::Stats(args) => stats::run(session, &args),
        Commands::Schema(_) => schema::run(session),
    }
}
