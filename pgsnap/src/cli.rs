//! What can be typed. No logic: what it means is each command's to say.

mod exchange;
mod retention;
mod tag;

pub(crate) use exchange::{Export, ExportKind, Import};
pub(crate) use retention::{Forget, Patience, Rules, Status, Sweep};

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use common::cli::Command;
use common::cli::flags::{Connection, Output};
use common::cli::store::{StoreFlags, StorePlace};
use common::format::frame::Compression;
use common::store::Location;

/// Consistent, parallel, compressed, hashed snapshots of PostgreSQL databases.
#[derive(Parser, Debug)]
#[command(name = "pgsnap", version, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Commands,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Commands {
    /// Take a snapshot of a database
    Create(Box<Create>),
    /// Bring a snapshot back into a database, and prove that it is the same
    Restore(Box<Restore>),
    /// List the snapshots of a store
    List(List),
    /// Show what is in a snapshot
    Show(Show),
    /// Check that all that snapshots need is there and undamaged
    Check(Check),
    /// Print a table's rows straight from a snapshot
    Cat(Cat),
    /// Copy snapshots into another store
    Copy(Copy),
    /// Write a snapshot as other programs read it: pg_restore, psql, spreadsheets
    Export(Box<Export>),
    /// Take existing dumps of pg_dump's into the store, as snapshots
    Import(Box<Import>),
    /// Let snapshots go, by rules or by name, and with them the blocks that nobody needs
    Forget(Box<Forget>),
    /// Remove the blocks that no snapshot needs
    Sweep(Sweep),
    /// Tell of each database how old, how large and how proved its snapshots are
    Status(Status),
    /// Show or change who may read an encrypted store
    Keys(Keys),
    /// Print the JSON Schemas of all records
    #[command(hide = true)]
    Schema(Schema),
}

#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of pg_dump with a meaning of its own")]
pub(crate) struct Create {
    #[command(flatten)]
    pub(crate) store: StorePlace,

    #[command(flatten)]
    pub(crate) connection: Connection,

    /// Snapshot all databases of the server, one after another
    #[arg(long)]
    pub(crate) all_databases: bool,

    /// More databases of the same server
    #[arg(value_name = "DATABASE", conflicts_with = "all_databases", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) databases: Vec<String>,

    /// Connections that read rows at the same time
    #[arg(short, long, value_name = "JOBS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,

    /// How new blocks are compressed
    #[arg(
        short = 'Z',
        long,
        value_name = "METHOD",
        default_value = "zstd:1",
        help = "Compression of new blocks: zstd[:LEVEL], gzip[:LEVEL] or none"
    )]
    pub(crate) compress: Compression,

    /// Encrypt a new store to this public key: age1…, an SSH key, or a file of such; may be given several times
    #[arg(long, value_name = "RECIPIENT")]
    pub(crate) encrypt_to: Vec<String>,

    /// Label the snapshot; may be given several times
    #[arg(long, value_name = "TAG", value_parser = tag::tag)]
    pub(crate) tag: Vec<String>,

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

    /// The definition but not the rows of tables that match the pattern
    #[arg(long, value_name = "PATTERN", help_heading = "Selection")]
    pub(crate) exclude_table_data: Vec<String>,

    /// Not the rows of unlogged tables
    #[arg(long, help_heading = "Selection")]
    pub(crate) no_unlogged_table_data: bool,

    /// Large objects too, although only a part of the database is selected
    #[arg(short = 'b', long, help_heading = "Selection")]
    pub(crate) large_objects: bool,

    /// No large objects
    #[arg(short = 'B', long, conflicts_with = "large_objects", help_heading = "Selection")]
    pub(crate) no_large_objects: bool,

    /// Do a SET ROLE first
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Option<String>,

    /// Read at most so many bytes of rows a second, such as 50M
    #[arg(long, value_name = "BYTES", value_parser = common::cli::quantity::bytes, help_heading = "Load")]
    pub(crate) max_rate: Option<u64>,

    /// Let only one connection read on while sessions of others wait: for locks, the disk, each other
    #[arg(long, help_heading = "Load")]
    pub(crate) nice: bool,

    /// On a standby, pause the replay meanwhile, for at most so long, such as 10m
    #[arg(long, value_name = "TIME", value_parser = common::cli::quantity::seconds, help_heading = "Load")]
    pub(crate) pause_replay: Option<f64>,

    /// Give up when a table cannot be locked for so long
    #[arg(long, value_name = "MILLISECONDS")]
    pub(crate) lock_wait_timeout: Option<u64>,

    /// Begin although the store may have too little free space
    #[arg(long)]
    pub(crate) no_space_check: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of pg_restore with a meaning of its own")]
pub(crate) struct Restore {
    /// Snapshot: its name, a unique beginning of it, `latest`, `latest:DATABASE`, or `-` for the one in the records on stdin
    #[arg(value_name = "SNAPSHOT", allow_hyphen_values = true)]
    pub(crate) snapshot: String,

    #[command(flatten)]
    pub(crate) store: StoreFlags,

    #[command(flatten)]
    pub(crate) connection: Connection,

    /// Connections that write at the same time
    #[arg(short, long, value_name = "JOBS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,

    /// Create the database first, under the name of -d or, without one, under its own
    #[arg(short = 'C', long)]
    pub(crate) create: bool,

    /// Drop what the snapshot brings before it is made; with --create the whole database
    #[arg(short, long)]
    pub(crate) clean: bool,

    /// With --clean, don't mind what is not there
    #[arg(long, requires = "clean")]
    pub(crate) if_exists: bool,

    /// Create roles that are missing, with the passwords that the snapshot holds
    #[arg(long)]
    pub(crate) create_roles: bool,

    /// Only these schemas
    #[arg(short = 'n', long, value_name = "SCHEMA", help_heading = "Selection")]
    pub(crate) schema: Vec<String>,

    /// Only these tables (NAME or SCHEMA.NAME), with their indexes, constraints and triggers
    #[arg(short = 't', long, value_name = "TABLE", help_heading = "Selection")]
    pub(crate) table: Vec<String>,

    /// Everything belongs to who restores
    #[arg(short = 'O', long)]
    pub(crate) no_owner: bool,

    /// No GRANT and REVOKE
    #[arg(short = 'x', long)]
    pub(crate) no_privileges: bool,

    /// Everything into the database's own tablespace
    #[arg(long)]
    pub(crate) no_tablespaces: bool,

    /// No comments
    #[arg(long)]
    pub(crate) no_comments: bool,

    /// No publications
    #[arg(long)]
    pub(crate) no_publications: bool,

    /// No subscriptions
    #[arg(long)]
    pub(crate) no_subscriptions: bool,

    /// No security labels
    #[arg(long)]
    pub(crate) no_security_labels: bool,

    /// Do a SET ROLE first
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Option<String>,

    /// No ANALYZE at the end
    #[arg(long)]
    pub(crate) no_analyze: bool,

    /// Don't read everything back to compare it with the snapshot
    #[arg(long)]
    pub(crate) no_proof: bool,

    /// Restore although the database is not empty, or is the very one that the snapshot is from
    #[arg(long)]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) store: StorePlace,

    /// Only snapshots of this database
    #[arg(short = 'd', long = "dbname", value_name = "DBNAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) database: Option<String>,

    /// Only snapshots with this tag
    #[arg(long, value_name = "TAG", value_parser = tag::tag)]
    pub(crate) tag: Option<String>,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Show {
    /// Snapshot: its name, a unique beginning of it, `latest` or `latest:DATABASE`
    #[arg(value_name = "SNAPSHOT")]
    pub(crate) snapshot: String,

    #[command(flatten)]
    pub(crate) store: StoreFlags,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Snapshots; all of the store when none is named
    #[arg(value_name = "SNAPSHOT")]
    pub(crate) snapshots: Vec<String>,

    #[command(flatten)]
    pub(crate) store: StoreFlags,

    /// Read every block and compare it with its name
    #[arg(long)]
    pub(crate) read_data: bool,

    /// Read a part of the blocks: 3/7 is the third of seven parts, so that seven days cover all
    #[arg(long, value_name = "N/M", conflicts_with = "read_data")]
    pub(crate) read_data_subset: Option<Subset>,

    #[command(flatten)]
    pub(crate) output: Output,
}

/// One of several equal parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subset {
    pub(crate) part: u64,
    pub(crate) parts: u64,
}

impl std::str::FromStr for Subset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers =
            text.split_once('/').and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)));
        match numbers {
            Some((part, parts)) if part >= 1 && part <= parts => Ok(Self { part, parts }),
            _ => Err("it is N/M with N from 1 to M".to_owned()),
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct Cat {
    /// Snapshot: its name, a unique beginning of it, `latest` or `latest:DATABASE`
    #[arg(value_name = "SNAPSHOT")]
    pub(crate) snapshot: String,

    /// Table: NAME or SCHEMA.NAME, unquoted
    #[arg(value_name = "TABLE")]
    pub(crate) table: String,

    #[command(flatten)]
    pub(crate) store: StoreFlags,

    /// How rows are written
    #[arg(long = "as", value_enum, value_name = "KIND", default_value_t = RowFormat::Text)]
    pub(crate) row_format: RowFormat,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Copy {
    /// Snapshots: names, unique beginnings, `latest`, `latest:DATABASE`, or `-` for those in the records on stdin
    #[arg(value_name = "SNAPSHOT", required = true)]
    pub(crate) snapshots: Vec<String>,

    /// The store that has them, as in all commands [default with `-`: the one that the records name]
    #[arg(long, value_name = "STORE", env = "PGSNAP_STORE", hide_env_values = true)]
    pub(crate) store: Option<Location>,

    /// The store that takes them, made when it is not there
    #[arg(long, value_name = "STORE")]
    pub(crate) to: Location,

    /// Blocks that are read and checked at the same time
    #[arg(short, long, value_name = "JOBS", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowFormat {
    /// COPY text format, as stored
    Text,
    /// CSV with a header, NULL as an empty field
    Csv,
    /// One JSON object a row
    Jsonl,
}

#[derive(Args, Debug)]
pub(crate) struct Keys {
    #[command(flatten)]
    pub(crate) store: StoreFlags,

    /// From now on these may read, and nobody else; may be given several times
    #[arg(long, value_name = "RECIPIENT")]
    pub(crate) encrypt_to: Vec<String>,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Schema {
    #[command(flatten)]
    pub(crate) output: Output,
}

impl Command for Cli {
    const DATA: &'static [&'static str] = &["cat", "schema"];
    const EXAMPLES: &'static str = include_str!("examples.txt");

    fn name(&self) -> &str {
        match &self.command {
            Commands::Create(_) => "create",
            Commands::Restore(_) => "restore",
            Commands::List(_) => "list",
            Commands::Show(_) => "show",
            Commands::Check(_) => "check",
            Commands::Cat(_) => "cat",
            Commands::Copy(_) => "copy",
            Commands::Export(_) => "export",
            Commands::Import(_) => "import",
            Commands::Forget(_) => "forget",
            Commands::Sweep(_) => "sweep",
            Commands::Status(_) => "status",
            Commands::Keys(_) => "keys",
            Commands::Schema(_) => "schema",
        }
    }

    fn output(&self) -> &Output {
        match &self.command {
            Commands::Create(args) => &args.output,
            Commands::Restore(args) => &args.output,
            Commands::List(args) => &args.output,
            Commands::Show(args) => &args.output,
            Commands::Check(args) => &args.output,
            Commands::Cat(args) => &args.output,
            Commands::Copy(args) => &args.output,
            Commands::Export(args) => &args.output,
            Commands::Import(args) => &args.output,
            Commands::Forget(args) => &args.output,
            Commands::Sweep(args) => &args.output,
            Commands::Status(args) => &args.output,
            Commands::Keys(args) => &args.output,
            Commands::Schema(args) => &args.output,
        }
    }

    fn reads_records(&self) -> bool {
        match &self.command {
            Commands::Restore(restore) => restore.snapshot == "-",
            Commands::Copy(copy) => copy.snapshots.iter().any(|name| name == "-"),
            Commands::Export(export) => export.snapshot == "-",
            _ => false,
        }
    }

    fn shows_records(&self) -> bool {
        let data = matches!(&self.command, Commands::Export(export) if export.is_to_stdout());
        !data && !Self::DATA.contains(&self.name())
    }
}
