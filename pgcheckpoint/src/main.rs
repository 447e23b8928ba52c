//! `pgcheckpoint`: is the database healthy, and did we make it worse?

mod asserted;
mod catalogue;
mod cli;
mod commands;
mod compare;
mod file;
mod formats;
mod history;
mod records;
mod report;
mod run;
mod saved;
mod verdict;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::cli::run::<cli::Cli, records::CheckpointResult>("pgcheckpoint", commands::dispatch)
}
