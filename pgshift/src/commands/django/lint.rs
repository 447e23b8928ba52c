//! `pgshift lint` of a Django project: its migrations as Django knows them, and their SQL as far as it is known.

use super::{plan, sight};
use crate::cli::Lint;
use crate::commands::lint::{Report, go_on};
use crate::django::{Entry, Facts as State, Helper, Key, Order, Outline, Said, Sql};
use crate::facts::{self, Facts, Size};
use crate::lint::{Choice, Judged, Linter, Told, Verdict};
use crate::records::ShiftResult;
use common::cli::Session;
use common::error::{Error, Result};
use common::pg::session::Session as Connection;
use std::path::{Path, PathBuf};

pub(crate) fn run(
    session: &Session<ShiftResult>,
    args: &Lint,
    (choice, small): (Choice, Size),
    report: &mut Report,
) -> Result<()> {
    let (mut project, state, connection) = sight::look(session, &args.django, &args.place, (None, false))?;
    drop(connection);
    if let Some(error) = state.worst(|conflict| conflict.code == "leaves") {
        return Err(error);
    }
    let entries = wanted(args, &state)?;
    // What was applied is judged as if everything came from nothing: its SQL can be told in no other way.
    let all = entries.iter().any(|entry| !entry.is_due());
    let keys: Vec<Key> = entries.iter().map(|entry| entry.migration.key()).collect();
    let facts: Facts = match &args.stats {
        Some(path) => facts::load(path)?,
        None => facts::collect(&mut Connection::open(&project.target)?)?.into(),
    };
    let sql = plan::sql(&mut project.helper, &keys, all)?;
    let mut linter = Linter::new(facts, choice, small);
    judge(&mut project.helper, (&entries, all), &sql, &mut linter, |path, verdict| {
        report.add(session, path, verdict);
    })
}

/// Judges these migrations, of which this SQL is known; with `all` as if everything came from nothing.
pub(super) fn judge(
    helper: &mut Helper,
    (entries, all): (&[&Entry], bool),
    sql: &[Sql],
    linter: &mut Linter,
    mut found: impl FnMut(&Path, Verdict),
) -> Result<()> {
    let keys: Vec<Key> = entries.iter().map(|entry| entry.migration.key()).collect();
    let outlines = outlines(helper, &keys, all)?;
    for entry in entries {
        go_on()?;
        let key = entry.migration.key();
        let Some(outline) = outlines.iter().find(|outline| outline.migration == key) else {
            let what = format!("the helper says nothing of {}", entry.migration.path);
            return Err(Error::failed("helper", what));
        };
        let of_it: Vec<&Sql> = sql.iter().filter(|sql| sql.migration == key).collect();
        let told: Vec<Told<'_>> = of_it.iter().flat_map(|sql| told(entry, outline, sql)).collect();
        let mut verdict = linter.judge_django(&Judged {
            atomic: entry.migration.atomic,
            own: entry.migration.own,
            places: &outline.places,
            remarks: &outline.remarks,
            comments: &outline.comments,
            sql: &told,
        });
        verdict.unjudged += of_it.iter().filter(|sql| sql.opaque.is_some()).count() as u64;
        found(Path::new(&entry.migration.path), verdict);
    }
    Ok(())
}

/// The migrations to judge, in the order in which they run.
fn wanted<'a>(args: &Lint, state: &'a State) -> Result<Vec<&'a Entry>> {
    let there: Vec<&Entry> = state.entries.iter().filter(|entry| entry.migration.in_graph).collect();
    if !args.files.is_empty() {
        let named: Vec<PathBuf> = args.files.iter().map(|path| whole(path)).collect();
        let paths: Vec<PathBuf> = there.iter().map(|entry| whole(Path::new(&entry.migration.path))).collect();
        if let Some(other) = named.iter().position(|path| !paths.contains(path)) {
            let path = args.files.get(other).map(|path| path.display().to_string()).unwrap_or_default();
            let covered = state
                .entries
                .iter()
                .any(|entry| whole(Path::new(&entry.migration.path)) == whole(Path::new(&path)));
            let why = if covered {
                "is not run: another migration stands in its place"
            } else {
                "is no migration of the project"
            };
            return Err(Error::usage(format!("{path} {why}")).hint("`pgshift status` shows all migrations"));
        }
        let chosen = there.into_iter().zip(paths).filter(|(_, path)| named.contains(path));
        return Ok(chosen.map(|(entry, _)| entry).collect());
    }
    if args.all {
        return Ok(there.into_iter().filter(|entry| entry.migration.own).collect());
    }
    Ok(state.due())
}

/// The same for all ways to write a path.
fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn outlines(helper: &mut Helper, keys: &[Key], all: bool) -> Result<Vec<Outline>> {
    let mut outlines = Vec::new();
    helper.order(&Order::Lint { migrations: keys, all })?;
    loop {
        match helper.hear()? {
            Said::Lint(outline) => outlines.push(*outline),
            Said::LintEnd => return Ok(outlines),
            Said::Failed(failed) => return Err(Error::failed("project", failed.failure.message)),
            other => {
                return Err(Error::failed(
                    "helper",
                    format!("the helper does not say what it found: {other:?}"),
                ));
            }
        }
    }
}

/// The statements of an operation, each with its place.
fn told<'a>(entry: &Entry, outline: &'a Outline, sql: &'a Sql) -> impl Iterator<Item = Told<'a>> {
    let own = entry.migration.operations.get(sql.operation).is_some_and(|one| one.kind == "RunSQL");
    let place = outline.places.get(sql.operation);
    sql.statements.iter().map(move |statement| Told {
        sql: statement,
        place,
        own,
        doubted: sql.doubt.is_some(),
    })
}
