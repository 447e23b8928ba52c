//! `pgcheckpoint`: is the database healthy, and did we make it worse?

mod catalogue;
mod cli;
mod commands;
mod file;
mod formats;
mod records;
mod run;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::cli::run::<cli::Cli, records::CheckpointResult>("pgcheckpoint", commands::dispatch)
}
