//! `pgshift`: schema migrations that were rehearsed, gated and traced.

mod apply;
mod backfill;
mod cli;
mod commands;
mod django;
mod effects;
mod facts;
mod gate;
mod grammar;
mod history;
mod lint;
mod lock;
mod native;
mod records;
mod script;
mod source;
mod state;
mod trace;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::cli::run::<cli::Cli, records::ShiftResult>("pgshift", commands::dispatch)
}
