//! `pgshift`: schema migrations that were rehearsed, gated and traced.

mod cli;
mod commands;
#[expect(dead_code, reason = "the commands come next")]
mod effects;
#[expect(dead_code, reason = "the commands come next")]
mod facts;
#[expect(dead_code, reason = "the commands come next")]
mod grammar;
#[expect(dead_code, reason = "the commands come next")]
mod lint;
mod records;
#[expect(dead_code, reason = "who applies them is not here yet")]
mod source;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::cli::run::<cli::Cli, records::ShiftResult>("pgshift", commands::dispatch)
}
