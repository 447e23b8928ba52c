//! `pgshift`: schema migrations that were rehearsed, gated and traced.

mod cli;
mod commands;
mod effects;
mod facts;
mod grammar;
mod lint;
mod records;
mod source;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::cli::run::<cli::Cli, records::ShiftResult>("pgshift", commands::dispatch)
}
