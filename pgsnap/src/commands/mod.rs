//! One module a subcommand.

mod cat;
mod check;
mod copy;
mod create;
mod export;
mod forget;
mod import;
mod keys;
mod kind;
mod list;
mod report;
mod restore;
mod schema;
mod show;
mod status;
mod sweep;

pub(crate) use report::Report;

use crate::cli::{Cli, Commands};
use crate::records::SnapResult;
use common::cli::Session;
use common::cli::flags::Connection;
use common::error::Result;
use common::pg::target::{ConnectOptions, Target};
use common::records::Warning;
use rustix::fs::Mode;
use rustix::process::umask;

/// The program and its release, as manifests and markers name it.
pub(crate) const TOOL: &str = concat!("pgsnap ", env!("CARGO_PKG_VERSION"));

/// Does what the command line asks for.
pub(crate) fn dispatch(session: &Session<SnapResult>, cli: Cli) -> Result<()> {
    // Rows and hashes of passwords lie in what it writes: that is for its user alone, whatever the caller's umask.
    umask(Mode::RWXG | Mode::RWXO);
    match cli.command {
        Commands::Create(args) => create::run(session, &args),
        Commands::Restore(args) => restore::run(session, &args),
        Commands::List(args) => list::run(session, &args),
        Commands::Show(args) => show::run(session, &args),
        Commands::Check(args) => check::run(session, &args),
        Commands::Cat(args) => cat::run(session, &args),
        Commands::Copy(args) => copy::run(session, &args),
        Commands::Export(args) => export::run(session, &args),
        Commands::Import(args) => import::run(session, &args),
        Commands::Forget(args) => forget::run(session, &args),
        Commands::Sweep(args) => sweep::run(session, &args),
        Commands::Status(args) => status::run(session, &args),
        Commands::Keys(args) => keys::run(session, &args),
        Commands::Schema(_) => schema::run(session),
    }
}

/// The database that the connection flags and the environment name.
fn target(session: &Session<SnapResult>, connection: &Connection) -> Result<Target> {
    let options = ConnectOptions {
        dbname: connection.dbname.clone(),
        host: connection.host.clone(),
        port: connection.port.clone(),
        username: connection.username.clone(),
    };
    let target = Target::resolve(&options)?.with_application_name("pgsnap");
    for warning in target.warnings() {
        session.warn(&Warning::new("connection", warning.clone()));
    }
    Ok(target)
}
