//! What one worker does at a time: a segment's rows, an entry behind the rows, pieces of large objects.

use super::{Replay, make, objects, order::Order};
use crate::error::{Context as _, Result};
use crate::format::fingerprint::Fingerprint;
use crate::format::manifest::{Manifest, Segment, Table};
use crate::pg::archive::{Contents, Entry};
use crate::pg::session::Session;
use crate::pipeline::capture::watch;
use crate::pipeline::observer::{Fact, Observer};
use crate::proof::read::copy_in;
use crate::store::Store;
use crate::workers::{Crew, Outcome};
use std::time::Instant;

/// From here on a table that is loaded in one go is emptied first, so that its rows come frozen and, where
/// `wal_level` is minimal, without a log. Below, the new file costs more than that saves.
const FREEZE: u64 = 1 << 20;

/// How often an entry is tried again that was the victim of a deadlock.
const TRIES: usize = 5;

#[derive(Clone, Copy)]
pub(super) enum Job<'a> {
    Rows { number: usize, table: &'a Table, segment: &'a Segment, alone: bool },
    Entry { item: usize, entry: &'a Entry },
    Objects { segment: &'a Segment, piece: u64 },
}

impl Job<'_> {
    /// Whether it loads an extension's configuration table.
    pub(super) fn is_configuration(&self) -> bool {
        matches!(self, Self::Rows { table, .. } if table.extension.is_some())
    }

    /// The number of the table that it loads.
    pub(super) fn number(&self) -> usize {
        if let Self::Rows { number, .. } = self { *number } else { usize::MAX }
    }
}

pub(super) struct Worker<'a> {
    replay: &'a Replay<'a>,
    store: &'a Store,
    manifest: &'a Manifest,
    observer: &'a dyn Observer,
    session: Session,
}

impl<'a> Worker<'a> {
    pub(super) fn begin(
        replay: &'a Replay<'a>,
        crew: &Crew,
        store: &'a Store,
        manifest: &'a Manifest,
        contents: &Contents,
        observer: &'a dyn Observer,
    ) -> Result<Self> {
        let mut session = replay.session()?;
        contents.strings().map_or(Ok(()), |strings| session.execute(strings))?;
        watch(crew, &session);
        Ok(Self { replay, store, manifest, observer, session })
    }

    pub(super) fn run(&mut self, job: Job<'a>, order: &Order<'a>) -> Result<Outcome<Job<'a>>> {
        let begun = Instant::now();
        match job {
            Job::Rows { number, table, segment, alone } => {
                self.rows(table, segment, alone)
                    .context(|| format!("cannot restore the rows of table {}", table.qualified()))?;
                Ok(Outcome::Then(order.loaded(number, table, begun)))
            }
            Job::Entry { item, entry } => {
                let mut tries = 0;
                loop {
                    match make(&mut self.session, entry, &self.replay.spelling) {
                        Err(error) if error.sqlstate() == Some("40P01") && tries < TRIES => tries += 1,
                        other => break other?,
                    }
                }
                Ok(Outcome::Then(order.made(item)))
            }
            Job::Objects { segment, piece } => {
                objects::fill(&mut self.session, self.store, segment, piece)
                    .context(|| "cannot restore large objects".to_owned())?;
                Ok(Outcome::Done)
            }
        }
    }

    fn rows(&mut self, table: &Table, segment: &Segment, alone: bool) -> Result<()> {
        let encoding = &self.manifest.source.encoding;
        let ours =
            alone && table.condition.is_none() && table.extension.is_none() && table.load_through.is_none();
        let freeze = ours && segment.fingerprint.bytes >= FREEZE;
        let sql = if freeze {
            format!("BEGIN; TRUNCATE ONLY {}; {}", table.qualified(), copy_in(table, encoding, ", FREEZE"))
        } else {
            copy_in(table, encoding, "")
        };
        let owner = format!("table {}", table.qualified());
        let mut copy = self.session.copy_in(&sql)?;
        let mut sent = Fingerprint::default();
        for (number, block) in segment.blocks.iter().enumerate() {
            if (self.replay.stop)() {
                return Err(crate::pg::wire::stopped());
            }
            self.store.ask_ahead(segment.blocks.get(number..).unwrap_or_default());
            let bytes = self.store.block(block, &owner)?;
            copy.write(&bytes)?;
            sent.bytes += bytes.len() as u64;
            self.observer.note(Fact::Advanced(bytes.len() as u64));
        }
        let rows = copy.finish()?;
        // Through a root, rows of other partitions may arrive as well; into the table itself, none is lost.
        if rows != segment.fingerprint.rows || sent.bytes != segment.fingerprint.bytes {
            return Err(crate::error::Error::failed(
                "damaged",
                format!("{rows} rows arrived, the snapshot has {}", segment.fingerprint.rows),
            ));
        }
        if freeze { self.session.execute("COMMIT") } else { Ok(()) }
    }
}

/// Tables to analyze: large ones by themselves, small ones many at once.
pub(super) fn analyze_batches(tables: &[&Table]) -> Vec<Vec<String>> {
    let (large, small): (Vec<&Table>, Vec<&Table>) =
        tables.iter().copied().partition(|table| table.fingerprint.bytes > 16 << 20);
    let names = |tables: &[&Table]| tables.iter().map(|table| table.qualified().to_string()).collect();
    large.chunks(1).chain(small.chunks(100)).map(names).collect()
}

/// Gathers statistics. The rows are all in, so a table that can't be analyzed (its foreign children's server is
/// away, say) is told of and does not make the restore a failure.
pub(super) fn analyze(
    session: &mut Session,
    tables: Vec<String>,
    observer: &dyn Observer,
) -> Result<Outcome<Vec<String>>> {
    match session.execute(&format!("ANALYZE {}", tables.join(", "))) {
        Ok(()) => Ok(Outcome::Done),
        Err(error) if error.sqlstate().is_none() => Err(error),
        Err(_) if tables.len() > 1 => {
            Ok(Outcome::Then(tables.into_iter().map(|table| vec![table]).collect()))
        }
        Err(error) => {
            let message = error.context(format!("no statistics of table {}", tables.join(", "))).to_string();
            observer.note(Fact::Warning { code: "not_analyzed", message });
            Ok(Outcome::Done)
        }
    }
}
