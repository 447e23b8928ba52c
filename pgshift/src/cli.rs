//! What can be typed. No logic: what it means is each command's to say.

mod files;
mod judge;

pub(crate) use files::{Adopt, New, Squash};
pub(crate) use judge::{Lint, Stats};

use crate::apply::Resume;
use crate::django::Django;
use crate::trace::Margin;
use clap::{Args, Parser, Subcommand};
use common::cli::Command;
use common::cli::flags::{Connection, Output};
use common::cli::quantity::duration;
use std::path::PathBuf;
use std::time::Duration;

/// Applies schema migrations to PostgreSQL that were rehearsed, gated and traced.
#[derive(Parser, Debug)]
#[command(name = "pgshift", version, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Commands,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Commands {
    /// Show what apply would run, statement by statement
    Plan(Plan),
    /// Show each migration and where it stands
    Status(Status),
    /// Tell by the exit code whether anything is pending (1), contradictory (6), drifted apart (7), half done (8) or applied before what it needs (9)
    Check(Check),
    /// Apply what is pending
    Apply(Box<Apply>),
    /// Take migrations back by their down scripts
    Revert(Box<Revert>),
    /// Take over the history of another tool
    Adopt(Box<Adopt>),
    /// Put one file in the place of many
    Squash(Box<Squash>),
    /// Make the next migration's files
    New(New),

    /// Find statements that lock others out, fail, or break what runs, judged by the sizes of tables
    #[command(after_help = "--format also takes sarif and github.")]
    Lint(Box<Lint>),

    /// Write down the schema and the sizes of a database, for `lint --stats`
    Stats(Stats),

    /// Print the JSON Schemas of all records
    #[command(hide = true)]
    Schema(Schema),
}

/// Where the migrations are.
#[derive(Args, Clone, Debug)]
pub(crate) struct Migrations {
    /// Directory of the migrations
    #[arg(
        help_heading = "Migrations",
        long,
        value_name = "DIR",
        env = "PGSHIFT_DIR",
        default_value = "migrations"
    )]
    pub(crate) dir: PathBuf,

    /// Convention of the directory, where it cannot be told from its files, such as `flyway` or `goose`
    #[arg(help_heading = "Migrations", long, value_name = "CONVENTION")]
    pub(crate) convention: Option<String>,

    /// Value for a placeholder in the files, as NAME=VALUE; may be given several times
    #[arg(help_heading = "Migrations", long = "placeholder", value_name = "NAME=VALUE")]
    pub(crate) placeholders: Vec<String>,
}

/// Which database, which migrations, and where they are written down.
#[derive(Args, Clone, Debug)]
pub(crate) struct Place {
    #[command(flatten)]
    pub(crate) connection: Connection,

    #[command(flatten)]
    pub(crate) migrations: Migrations,

    /// Schema of the history's table
    #[arg(
        help_heading = "Migrations",
        long,
        value_name = "SCHEMA",
        env = "PGSHIFT_HISTORY_SCHEMA",
        default_value = "pgshift"
    )]
    pub(crate) history_schema: String,
}

/// How locks are waited for.
#[derive(Args, Clone, Debug)]
pub(crate) struct Waiting {
    /// How long a statement may wait for a lock that others would queue behind, such as 3s; 0 for ever
    #[arg(help_heading = "Locks", long, value_name = "TIME", default_value = "3s", value_parser = duration)]
    pub(crate) lock_timeout: Duration,

    /// How often it is tried again after that
    #[arg(help_heading = "Locks", long, value_name = "COUNT", default_value_t = 12)]
    pub(crate) lock_retries: u32,

    /// How long to wait for another pgshift in this database
    #[arg(help_heading = "Locks", long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub(crate) wait: Duration,

    /// Show what those run who are in the way; it may hold what is secret
    #[arg(help_heading = "Locks", long)]
    pub(crate) show_queries: bool,

    /// How far replicas may be behind a backfill before it waits for them
    #[arg(help_heading = "Locks", long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub(crate) max_lag: Duration,

    /// How long a backfill waits for them at a time; 0 for ever
    #[arg(help_heading = "Locks", long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    pub(crate) max_replica_wait: Duration,

    /// What became of a statement that was begun and is in doubt
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub(crate) resume: Option<Resume>,
}

#[derive(Args, Debug)]
pub(crate) struct Plan {
    /// `-` to show what a rehearsal measured, in the records on stdin, as `apply --trace` writes them
    #[arg(value_name = "-", allow_hyphen_values = true, value_parser = ["-"])]
    pub(crate) rehearsal: Option<String>,

    /// The last version to apply
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Option<String>,

    #[command(flatten)]
    pub(crate) django: Django,

    #[command(flatten)]
    pub(crate) place: Place,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) django: Django,

    #[command(flatten)]
    pub(crate) place: Place,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) django: Django,

    #[command(flatten)]
    pub(crate) place: Place,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Apply {
    /// `-` to pass only with a proof in the records on stdin, as `pgverify restore` writes them
    #[arg(value_name = "-", allow_hyphen_values = true, value_parser = ["-"])]
    pub(crate) gate: Option<String>,

    /// The last version to apply
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Option<String>,

    /// Apply without a proof that the rows of this database could be restored
    #[arg(help_heading = "Gate", long, conflicts_with = "gate")]
    pub(crate) no_gate: bool,

    /// How old the snapshot may be, such as 1h or 30m
    #[arg(help_heading = "Gate", long, value_name = "TIME", default_value = "1h", value_parser = duration)]
    pub(crate) max_age: Duration,

    /// Tell of each statement what it locks and for how long, and of all of them how long a window they need
    #[arg(help_heading = "Rehearsal", long)]
    pub(crate) trace: bool,

    /// How much the estimates have on top of what was measured
    #[arg(
        help_heading = "Rehearsal",
        long,
        value_name = "PERCENT",
        default_value = "20%",
        requires = "trace"
    )]
    pub(crate) margin: Margin,

    /// Apply also versions that came after a higher one was applied
    #[arg(help_heading = "Conflicts", long)]
    pub(crate) allow_late: bool,

    /// Take this version's file as it is for what was applied, or for gone; may be given several times
    #[arg(help_heading = "Conflicts", long, value_name = "VERSION")]
    pub(crate) accept: Vec<String>,

    #[command(flatten)]
    pub(crate) waiting: Waiting,

    #[command(flatten)]
    pub(crate) django: Django,

    #[command(flatten)]
    pub(crate) place: Place,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Revert {
    /// Of a Django project: the app
    pub(crate) app: Option<String>,

    /// Of a Django project: the last migration of the app that stays; `zero` for none
    #[arg(requires = "app")]
    pub(crate) migration: Option<String>,

    /// Only tell what would be taken back, and what of it would be lost
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,

    /// The last version that stays; 0 for none [default: the one before the last]
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Option<String>,

    #[command(flatten)]
    pub(crate) waiting: Waiting,

    #[command(flatten)]
    pub(crate) django: Django,

    #[command(flatten)]
    pub(crate) place: Place,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Schema {
    #[command(flatten)]
    pub(crate) output: Output,
}

impl Command for Cli {
    const DATA: &'static [&'static str] = &["schema"];
    const EXAMPLES: &'static str = include_str!("examples.txt");

    fn name(&self) -> &str {
        match &self.command {
            Commands::Plan(_) => "plan",
            Commands::Status(_) => "status",
            Commands::Check(_) => "check",
            Commands::Apply(_) => "apply",
            Commands::Revert(_) => "revert",
            Commands::Adopt(_) => "adopt",
            Commands::Squash(_) => "squash",
            Commands::New(_) => "new",
            Commands::Lint(_) => "lint",
            Commands::Stats(_) => "stats",
            Commands::Schema(_) => "schema",
        }
    }

    fn output(&self) -> &Output {
        match &self.command {
            Commands::Plan(args) => &args.output,
            Commands::Status(args) => &args.output,
            Commands::Check(args) => &args.output,
            Commands::Apply(args) => &args.output,
            Commands::Revert(args) => &args.output,
            Commands::Adopt(args) => &args.output,
            Commands::Squash(args) => &args.output,
            Commands::New(args) => &args.output,
            Commands::Lint(args) => &args.output,
            Commands::Stats(args) => &args.output,
            Commands::Schema(args) => &args.output,
        }
    }

    fn judges_files(&self) -> bool {
        matches!(self.command, Commands::Lint(_))
    }

    fn reads_records(&self) -> bool {
        match &self.command {
            Commands::Apply(args) => args.gate.is_some(),
            Commands::Plan(args) => args.rehearsal.is_some(),
            _ => false,
        }
    }
}
