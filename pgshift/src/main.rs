//! `pgshift`: schema migrations that were rehearsed, gated and traced.

mod cli;
mod commands;
#[expect(dead_code, unused_imports, reason = "who takes them over is not here yet")]
mod native;
mod records;
#[expect(dead_code, reason = "who applies them is not here yet")]
mod source;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::cli::run::<cli::Cli, records::ShiftResult>("pgshift", commands::dispatch)
}
