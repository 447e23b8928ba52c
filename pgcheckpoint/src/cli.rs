//! What can be typed. No logic: what it means is each command's to say.

use crate::records::State;
use clap::{Args, Parser, Subcommand, ValueEnum};
use common::cli::flags::{Connection, Output};
use common::cli::{Command, quantity};
use common::records::Format;
use common::store::Location;
use std::path::PathBuf;

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

/// Which databases, in psql's words.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Databases {
    /// Database name, key=value string or URI; may be given several times [default: $PGDATABASE, then the user's name]
    #[arg(help_heading = "Connection", short = 'd', long = "dbname", value_name = "DBNAME")]
    pub(crate) dbname: Vec<String>,

    /// Server's host name, address or socket directory; several with commas [default: $PGHOST]
    #[arg(help_heading = "Connection", short = 'h', long, value_name = "HOST")]
    pub(crate) host: Option<String>,

    /// Server's port; several with commas [default: $PGPORT, then 5432]
    #[arg(help_heading = "Connection", short = 'p', long, value_name = "PORT")]
    pub(crate) port: Option<String>,

    /// User to connect as; the password comes from $PGPASSWORD, ~/.pgpass or $PGPASSFILE
    #[arg(help_heading = "Connection", short = 'U', long = "username", value_name = "USER")]
    pub(crate) username: Option<String>,

    /// Look into every database of the server that lets us in
    #[arg(help_heading = "Connection", id = "all_databases", long = "all-databases")]
    pub(crate) every: bool,
}

/// Which checks, and their thresholds.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Selection {
    /// Checks or groups of checks [default: all]; `-` takes the records on stdin first
    #[arg(value_name = "CHECK|GROUP")]
    pub(crate) checks: Vec<String>,

    #[command(flatten)]
    pub(crate) tuning: Tuning,
}

/// What is left out, and from which values on checks warn.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Tuning {
    /// Leave out this check or group; may be given several times
    #[arg(help_heading = "Checks", long, value_name = "CHECK|GROUP")]
    pub(crate) skip: Vec<String>,

    /// Warn from this value on, such as connections.used=60%; may be given several times
    #[arg(help_heading = "Checks", long, value_name = "CHECK=VALUE", value_parser = pair)]
    pub(crate) warn: Vec<(String, String)>,

    /// Be critical from this value on; may be given several times
    #[arg(help_heading = "Checks", long, value_name = "CHECK=VALUE", value_parser = pair)]
    pub(crate) crit: Vec<(String, String)>,

    /// TOML file with thresholds, also for single objects
    #[arg(
        help_heading = "Checks",
        long,
        value_name = "FILE",
        env = "PGCHECKPOINT_CONFIG",
        hide_env_values = true
    )]
    pub(crate) config: Option<PathBuf>,
}

/// How much a run may ask of a server.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The whole run ends after so long, whatever happens
    #[arg(help_heading = "Limits", long, value_name = "DURATION", default_value = "60s", value_parser = quantity::seconds)]
    pub(crate) timeout: f64,

    /// A single check ends after so long
    #[arg(help_heading = "Limits", long, value_name = "DURATION", default_value = "10s", value_parser = quantity::seconds)]
    pub(crate) statement_timeout: f64,

    /// A check waits for a lock at most so long
    #[arg(help_heading = "Limits", long, value_name = "DURATION", default_value = "300ms", value_parser = quantity::seconds)]
    pub(crate) lock_timeout: f64,

    /// Tell at most so many findings of a check; the rest is one record
    #[arg(help_heading = "Limits", long, value_name = "FINDINGS", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

/// What lies outside of the server.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Outside {
    /// Store of `pgsnap` that has to hold fresh and verified snapshots of the database
    #[arg(
        help_heading = "Backups",
        long,
        value_name = "STORE",
        env = "PGSNAP_STORE",
        hide_env_values = true
    )]
    pub(crate) store: Option<Location>,

    /// Directory of somebody's dump files, the newest of which has to be fresh
    #[arg(help_heading = "Backups", long, value_name = "DIR")]
    pub(crate) dumps: Option<PathBuf>,

    /// File system to look at, by a path on this machine; may be given several times
    #[arg(help_heading = "Checks", long, value_name = "PATH")]
    pub(crate) disk: Vec<PathBuf>,

    /// The server's log in csv or json form, by a path on this machine
    #[arg(help_heading = "Checks", long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
}

/// From which state on something is a "no".
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Already when a check warns.
    Warn,
    /// When a check is critical.
    Crit,
}

/// What to make of a check that could not be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnknownAs {
    /// Nothing: it is told, and does not count.
    Ok,
    /// Exit code 3, unless something is worse.
    Unknown,
    /// The same as critical.
    Crit,
}

impl FailOn {
    /// The state.
    pub(crate) fn state(self) -> State {
        match self {
            Self::Warn => State::Warn,
            Self::Crit => State::Crit,
        }
    }
}

impl UnknownAs {
    /// The state that it counts as.
    pub(crate) fn state(self) -> State {
        match self {
            Self::Ok => State::Ok,
            Self::Unknown => State::Unknown,
            Self::Crit => State::Crit,
        }
    }
}

/// What is told, and how it makes the run end.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Judgement {
    /// Tell only what warns, is critical or could not be told
    #[arg(long)]
    pub(crate) only_problems: bool,

    /// Exit with 1 when something is as bad as this
    #[arg(long, value_enum, value_name = "STATE", default_value_t = FailOn::Crit)]
    pub(crate) fail_on: FailOn,

    /// What something counts as that could not be told
    #[arg(long, value_enum, value_name = "STATE", default_value_t = UnknownAs::Unknown)]
    pub(crate) unknown_as: UnknownAs,
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
    pub(crate) databases: Databases,

    #[command(flatten)]
    pub(crate) limits: Limits,

    #[command(flatten)]
    pub(crate) outside: Outside,

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
    #[arg(help_heading = "Limits", long, value_name = "DURATION", default_value = "10min", value_parser = quantity::seconds)]
    pub(crate) timeout: f64,

    /// A single assertion ends after so long
    #[arg(help_heading = "Limits", long, value_name = "DURATION", default_value = "60s", value_parser = quantity::seconds)]
    pub(crate) statement_timeout: f64,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Watch {
    #[command(flatten)]
    pub(crate) selection: Selection,

    /// Look so often
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = quantity::seconds)]
    pub(crate) every: f64,

    /// Watch for so long
    #[arg(long = "for", value_name = "DURATION", default_value = "2h", value_parser = quantity::seconds)]
    pub(crate) time: f64,

    #[command(flatten)]
    pub(crate) judgement: Judgement,

    #[command(flatten)]
    pub(crate) databases: Databases,

    #[command(flatten)]
    pub(crate) limits: Limits,

    #[command(flatten)]
    pub(crate) outside: Outside,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Ready {
    /// Give up after so long
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = quantity::seconds)]
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
    pub(crate) databases: Databases,

    #[command(flatten)]
    pub(crate) limits: Limits,

    #[command(flatten)]
    pub(crate) outside: Outside,

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

/// A share, also written `20%`.
fn share(text: &str) -> Result<f64, String> {
    let value = crate::catalogue::Unit::Ratio.parse(text).filter(|share| *share >= 0.0);
    value.ok_or_else(|| "it is a number or a percentage, such as 20%".to_owned())
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((check, value)) if !check.is_empty() => Ok((check.to_owned(), value.to_owned())),
        _ => Err("it is CHECK=VALUE, such as connections.used=60%".to_owned()),
    }
}

impl Command for Cli {
    const DATA: &'static [&'static str] = &["report", "schema"];

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
