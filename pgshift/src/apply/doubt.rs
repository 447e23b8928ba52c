//! A statement that was begun outside of a transaction and of which no end is known: the catalogs may tell, or somebody must.

use super::indexes::Building;
use super::worker::Worker;
use super::{Apply, Task, in_doubt};
use crate::script::Words;
use common::error::Result;
use common::name::literal;
use common::pg::session::Session;
use common::records::Warning;

/// What somebody says of a statement in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Resume {
    /// It did its work.
    Done,
    /// It has to be run again.
    Again,
}

impl Apply<'_> {
    /// Decides about the statement with this number.
    pub(super) fn settle(&self, worker: &mut Worker<'_>, task: &mut Task<'_>, number: u32) -> Result<()> {
        let statement = task.script.statements.iter().find(|statement| statement.number == number);
        let Some(statement) = statement else {
            let path = task.script.script.path.display();
            return Err(in_doubt(format!("{path}: statement {number} was begun, and is not there any more")));
        };
        let (text, place) = (task.script.text(statement), task.script.place(statement));
        let verdict = match self.resume {
            Some(said) => Some(said),
            None => look(&mut worker.session, text)?,
        };
        let Some(verdict) = verdict else {
            return Err(in_doubt(format!(
                "{place}: {}: it was begun, and nothing tells whether it was done",
                task.script.head(statement)
            )));
        };
        let what = match verdict {
            Resume::Done => "it was done",
            Resume::Again => "it is run again",
        };
        let message =
            format!("{}: it was begun before and not known to be done: {what}", task.script.head(statement));
        self.session.warn(&Warning::new("in_doubt", message).object(&place));
        if verdict == Resume::Done {
            let done = usize::try_from(number).unwrap_or(usize::MAX);
            let complete = done >= task.script.statements.len();
            worker.write_down(&self.record(task, done, None, complete))?;
            task.done = done;
        }
        Ok(())
    }
}

/// What the catalogs say.
pub(crate) fn look(worker: &mut Session, text: &[u8]) -> Result<Option<Resume>> {
    let words = Words::of(text);
    let building = Building::of(text);
    if let Building::Named { .. } = &building {
        let built = building.is_valid(worker)? == Some(true);
        return Ok(Some(if built { Resume::Done } else { Resume::Again }));
    }
    // What does no harm when it is done twice.
    if ["reindex", "vacuum", "cluster"].iter().any(|word| words.is(0, word))
        || words.begins(&["alter", "system"])
        || words.begins(&["alter", "database"])
    {
        return Ok(Some(Resume::Again));
    }
    if words.begins(&["alter", "table"]) {
        return detached(worker, &words);
    }
    let Some(exists) = object(&words) else { return Ok(None) };
    let is_there = worker.query_one(&exists)?.is_true(0);
    Ok(Some(if is_there == words.is(0, "create") { Resume::Done } else { Resume::Again }))
}

/// Asks whether the object is there that the statement makes or drops.
fn object(words: &Words<'_>) -> Option<String> {
    if !words.is(0, "create") && !words.is(0, "drop") {
        return None;
    }
    let name = |at: usize| {
        let at = if words.is(at, "concurrently") { at + 1 } else { at };
        let at = if words.is(at, "if") { at + 2 } else { at };
        words.name(at).map(|(name, _)| literal(&name))
    };
    if words.begins(&["drop", "index"]) {
        return Some(format!("SELECT pg_catalog.to_regclass({}) IS NOT NULL", name(2)?));
    }
    let (catalog, column) = match () {
        () if words.is(1, "database") => ("pg_database", "datname"),
        () if words.is(1, "tablespace") => ("pg_tablespace", "spcname"),
        () if words.is(1, "subscription") => ("pg_subscription", "subname"),
        () => return None,
    };
    Some(format!(
        "SELECT EXISTS (SELECT FROM pg_catalog.{catalog} WHERE {column} = (pg_catalog.parse_ident({}))[1])",
        name(2)?
    ))
}

/// `ALTER TABLE parent DETACH PARTITION child CONCURRENTLY`, which may have stopped between its two transactions.
fn detached(worker: &mut Session, words: &Words<'_>) -> Result<Option<Resume>> {
    let skip = |at: usize, word: &str, count: usize| if words.is(at, word) { at + count } else { at };
    let parent = words.name(skip(skip(2, "if", 2), "only", 1));
    let child = words.find(3, "partition").and_then(|at| words.name(at + 1));
    let (Some((parent, _)), Some((child, _))) = (parent, child) else { return Ok(None) };
    let rows = worker.query(&format!(
        "SELECT inhdetachpending FROM pg_catalog.pg_inherits WHERE inhparent = pg_catalog.to_regclass({}) \
         AND inhrelid = pg_catalog.to_regclass({})",
        literal(&parent),
        literal(&child)
    ))?;
    match rows.first().map(|row| row.is_true(0)) {
        None => Ok(Some(Resume::Done)),
        Some(false) => Ok(Some(Resume::Again)),
        Some(true) => {
            worker.execute(&format!("ALTER TABLE {parent} DETACH PARTITION {child} FINALIZE"))?;
            Ok(Some(Resume::Done))
        }
    }
}
