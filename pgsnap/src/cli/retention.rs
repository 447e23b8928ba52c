//! `forget`, `sweep` and `status`.

use super::tag::{Tags, tag, tags};
use crate::retention::{Count, Span};
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use common::cli::flags::Output;
use common::cli::store::StorePlace;

#[derive(Args, Debug)]
pub(crate) struct Forget {
    /// Snapshots to forget: names or unique beginnings; without any, the rules decide
    #[arg(value_name = "SNAPSHOT")]
    pub(crate) snapshots: Vec<String>,

    #[command(flatten)]
    pub(crate) store: StorePlace,

    /// Judge only snapshots of this database
    #[arg(short = 'd', long = "dbname", value_name = "DBNAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) database: Option<String>,

    /// Judge only snapshots with this tag
    #[arg(long, value_name = "TAG", value_parser = tag)]
    pub(crate) tag: Option<String>,

    #[command(flatten)]
    pub(crate) rules: Rules,

    /// The newest proved snapshot of a database, and its only one, may go too
    #[arg(long)]
    pub(crate) even_the_last: bool,

    /// Only say what would be done
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,

    /// Leave the blocks that nobody needs any more to a later `pgsnap sweep`
    #[arg(long)]
    pub(crate) no_sweep: bool,

    #[command(flatten)]
    pub(crate) patience: Patience,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Rules: any of them keeps a snapshot (times are UTC)")]
#[expect(clippy::struct_field_names, reason = "they are restic's words")]
pub(crate) struct Rules {
    /// The newest N of each database; `unlimited` for all
    #[arg(long, value_name = "N")]
    pub(crate) keep_last: Option<Count>,

    /// The newest of each of the last N hours that have any
    #[arg(long, value_name = "N")]
    pub(crate) keep_hourly: Option<Count>,

    /// The newest of each of the last N days that have any
    #[arg(long, value_name = "N")]
    pub(crate) keep_daily: Option<Count>,

    /// The newest of each of the last N weeks that have any
    #[arg(long, value_name = "N")]
    pub(crate) keep_weekly: Option<Count>,

    /// The newest of each of the last N months that have any
    #[arg(long, value_name = "N")]
    pub(crate) keep_monthly: Option<Count>,

    /// The newest of each of the last N years that have any
    #[arg(long, value_name = "N")]
    pub(crate) keep_yearly: Option<Count>,

    /// All that are at most so much older than the newest: 30d, 2y5m7d3h
    #[arg(long, value_name = "TIME")]
    pub(crate) keep_within: Option<Span>,

    /// One of each hour, as far back
    #[arg(long, value_name = "TIME")]
    pub(crate) keep_within_hourly: Option<Span>,

    /// One of each day, as far back
    #[arg(long, value_name = "TIME")]
    pub(crate) keep_within_daily: Option<Span>,

    /// One of each week, as far back
    #[arg(long, value_name = "TIME")]
    pub(crate) keep_within_weekly: Option<Span>,

    /// One of each month, as far back
    #[arg(long, value_name = "TIME")]
    pub(crate) keep_within_monthly: Option<Span>,

    /// One of each year, as far back
    #[arg(long, value_name = "TIME")]
    pub(crate) keep_within_yearly: Option<Span>,

    /// All that have this tag, or all of these; may be given several times
    #[arg(long, value_name = "TAG[,TAG]", value_parser = tags)]
    pub(crate) keep_tag: Vec<Tags>,
}

#[derive(Args, Debug)]
pub(crate) struct Patience {
    /// How long to wait for those who add to the store
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = common::cli::quantity::duration)]
    pub(crate) wait: std::time::Duration,
}

#[derive(Args, Debug)]
pub(crate) struct Sweep {
    #[command(flatten)]
    pub(crate) store: StorePlace,

    /// Only say what would be removed
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) patience: Patience,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) store: StorePlace,

    /// Only this database
    #[arg(short = 'd', long = "dbname", value_name = "DBNAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) database: Option<String>,

    #[command(flatten)]
    pub(crate) output: Output,
}
