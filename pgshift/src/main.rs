//! `pgshift`: schema migrations that were rehearsed, gated and traced.

mod apply;
mod cli;
mod commands;
mod gate;
mod history;
mod lock;
mod native;
mod records;
mod script;
mod source;
mod state;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::cli::run::<cli::Cli, records::ShiftResult>("pgshift", commands::dispatch)
}
