//! What can be typed for the commands that judge migrations before they run.

use super::Place;
use crate::django::Django;
use crate::lint::{SMALL, Severity};
use clap::Args;
use common::cli::flags::{Connection, Output};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Lint {
    /// Files to judge, in this order, instead of the migrations of the directory
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) django: Django,

    #[command(flatten)]
    pub(crate) place: Place,

    /// With a database, judge also the migrations that are applied to it
    #[arg(long)]
    pub(crate) all: bool,

    /// Judge by what `pgshift stats` wrote of a database
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dbname", "host", "port", "username"])]
    pub(crate) stats: Option<PathBuf>,

    /// Tables of at most so many rows (ten times as many where they are only read) do not alarm, if they are no larger than
    /// --small-bytes either
    #[arg(long, value_name = "ROWS", default_value_t = SMALL.0)]
    pub(crate) small_rows: u64,

    /// Tables of at most so many bytes (ten times as many where they are only read) do not alarm, if they have no more than
    /// --small-rows either
    #[arg(long, value_name = "BYTES", default_value_t = SMALL.1)]
    pub(crate) small_bytes: u64,

    /// Switch a rule on; may be given several times
    #[arg(long = "rule", value_name = "RULE", help_heading = "Rules")]
    pub(crate) more: Vec<String>,

    /// Switch a rule off; may be given several times
    #[arg(long = "no-rule", value_name = "RULE", help_heading = "Rules")]
    pub(crate) fewer: Vec<String>,

    /// List all rules
    #[arg(long, help_heading = "Rules")]
    pub(crate) rules: bool,

    /// Exit with 1 when a finding is at least this severe
    #[arg(long, value_enum, value_name = "SEVERITY", default_value = "error", help_heading = "Rules")]
    pub(crate) fail_on: Severity,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Stats {
    #[command(flatten)]
    pub(crate) connection: Connection,

    #[command(flatten)]
    pub(crate) output: Output,
}
