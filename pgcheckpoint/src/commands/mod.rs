//! One module a subcommand.

mod assert;
mod diff;
mod list;
mod ready;
mod report;
mod run;
mod schema;
mod watch;

use crate::cli::{Cli, Commands};
use crate::records::CheckpointResult;
use common::cli::Session;
use common::error::Result;

/// Does what the command line asks for.
pub(crate) fn dispatch(session: &Session<CheckpointResult>, cli: Cli) -> Result<()> {
    match cli.command {
        Commands::Run(args) => run::run(session, &args),
        Commands::Assert(args) => assert::run(session, &args),
        Commands::Watch(args) => watch::run(session, &args),
        Commands::Ready(args) => ready::run(session, &args),
        Commands::Report(args) => report::run(session, &args),
        Commands::Diff(args) => diff::run(session, &args),
        Commands::List(args) => list::run(session, &args),
        Commands::Schema(_) => schema::run(session),
    }
}
