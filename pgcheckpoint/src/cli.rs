//! What can be typed. No logic: what it means is each command's to say.

mod judge;
mod look;
mod values;

pub(crate) use judge::{FailOn, Judgement, Selection, Tuning, UnknownAs};
pub(crate) use look::{Databases, Limits, Look, Outside};

use clap::{Args, Parser, Subcommand};
use common::cli::flags::{Connection, Output};
use common::cli::{Command, quantity};
use common::records::Format;
use std::path::PathBuf;
use values::share;

/// Tells whether a database is healthy, and whether a change made it worse.
#[derive(Parser, Debug)]
#[command(
    name = "pgcheckpoint",
    version,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "--format also takes prometheus, nagios and html, where a command has such a page."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Commands,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Commands {
    /// Make the checks, once
    #[command(after_help = "--format also takes prometheus, nagios and html.")]
    Run(Box<Run>),
    /// Run assertions on the data: SQL that gives a row for each violation
    Assert(Box<Assert>),
    /// Tell what got worse, better, new or gone between two runs
    Diff(Box<Diff>),
    /// Make the checks again and again for a while, and tell what changes
    Watch(Box<Watch>),
    /// Wait until the server takes queries
    Ready(Box<Ready>),
    /// Make one HTML page of the records of all four tools
    Report(Report),
    /// Tell what can be checked
    List(List),
    /// Print the JSON Schemas of all records
    #[command(hide = true)]
    Schema(Schema),
}

#[derive(Args, Debug)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) selection: Selection,

    #[command(flatten)]
    pub(crate) judgement: Judgement,

    /// Record the run in this file, with what `diff` compares
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,

    /// With --format prometheus: write this file, at once and as a whole, instead of to stdout
    #[arg(help_heading = "Output", long, value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) look: Look,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Assert {
    /// SQL files, or directories of them
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,

    /// Show up to so many rows of an assertion that does not hold; they may hold what not everybody shall read
    #[arg(long, value_name = "ROWS", default_value_t = 0)]
    pub(crate) sample: u32,

    #[command(flatten)]
    pub(crate) judgement: Judgement,

    #[command(flatten)]
    pub(crate) databases: Databases,

    /// The whole run ends after so long, whatever happens
    #[arg(help_heading = "Limits", long, value_name = "TIME", default_value = "10min", value_parser = quantity::seconds)]
    pub(crate) timeout: f64,

    /// A single assertion ends after so long
    #[arg(help_heading = "Limits", long, value_name = "TIME", default_value = "60s", value_parser = quantity::seconds)]
    pub(crate) statement_timeout: f64,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Watch {
    #[command(flatten)]
    pub(crate) selection: Selection,

    /// Look so often
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = quantity::seconds)]
    pub(crate) every: f64,

    /// Watch for so long
    #[arg(long = "for", value_name = "TIME", default_value = "2h", value_parser = quantity::seconds)]
    pub(crate) time: f64,

    #[command(flatten)]
    pub(crate) judgement: Judgement,

    #[command(flatten)]
    pub(crate) look: Look,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Ready {
    /// Give up after so long
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = quantity::seconds)]
    pub(crate) timeout: f64,

    /// Wait for a primary that takes writes, too
    #[arg(long)]
    pub(crate) write: bool,

    #[command(flatten)]
    pub(crate) connection: Connection,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Report {
    /// Files of records; `-` is stdin
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) files: Vec<PathBuf>,

    /// Write this file, as a whole, instead of to stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// The run before: a file that `run --save` wrote
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,

    /// The run after; without it, the database is looked at now
    #[arg(value_name = "AFTER")]
    pub(crate) after: Option<PathBuf>,

    /// A finding as bad as this that was not there before is a regression
    #[arg(long, value_enum, value_name = "STATE", default_value_t = FailOn::Warn)]
    pub(crate) fail_on: FailOn,

    /// Compare statements that were executed so often before each of the two runs
    #[arg(long, value_name = "CALLS", default_value_t = 50)]
    pub(crate) min_calls: u64,

    /// A statement is slower when it takes so many times as long
    #[arg(long, value_name = "TIMES", default_value_t = 1.5)]
    pub(crate) slower: f64,

    /// Tell of tables that have grown or shrunk by this share of themselves
    #[arg(long, value_name = "SHARE", default_value = "20%", value_parser = share)]
    pub(crate) growth: f64,

    #[command(flatten)]
    pub(crate) tuning: Tuning,

    #[command(flatten)]
    pub(crate) look: Look,

    #[command(flatten)]
    pub(crate) output: Output,
}

impl Diff {
    /// All checks, with the thresholds that were given.
    pub(crate) fn selection(&self) -> Selection {
        Selection { checks: Vec::new(), tuning: self.tuning.clone() }
    }

    /// Everything is looked at, and judged by what has changed.
    pub(crate) fn judgement(&self) -> Judgement {
        Judgement { only_problems: true, fail_on: self.fail_on, unknown_as: UnknownAs::Unknown }
    }
}

#[derive(Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) selection: Selection,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Schema {
    #[command(flatten)]
    pub(crate) output: Output,
}

impl Command for Cli {
    const DATA: &'static [&'static str] = &["report", "schema"];
    const EXAMPLES: &'static str = include_str!("examples.txt");

    fn name(&self) -> &str {
        match &self.command {
            Commands::Run(_) => "run",
            Commands::Assert(_) => "assert",
            Commands::Watch(_) => "watch",
            Commands::Ready(_) => "ready",
            Commands::Report(_) => "report",
            Commands::Diff(_) => "diff",
            Commands::List(_) => "list",
            Commands::Schema(_) => "schema",
        }
    }

    fn output(&self) -> &Output {
        match &self.command {
            Commands::Run(args) => &args.output,
            Commands::Assert(args) => &args.output,
            Commands::Watch(args) => &args.output,
            Commands::Ready(args) => &args.output,
            Commands::Report(args) => &args.output,
            Commands::Diff(args) => &args.output,
            Commands::List(args) => &args.output,
            Commands::Schema(args) => &args.output,
        }
    }

    fn has_csv(&self) -> bool {
        matches!(self.command, Commands::Run(_) | Commands::Diff(_) | Commands::Assert(_))
    }

    fn has_page(&self, format: Format) -> bool {
        let _ = format;
        matches!(self.command, Commands::Run(_) | Commands::Assert(_))
    }

    fn reads_records(&self) -> bool {
        match &self.command {
            Commands::Run(args) => args.selection.checks.iter().any(|word| word == "-"),
            Commands::Report(args) => args.files.iter().any(|path| path.as_os_str() == "-"),
            _ => false,
        }
    }
}
