//! `pgsnap`: consistent, parallel, compressed, hashed snapshots of PostgreSQL databases.

mod cli;
mod commands;
mod records;
mod retention;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::cli::run::<cli::Cli, records::SnapResult>("pgsnap", commands::dispatch)
}
