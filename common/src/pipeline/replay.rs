//! From a manifest to a target: what comes before the rows, the rows, what comes behind them.
//!
//! Any error ends it and names the object: there is no such thing as a restore that is nearly whole.
//! Commits are asynchronous until the last one, which is not: the server's log is flushed in order, so that one
//! makes all others durable.

use super::observer::{Fact, Observer};
use crate::error::{Context as _, Error, Result};
use crate::format::manifest::{BlockRef, Manifest, MaterializedView};
use crate::inventory::Inventory;
use crate::name::{QualifiedName, ident};
use crate::pg::archive::{Contents, Entry, Spelling, Stage};
use crate::pg::session::Session;
use crate::pg::target::Target;
use crate::proof::sequences;
use crate::store::Store;
use crate::workers::Crew;
use std::time::Instant;

mod choice;
mod clean;
mod job;
mod objects;
mod order;

pub use choice::{Choice, Part};

use job::{Job, Worker};
use order::Order;

/// What to restore, and how.
pub struct Replay<'a> {
    /// The database, which exists.
    pub target: &'a Target,
    /// What of the snapshot.
    pub choice: Choice,
    /// How statements are spelled.
    pub spelling: Spelling,
    /// `--clean`.
    pub clean: bool,
    /// `--if-exists`.
    pub if_exists: bool,
    /// `--role`.
    pub role: Option<String>,
    /// Whether to gather statistics.
    pub analyze: bool,
    /// Workers, each with a connection of its own.
    pub jobs: usize,
    /// Whether to stop.
    pub stop: fn() -> bool,
}

/// The schema archive of a snapshot.
pub fn contents(store: &Store, manifest: &Manifest) -> Result<Contents> {
    Contents::read(&bytes(store, &manifest.schema.archive, "the schema")?)
}

/// What the schema of a snapshot is; `None` of one in format 1.0, which does not tell.
pub fn inventory(store: &Store, manifest: &Manifest) -> Result<Option<Inventory>> {
    let blocks = &manifest.schema.inventory;
    if blocks.is_empty() {
        return Ok(None);
    }
    Inventory::decode(&bytes(store, blocks, "the schema")?).map(Some)
}

fn bytes(store: &Store, blocks: &[BlockRef], owner: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for block in blocks {
        bytes.extend(store.block(block, owner)?);
    }
    Ok(bytes)
}

impl Replay<'_> {
    /// Restores `manifest`, whose schema archive is `contents`.
    pub fn run(
        &self,
        store: &Store,
        manifest: &Manifest,
        contents: &Contents,
        observer: &dyn Observer,
    ) -> Result<()> {
        let wanted = self.choice.of(contents, &self.spelling, observer)?;
        let mut session = self.session()?;
        let sql_ascii = manifest.schema.encoding == "SQL_ASCII";
        if sql_ascii && !session.is_sql_ascii() {
            session.execute("SET client_encoding = 'SQL_ASCII'")?;
        }
        if self.clean {
            self.timed(observer, "drop", || clean::drop_all(&mut session, &wanted, self.if_exists))?;
        }
        let staged = |stage: Stage| wanted.iter().filter(move |item| item.stage == stage);
        self.timed(observer, "before data", || self.make_all(&mut session, staged(Stage::BeforeData)))
            .map_err(|error| alone(error, manifest))?;

        let part = self.choice.part(contents, manifest);
        let objects = part.large_objects.filter(|objects| objects.count > 0);
        let tables = part.tables;
        if let Some(objects) = objects {
            self.timed(observer, "large objects", || {
                objects::create(&mut session, store, objects, self).map(|()| objects.count)
            })?;
        }
        let bytes = tables.iter().map(|table| table.fingerprint.bytes).sum();
        observer.note(Fact::Planned { phase: "restoring", bytes });
        let after: Vec<_> = staged(Stage::AfterData).map(|item| item.entry).collect();
        let order = Order::new(&tables, &after, contents, observer);
        let mut first: Vec<Job<'_>> = objects
            .iter()
            .flat_map(|objects| {
                objects.content.iter().map(|segment| Job::Objects { segment, piece: objects.piece_bytes })
            })
            .collect();
        // Extensions make their tables with foreign keys in place: one after another, in the manifest's order.
        let (mut configuration, others): (Vec<_>, Vec<_>) =
            order.first().into_iter().partition(Job::is_configuration);
        configuration.sort_by_key(Job::number);
        first.extend(others);
        for (jobs, work) in [(1, configuration), (self.jobs, first)] {
            let crew = Crew::new(jobs, self.stop);
            crew.work(
                work,
                || Worker::begin(self, &crew, store, manifest, contents, observer),
                |worker, job| worker.run(job, &order),
            )?;
        }
        order.finished()?;
        if !after.is_empty() {
            let seconds = order.seconds();
            observer.note(Fact::Step { step: "after data", count: after.len() as u64, seconds });
        }
        observer.note(Fact::Phase("finishing"));

        self.timed(observer, "sequences", || {
            sequences::write(&mut session, &part.sequences).map(|()| part.sequences.len() as u64)
        })?;
        self.timed(observer, "privileges", || self.make_all(&mut session, staged(Stage::Privileges)))?;
        self.timed(observer, "materialized views", || refresh(&mut session, &part.matviews))?;
        self.timed(observer, "event triggers", || self.make_all(&mut session, staged(Stage::Last)))?;
        if self.analyze {
            let crew = Crew::new(self.jobs, self.stop);
            self.timed(observer, "analyze", || {
                let batches = job::analyze_batches(&tables);
                let begin = || self.session();
                crew.work(batches, begin, |session, batch| job::analyze(session, batch, observer))
                    .map(|()| tables.len() as u64)
            })?;
        }
        make_durable(&mut session)
    }

    /// A session that writes.
    fn session(&self) -> Result<Session> {
        let mut session = Session::open(self.target)?;
        session.stop_when(self.stop)?;
        session.pin_for_writing()?;
        session.execute("SET synchronous_commit = off")?;
        if let Some(role) = &self.role {
            session.execute(&format!("SET ROLE {}", ident(role)))?;
        }
        Ok(session)
    }

    fn timed(
        &self,
        observer: &dyn Observer,
        step: &'static str,
        work: impl FnOnce() -> Result<u64>,
    ) -> Result<()> {
        if (self.stop)() {
            return Err(crate::pg::wire::stopped());
        }
        let begun = Instant::now();
        observer.note(Fact::Phase(step));
        let count = work()?;
        if count > 0 {
            observer.note(Fact::Step { step, count, seconds: begun.elapsed().as_secs_f64() });
        }
        Ok(())
    }

    fn make_all<'a>(
        &self,
        session: &mut Session,
        items: impl Iterator<Item = &'a choice::Item<'a>>,
    ) -> Result<u64> {
        let mut count = 0;
        for item in items {
            match make(session, item.entry, &self.spelling) {
                // It was not asked for, only needed, and it is there already.
                Err(error) if !item.asked && is_duplicate(&error) => {}
                other => other?,
            }
            count += 1;
        }
        Ok(count)
    }
}

fn refresh(session: &mut Session, matviews: &[&MaterializedView]) -> Result<u64> {
    let mut count = 0;
    for view in matviews.iter().filter(|view| view.populated) {
        let name = QualifiedName::new(&view.schema, &view.name);
        session
            .execute(&format!("REFRESH MATERIALIZED VIEW {name}"))
            .context(|| format!("cannot fill materialized view {name}"))?;
        count += 1;
    }
    Ok(count)
}

/// Makes one entry; what it set for itself does not reach the next one.
fn make(session: &mut Session, entry: &Entry, spelling: &Spelling) -> Result<()> {
    let statements = spelling.statements(entry, session.major());
    let what = || format!("cannot make {}", entry.describe());
    // A subscription's creation may not stand in a transaction, and several statements at once are one.
    if entry.kind == "SUBSCRIPTION" {
        return statements.iter().try_for_each(|statement| session.execute(statement)).context(what);
    }
    session.execute(&statements.join("\n")).context(what)
}

fn make_durable(session: &mut Session) -> Result<()> {
    session
        .execute("SET synchronous_commit = on; SELECT pg_catalog.pg_logical_emit_message(true, 'pgsnap', 'restored')")
        .context(|| "cannot make the restored database durable".to_owned())
}

/// Says why something is missing that a snapshot of single tables does not bring, as no dump of pg_dump's with `-t` does.
fn alone(error: Error, manifest: &Manifest) -> Error {
    if manifest.selection.tables.is_empty() || !is_missing(&error) {
        return error;
    }
    error
        .cause("the snapshot was taken with -t: it holds these tables, and neither the schemas nor the types that they need")
        .hint("take one of whole schemas (-n), or restore into a database that has what they need")
}

fn is_duplicate(error: &Error) -> bool {
    matches!(error.sqlstate(), Some("42P06" | "42P07" | "42710" | "42723"))
}

fn is_missing(error: &Error) -> bool {
    matches!(error.sqlstate(), Some("3F000" | "42704" | "42P01" | "42883" | "42703"))
}
