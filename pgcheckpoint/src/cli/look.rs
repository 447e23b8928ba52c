//! Where is looked, and how much may be asked there.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use common::cli::quantity;
use common::store::Location;
use std::path::PathBuf;

/// What is looked at, and how.
#[derive(Args, Clone, Debug)]
pub(crate) struct Look {
    #[command(flatten)]
    pub(crate) databases: Databases,

    #[command(flatten)]
    pub(crate) limits: Limits,

    #[command(flatten)]
    pub(crate) outside: Outside,
}

/// Which databases, in psql's words.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Databases {
    /// Database name, key=value string or URI; may be given several times [default: $PGDATABASE, then the user's name]
    #[arg(help_heading = "Connection", short = 'd', long = "dbname", value_name = "DBNAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) dbname: Vec<String>,

    /// Server's host name, address or socket directory; several with commas [default: $PGHOST]
    #[arg(help_heading = "Connection", short = 'h', long, value_name = "HOST", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) host: Option<String>,

    /// Server's port; several with commas [default: $PGPORT, then 5432]
    #[arg(help_heading = "Connection", short = 'p', long, value_name = "PORT", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) port: Option<String>,

    /// User to connect as; the password comes from $PGPASSWORD, ~/.pgpass or $PGPASSFILE
    #[arg(help_heading = "Connection", short = 'U', long = "username", value_name = "USER", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) username: Option<String>,

    /// Look into every database of the server that lets us in
    #[arg(help_heading = "Connection", id = "all_databases", long = "all-databases")]
    pub(crate) every: bool,
}

/// How much a run may ask of a server.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The whole run ends after so long, whatever happens
    #[arg(help_heading = "Limits", long, value_name = "TIME", default_value = "60s", value_parser = quantity::seconds)]
    pub(crate) timeout: f64,

    /// A single check ends after so long
    #[arg(help_heading = "Limits", long, value_name = "TIME", default_value = "10s", value_parser = quantity::seconds)]
    pub(crate) statement_timeout: f64,

    /// A check waits for a lock at most so long
    #[arg(help_heading = "Limits", long, value_name = "TIME", default_value = "300ms", value_parser = quantity::seconds)]
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

    /// Keep what databases and disks take in this directory, and tell from it how they grow
    #[arg(
        help_heading = "Checks",
        long,
        value_name = "DIR",
        env = "PGCHECKPOINT_HISTORY",
        hide_env_values = true
    )]
    pub(crate) history: Option<PathBuf>,

    /// The server's log in csv or json form, by a path on this machine
    #[arg(help_heading = "Checks", long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
}
