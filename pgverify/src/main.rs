//! `pgverify`: a backup is good when it has been restored and proved.

mod archive;
mod cli;
mod commands;
mod compare;
mod copy;
mod diff;
mod records;
mod report;
mod restore;
mod sync;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::cli::run::<cli::Cli, records::VerifyResult>("pgverify", commands::dispatch)
}
