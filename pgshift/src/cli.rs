//! What can be typed. No logic: what it means is each command's to say.

mod files;
mod judge;

pub(crate) use files::New;
pub(crate) use judge::{Lint, Stats};

use clap::{Args, Parser, Subcommand};
use common::cli::Command;
use common::cli::flags::Output;
use std::path::PathBuf;

/// Applies schema migrations to `PostgreSQL` that were rehearsed, gated and traced.
#[derive(Parser, Debug)]
#[command(name = "pgshift", version, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Commands,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Commands {
    /// Make the next migration's files
    New(New),

    /// Find statements that lock others out, fail, or break what runs, judged by the sizes of tables
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

#[derive(Args, Debug)]
pub(crate) struct Schema {
    #[command(flatten)]
    pub(crate) output: Output,
}

impl Command for Cli {
    const DATA: &'static [&'static str] = &["schema"];

    fn name(&self) -> &str {
        match &self.command {
            Commands::New(_) => "new",
            Commands::Lint(_) => "lint",
            Commands::Stats(_) => "stats",
            Commands::Schema(_) => "schema",
        }
    }

    fn output(&self) -> &Output {
        match &self.command {
            Commands::New(args) => &args.output,
            Commands::Lint(args) => &args.output,
            Commands::Stats(args) => &args.output,
            Commands::Schema(args) => &args.output,
        }
    }

    fn judges_files(&self) -> bool {
        matches!(self.command, Commands::Lint(_))
    }
}
