//! What can be typed behind `export` and `import`.

use super::tag::tag;
use clap::{Args, ValueEnum};
use common::cli::flags::Output;
use common::cli::store::{StoreFlags, StorePlace};
use common::format::frame::Compression;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Export {
    /// Snapshot: its name, a unique beginning of it, `latest`, `latest:DATABASE`, or `-` for the one in the records on stdin
    #[arg(value_name = "SNAPSHOT", allow_hyphen_values = true)]
    pub(crate) snapshot: String,

    /// What is written
    #[arg(long = "to", value_enum, value_name = "KIND")]
    pub(crate) kind: ExportKind,

    /// Where to: a new directory, a new file, or `-` for stdout (of sql also when it is left out)
    #[arg(value_name = "PATH", allow_hyphen_values = true)]
    pub(crate) path: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) store: StoreFlags,

    /// Tables that are written at the same time
    #[arg(short, long, value_name = "JOBS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,

    /// How the files of pg_dump are compressed
    #[arg(
        short = 'Z',
        long,
        value_name = "METHOD",
        help = "Compression of the files of pg_dump: none, gzip[:LEVEL], or zstd[:LEVEL] for pg_restore 16 and later [default: gzip:1]"
    )]
    pub(crate) compress: Option<Compression>,

    /// Only these schemas
    #[arg(short = 'n', long, value_name = "SCHEMA", help_heading = "Selection")]
    pub(crate) schema: Vec<String>,

    /// Only these tables (NAME or SCHEMA.NAME), with their indexes, constraints and triggers
    #[arg(short = 't', long, value_name = "TABLE", help_heading = "Selection")]
    pub(crate) table: Vec<String>,

    /// In sql, everything belongs to who restores
    #[arg(short = 'O', long)]
    pub(crate) no_owner: bool,

    /// In sql, no GRANT and REVOKE
    #[arg(short = 'x', long)]
    pub(crate) no_privileges: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

impl Export {
    /// Whether stdout is what is exported.
    pub(crate) fn is_to_stdout(&self) -> bool {
        self.kind == ExportKind::Sql && self.path.as_ref().is_none_or(|path| path.as_os_str() == "-")
    }
}

#[derive(Args, Debug)]
pub(crate) struct Import {
    /// Files or directories that `pg_dump` or `pg_dumpall` wrote: custom, directory, tar or plain SQL, also compressed by gzip, zstd or lz4
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) store: StorePlace,

    /// Connections that write, then read, at the same time
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
    #[arg(long, value_name = "TAG", value_parser = tag)]
    pub(crate) tag: Vec<String>,

    /// Run statements, too, by which a dump can reach programs and files of this machine
    #[arg(long)]
    pub(crate) trust: bool,

    /// Major version of the private cluster [default: the source's]
    #[arg(help_heading = "Private cluster", long, value_name = "MAJOR", value_parser = clap::value_parser!(u32).range(12..=18))]
    pub(crate) pg_version: Option<u32>,

    /// Make the private cluster in this directory [default: $TMPDIR, then /tmp]
    #[arg(help_heading = "Private cluster", long, value_name = "DIR")]
    pub(crate) work_dir: Option<PathBuf>,

    /// Set a parameter of the private cluster's server, as NAME=VALUE; may be given several times
    #[arg(help_heading = "Private cluster", long = "set", value_name = "NAME=VALUE", value_parser = common::cli::flags::setting)]
    pub(crate) settings: Vec<(String, String)>,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExportKind {
    /// A directory as `pg_dump -Fd` writes it
    #[value(name = "pg_dump")]
    PgDump,
    /// A script for psql
    Sql,
    /// A directory with a CSV file for each table
    Csv,
}
