//! What can be typed. No logic: what it means is each command's to say.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand};
use common::cli::flags::{Connection, Output};
use common::cli::store::StoreFlags;
use common::cli::{Command, quantity};
use common::store::Location;
use std::ffi::OsString;
use std::path::PathBuf;

/// Proves that a backup of a PostgreSQL database restores to exactly what the source held.
#[derive(Parser, Debug)]
#[command(name = "pgverify", version, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Commands,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Commands {
    /// Restore a snapshot into a private cluster and prove that it equals its source
    Restore(Box<Restore>),
    /// Compare two sides, each a snapshot or a live database
    Compare(Box<Compare>),
    /// Restore somebody's `pg_dump` file into a private cluster, strictly
    Archive(Box<Archive>),
    /// Print the JSON Schemas of all records
    #[command(hide = true)]
    Schema(Schema),
}

/// Where the copy lives, and for how long.
#[derive(Args, Clone, Debug)]
pub(crate) struct Place {
    /// Major version of the private cluster [default: the source's]
    #[arg(help_heading = "Copy", long, value_name = "MAJOR", value_parser = clap::value_parser!(u32).range(12..=18), conflicts_with = "server")]
    pub(crate) pg_version: Option<u32>,

    /// Use a scratch database on this server instead of a private cluster
    #[arg(help_heading = "Copy", long, value_name = "CONN", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) server: Option<String>,

    /// Make the private cluster in this directory [default: $TMPDIR, then /tmp]
    #[arg(help_heading = "Copy", long, value_name = "DIR", conflicts_with = "server")]
    pub(crate) work_dir: Option<PathBuf>,

    /// Set a parameter of the private cluster's server, as NAME=VALUE; may be given several times
    #[arg(help_heading = "Copy", long = "set", value_name = "NAME=VALUE", value_parser = common::cli::flags::setting, conflicts_with = "server")]
    pub(crate) settings: Vec<(String, String)>,

    /// Leave the copy up at the end, and say how to reach and remove it
    #[arg(help_heading = "Copy", long)]
    pub(crate) keep: bool,

    /// Hold the copy until SIGINT or SIGTERM comes, then remove it
    #[arg(help_heading = "Copy", long, conflicts_with = "keep")]
    pub(crate) hold: bool,

    /// Assertions to run on the copy: an SQL file or a directory of them; may be given several times
    #[arg(help_heading = "Copy", long, value_name = "PATH")]
    pub(crate) checks: Vec<PathBuf>,

    /// Program to run on the copy, with its arguments; its exit code counts
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch with a meaning of its own")]
pub(crate) struct Restore {
    /// Snapshot: its name, a unique beginning of it, `latest`, `latest:DATABASE`, or `-` for those in the records on stdin
    #[arg(value_name = "SNAPSHOT", allow_hyphen_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) snapshot: String,

    #[command(flatten)]
    pub(crate) store: StoreFlags,

    /// Connections that write and read at the same time
    #[arg(short, long, value_name = "JOBS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,

    /// Everything belongs to who restores; owners are not compared
    #[arg(short = 'O', long)]
    pub(crate) no_owner: bool,

    /// No GRANT and REVOKE; privileges are not compared
    #[arg(short = 'x', long)]
    pub(crate) no_privileges: bool,

    /// With --server, create roles that are missing there; a private cluster always gets them
    #[arg(long, requires = "server")]
    pub(crate) create_roles: bool,

    /// Stop at the first difference
    #[arg(long)]
    pub(crate) fail_fast: bool,

    /// Write no attestation into the store
    #[arg(long)]
    pub(crate) no_attest: bool,

    #[command(flatten)]
    pub(crate) place: Place,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch with a meaning of its own")]
pub(crate) struct Compare {
    /// What is expected: a snapshot or a live database
    #[arg(value_name = "A", allow_hyphen_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) a: String,

    /// What is looked at: a snapshot or a live database
    #[arg(value_name = "B", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) b: String,

    /// The store, when a side is a snapshot: a directory, `s3://BUCKET/PREFIX`, …
    #[arg(long, value_name = "STORE", env = "PGSNAP_STORE", hide_env_values = true)]
    pub(crate) store: Option<Location>,

    /// Private key that opens an encrypted store: an age identity file or an SSH key; may be given several times
    #[arg(long, value_name = "FILE", env = "PGSNAP_IDENTITY", hide_env_values = true)]
    pub(crate) identity: Vec<PathBuf>,

    /// Connections that read at the same time, on each side
    #[arg(short, long, value_name = "JOBS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,

    /// Tell which rows are missing, extra or changed, and in which columns
    #[arg(long)]
    pub(crate) rows: bool,

    /// With --rows, show the values, too
    #[arg(long, requires = "rows")]
    pub(crate) show_values: bool,

    /// Only schemas that match the pattern
    #[arg(short = 'n', long, value_name = "PATTERN", help_heading = "Selection")]
    pub(crate) schema: Vec<String>,

    /// Not the schemas that match the pattern
    #[arg(short = 'N', long, value_name = "PATTERN", help_heading = "Selection")]
    pub(crate) exclude_schema: Vec<String>,

    /// Only tables that match the pattern
    #[arg(short = 't', long, value_name = "PATTERN", help_heading = "Selection")]
    pub(crate) table: Vec<String>,

    /// Not the tables that match the pattern
    #[arg(short = 'T', long, value_name = "PATTERN", help_heading = "Selection")]
    pub(crate) exclude_table: Vec<String>,

    /// Compare only the schema
    #[arg(short = 's', long, conflicts_with_all = ["rows", "data_only"], help_heading = "Selection")]
    pub(crate) schema_only: bool,

    /// Compare only what is stored: rows, sequences, large objects
    #[arg(short = 'a', long, help_heading = "Selection")]
    pub(crate) data_only: bool,

    /// Look again at rows that differ after so long, and tell lasting differences from those in flight
    #[arg(long, value_name = "TIME", requires = "rows", value_parser = quantity::seconds)]
    pub(crate) recheck: Option<f64>,

    /// Write the statements that would make B equal to A, for a person to review and run
    #[arg(long, value_name = "FILE", requires = "rows", conflicts_with = "fail_fast")]
    pub(crate) sync_sql: Option<PathBuf>,

    /// Stop at the first difference
    #[arg(long)]
    pub(crate) fail_fast: bool,

    /// Read at most so many bytes of rows a second from each live side, such as 20M
    #[arg(long, value_name = "BYTES", value_parser = quantity::bytes, help_heading = "Load")]
    pub(crate) max_rate: Option<u64>,

    /// Pause while a live side has more active sessions than this
    #[arg(long, value_name = "SESSIONS", help_heading = "Load")]
    pub(crate) max_active: Option<u32>,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch with a meaning of its own")]
pub(crate) struct Archive {
    /// File or directory that `pg_dump` or `pg_dumpall` wrote: custom, directory, tar or plain SQL, also compressed by gzip, zstd or lz4
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// The live database that it is of, to be compared with
    #[command(flatten)]
    pub(crate) connection: Connection,

    /// With -d, tell which rows are missing, extra or changed, and in which columns
    #[arg(long)]
    pub(crate) rows: bool,

    /// With --rows, show the values, too
    #[arg(long, requires = "rows")]
    pub(crate) show_values: bool,

    /// Connections that write and read at the same time
    #[arg(short, long, value_name = "JOBS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,

    /// Stop at the first difference
    #[arg(long)]
    pub(crate) fail_fast: bool,

    /// Run statements, too, by which a dump can reach programs and files of this machine
    #[arg(long)]
    pub(crate) trust: bool,

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

impl Place {
    /// Whether anybody will work on the copy.
    pub(crate) fn is_used(&self) -> bool {
        self.keep || self.hold || !self.command.is_empty() || !self.checks.is_empty()
    }
}

impl Command for Cli {
    const DATA: &'static [&'static str] = &["schema"];
    const EXAMPLES: &'static str = include_str!("examples.txt");

    fn name(&self) -> &str {
        match &self.command {
            Commands::Restore(_) => "restore",
            Commands::Compare(_) => "compare",
            Commands::Archive(_) => "archive",
            Commands::Schema(_) => "schema",
        }
    }

    fn output(&self) -> &Output {
        match &self.command {
            Commands::Restore(args) => &args.output,
            Commands::Compare(args) => &args.output,
            Commands::Archive(args) => &args.output,
            Commands::Schema(args) => &args.output,
        }
    }

    fn has_csv(&self) -> bool {
        matches!(&self.command, Commands::Compare(args) if args.rows)
    }

    fn reads_records(&self) -> bool {
        match &self.command {
            Commands::Restore(args) => args.snapshot == "-",
            Commands::Compare(args) => args.a == "-",
            Commands::Archive(_) | Commands::Schema(_) => false,
        }
    }
}
