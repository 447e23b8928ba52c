//! `pgsnap export`: a snapshot as other programs read it.

use super::report::Report;
use super::restore::snapshot;
use crate::cli::{Export as Args, ExportKind};
use crate::export::{self, Export};
use crate::records::SnapResult;
use common::cli::Session;
use common::error::{Error, Result};
use common::format::frame::{Codec, Compression};
use common::pg::archive::Spelling;
use common::pipeline::replay::{self, Choice};
use std::path::Path;

/// Readers of every version can open it.
const USUAL: Compression = Compression { codec: Codec::Gzip, level: 1 };

pub(crate) fn run(session: &Session<SnapResult>, args: &Args) -> Result<()> {
    sensible(args)?;
    let (store, id) = snapshot(session, &args.snapshot, &args.store)?;
    let manifest = store.manifest(&id)?;
    {
        let mut result = session.result();
        result.store = Some(store.location().to_string());
        result.snapshot = Some(id.to_string());
        result.database = Some(manifest.source.database.clone());
    }
    let contents = replay::contents(&store, &manifest)?;
    let choice = Choice { schemas: args.schema.clone(), tables: args.table.clone() };
    let report = Report::new(session);
    let export = Export {
        session,
        report: &report,
        store: &store,
        manifest: &manifest,
        contents: &contents,
        choice: &choice,
        spelling: Spelling {
            no_owner: args.no_owner,
            no_privileges: args.no_privileges,
            ..Spelling::default()
        },
        jobs: usize::from(args.jobs),
        compression: args.compress.unwrap_or(USUAL),
    };
    choice.all_match(&contents)?;
    let path = args.path.as_deref().filter(|_| !args.is_to_stdout());
    if let Some(path) = path {
        session.result().exported_to = Some(path.display().to_string());
    }
    match (args.kind, path) {
        (ExportKind::PgDump, Some(directory)) => export::pg_dump(&export, directory),
        (ExportKind::Csv, Some(directory)) => export::csv(&export, directory),
        (ExportKind::Sql, path) => export::sql(&export, path),
        (_, None) => Err(no_directory()),
    }
}

/// What has no meaning together is told before anything is read.
fn sensible(args: &Args) -> Result<()> {
    if args.is_to_stdout() && args.output.format.is_some() {
        return Err(Error::usage("the script goes to stdout: --format has no meaning here")
            .hint("name a file behind `--to sql`, and stdout shows records"));
    }
    if args.kind != ExportKind::Sql && args.path.as_deref().is_none_or(|path| path == Path::new("-")) {
        return Err(no_directory());
    }
    if args.kind != ExportKind::PgDump && args.compress.is_some() {
        return Err(Error::usage("only the files of pg_dump are compressed: --compress has no meaning here")
            .hint("a script on stdout can be piped into a compressor"));
    }
    if args.kind != ExportKind::Sql && (args.no_owner || args.no_privileges) {
        return Err(Error::usage("--no-owner and --no-privileges are for scripts of SQL")
            .hint("pg_restore has them, too: say them there"));
    }
    Ok(())
}

fn no_directory() -> Error {
    Error::usage("this export is a directory, and none is named")
        .hint("name a new directory: pgsnap export SNAPSHOT --to pg_dump DIRECTORY")
}
