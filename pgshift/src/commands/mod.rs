//! One module a subcommand.

mod adopt;
mod apply;
mod check;
mod django;
mod lint;
mod mirror;
mod new;
mod plan;
mod revert;
mod schema;
mod sight;
mod squash;
mod stats;
mod status;
mod work;

use crate::cli::{Cli, Commands};
use crate::records::ShiftResult;
use common::cli::Session;
use common::error::Result;

/// Does what the command line asks for.
pub(crate) fn dispatch(session: &Session<ShiftResult>, cli: Cli) -> Result<()> {
    match cli.command {
        Commands::Plan(args) => plan::run(session, &args),
        Commands::Status(args) => status::run(session, &args),
        Commands::Check(args) => check::run(session, &args),
        Commands::Apply(args) => apply::run(session, &args),
        Commands::Revert(args) => revert::run(session, &args),
        Commands::Adopt(args) => adopt::run(session, &args),
        Commands::Squash(args) => squash::run(session, &args),
        Commands::New(args) => new::run(session, &args),
        Commands::Lint(args) => lint::run(session, &args),
        Commands::Stats(args) => stats::run(session, &args),
        Commands::Schema(_) => schema::run(session),
    }
}
