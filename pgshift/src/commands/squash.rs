//! `pgshift squash`: one file in place of many, tried before it stays.

pub(super) mod schemas;
mod trial;

use crate::backfill;
use crate::cli::Squash;
use crate::records::{Created, ShiftResult, SquashRecord};
use crate::source::{self, Migration, MigrationKind};
use common::cli::Session;
use common::error::{Context as _, Error, Result};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

pub(crate) fn run(session: &Session<ShiftResult>, args: &Squash) -> Result<()> {
    if args.django.is_meant(&args.migrations) {
        return super::django::squash(session, args);
    }
    if let Some(app) = &args.app {
        let message = format!("squash takes {app} of a Django project only, and none is here");
        return Err(
            Error::usage(message).hint("name it with --django path/to/manage.py, or a version with --to")
        );
    }
    let Some(to) = &args.to else { return Err(Error::usage("name the last version with --to")) };
    let source = source::open(&args.migrations)?;
    let convention = source.convention();
    session.result().convention = Some(convention.to_owned());
    let migrations = source.migrations()?;
    let replaced = replaced(&migrations, to)?;
    let name = args.name.as_deref().unwrap_or("squashed");
    let baseline = source::baseline(convention, &replaced, name)?;
    let path = args.migrations.dir.join(&baseline.file);
    let at_once: Vec<Migration> = replaced.iter().copied().map(at_once).collect();
    let at_once: Vec<&Migration> = at_once.iter().collect();
    let text = source::squashed(convention, &at_once, &baseline)?;
    let trial = if args.no_check { None } else { Some(trial::Trial::begin(args, to, convention)?) };
    let file = Draft::write(&path, &text)?;
    let beside = baseline.beside.filter(|_| source::wants_none(&at_once));
    let beside =
        beside.map(|[name, text]| Draft::write(&path.with_file_name(name), text.as_bytes())).transpose()?;
    if let Some(trial) = trial {
        session.note("running both ways on a private server");
        trial.finish()?;
    }
    if args.dry_run {
        session.emit(&SquashRecord {
            version: to.clone(),
            path: path.display().to_string(),
            replaces: replaced.iter().map(|migration| migration.version.clone()).collect(),
            operations_before: None,
            operations: None,
            atomic: None,
            text: Some(String::from_utf8_lossy(&text).into_owned()),
        });
        return Ok(());
    }
    file.keep();
    if let Some(beside) = beside {
        beside.keep();
    }
    session.emit(&Created {
        path: path.display().to_string(),
        version: to.clone(),
        purpose: "baseline".to_owned(),
    });
    session.note(&format!("{} files may go when no database is behind version {to}", replaced.len()));
    Ok(())
}

/// What is replaced: from the last baseline up to the version.
fn replaced<'a>(migrations: &'a [Migration], to: &str) -> Result<Vec<&'a Migration>> {
    let last = migrations
        .iter()
        .position(|migration| migration.kind == MigrationKind::Versioned && migration.version == to);
    let last = last.ok_or_else(|| {
        Error::usage(format!("there is no version {to}")).hint("`pgshift status` shows all versions")
    })?;
    let upto = migrations.get(..=last).unwrap_or_default();
    let first = upto.iter().rposition(|migration| migration.kind == MigrationKind::Baseline).unwrap_or(0);
    let from = upto.get(first..).unwrap_or_default();
    // A baseline stands for its own version too.
    let stands =
        from.first().filter(|first| first.kind == MigrationKind::Baseline).map(|first| &first.version);
    let counts = |migration: &&Migration| {
        migration.kind == MigrationKind::Baseline || Some(&migration.version) != stands
    };
    let replaced: Vec<&Migration> = from.iter().filter(counts).collect();
    if replaced.len() < 2 {
        return Err(Error::usage(format!("up to version {to} there is nothing to put together")));
    }
    Ok(replaced)
}

/// A backfill becomes one statement: where the file is run, there are no rows but those of the migrations before it.
fn at_once(migration: &Migration) -> Migration {
    let mut migration = migration.clone();
    migration.up.text = backfill::plain(&migration.up.text);
    migration.up.written = migration.up.written.map(|written| backfill::plain(&written));
    migration
}

/// A file that goes again unless it is kept.
struct Draft {
    path: Option<PathBuf>,
    /// A directory that was made for it.
    directory: Option<PathBuf>,
}

impl Draft {
    fn write(path: &Path, text: &[u8]) -> Result<Self> {
        let shown = || format!("cannot write {}", path.display());
        let mut draft = Self { path: None, directory: None };
        if let Some(parent) = path.parent().filter(|parent| !parent.exists()) {
            std::fs::create_dir(parent).context(shown)?;
            draft.directory = Some(parent.to_owned());
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(path).context(shown)?;
        draft.path = Some(path.to_owned());
        file.write_all(text).context(shown)?;
        Ok(draft)
    }

    fn keep(mut self) {
        (self.path, self.directory) = (None, None);
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // There is nobody left to tell.
        if let Some(path) = &self.path {
            let _ = std::fs::remove_file(path);
        }
        if let Some(directory) = &self.directory {
            let _ = std::fs::remove_dir(directory);
        }
    }
}
