//! `pgsnap`: consistent, parallel, compressed, hashed snapshots of PostgreSQL databases.

mod cli;
mod commands;
mod export;
mod records;
mod retention;
mod rows;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::cli::run::<cli::Cli, records::SnapResult>("pgsnap", commands::dispatch)
}
