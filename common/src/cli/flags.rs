//! The flags that all tools have, in the same words.

use crate::records::Format;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use std::ffi::OsString;
use std::io::IsTerminal;

/// Which database, in psql's words; but an empty word, such as of a variable that is not set, is not taken for the default.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// Database name, key=value string or URI [default: $PGDATABASE, then the user's name]
    #[arg(help_heading = "Connection", short = 'd', long = "dbname", value_name = "DBNAME", value_parser = NonEmptyStringValueParser::new())]
    pub dbname: Option<String>,

    /// Server's host name, address or socket directory; several with commas [default: $PGHOST]
    #[arg(help_heading = "Connection", short = 'h', long, value_name = "HOST", value_parser = NonEmptyStringValueParser::new())]
    pub host: Option<String>,

    /// Server's port; several with commas [default: $PGPORT, then 5432]
    #[arg(help_heading = "Connection", short = 'p', long, value_name = "PORT", value_parser = NonEmptyStringValueParser::new())]
    pub port: Option<String>,

    /// User to connect as; the password comes from $PGPASSWORD, ~/.pgpass or $PGPASSFILE
    #[arg(help_heading = "Connection", short = 'U', long = "username", value_name = "USER", value_parser = NonEmptyStringValueParser::new())]
    pub username: Option<String>,
}

/// How the run speaks. Accepted before and after a subcommand.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// What stdout shows [default: table on a terminal, jsonl otherwise]
    #[arg(help_heading = "Output", long, value_enum, value_name = "FORMAT", global = true)]
    pub format: Option<Format>,

    /// Say only warnings and errors on stderr
    #[arg(help_heading = "Output", short, long, global = true)]
    pub quiet: bool,

    /// Show no progress bar
    #[arg(help_heading = "Output", long, conflicts_with = "progress", global = true)]
    pub no_progress: bool,

    /// Write `progress` records, at most one a second
    #[arg(help_heading = "Output", long, global = true)]
    pub progress: bool,
}

impl Output {
    /// The format that was asked for, or the one that suits stdout.
    pub fn resolve(&self) -> Format {
        let suited = if std::io::stdout().is_terminal() { Format::Table } else { Format::Jsonl };
        self.format.unwrap_or(suited)
    }
}

/// A parameter and its value.
pub fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("it is NAME=VALUE, such as work_mem=64MB".to_owned()),
    }
}

/// The format of a page that a command line asks for which otherwise is wrong: its reader knows no other language.
pub(super) fn page(arguments: &[OsString]) -> Option<Format> {
    let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
    let after = words.windows(2).filter(|pair| pair[0] == "--format").map(|pair| pair[1].to_string());
    let joined = words.iter().filter_map(|word| word.strip_prefix("--format=").map(str::to_owned));
    let format = after.chain(joined).last()?;
    <Format as clap::ValueEnum>::from_str(&format, false).ok().filter(|format| format.is_page())
}
