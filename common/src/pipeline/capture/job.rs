//! What one worker does at a time: a segment, a range of large objects, a materialised view's proof.

use super::Capture;
use crate::error::{Class, Context as _, Error, Result};
use crate::format::manifest::{LargeObjects, Manifest, Segment};
use crate::pg::session::Session;
use crate::pg::snapshot::Moment;
use crate::pipeline::observer::{Fact, Observer};
use crate::pipeline::plan::Plan;
use crate::pipeline::writer::BlockWriter;
use crate::proof::large_objects;
use crate::proof::read::{Totals, copy_out, list, rows};
use crate::workers::Crew;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// How often a job is begun again on a new connection.
const TRIES: usize = 3;

#[derive(Clone, Copy, Debug)]
pub(super) enum Job {
    Segment { table: usize, segment: usize },
    ObjectCatalog,
    Objects(u32),
    Matview(usize),
}

impl Job {
    /// Everything that is to be read, largest first.
    pub(super) fn all(plan: &Plan, ranges: &[u32], with_objects: bool) -> Vec<Self> {
        let mut jobs: Vec<(u64, Self)> = Vec::new();
        for (table, planned) in plan.tables.iter().enumerate() {
            let count = planned.segments.len();
            let weight = planned.bytes;
            jobs.extend((0..count).map(|segment| (weight, Self::Segment { table, segment })));
        }
        for (index, view) in plan.matviews.iter().enumerate() {
            jobs.extend(view.populated.then_some((1, Self::Matview(index))));
        }
        if with_objects {
            jobs.extend(ranges.iter().map(|&range| (u64::MAX, Self::Objects(range))));
            jobs.push((u64::MAX, Self::ObjectCatalog));
        }
        jobs.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        jobs.into_iter().map(|(_, job)| job).collect()
    }
}

/// One worker: a connection that sees the moment, and a way into the store.
pub(super) struct Reader<'a> {
    capture: &'a Capture<'a>,
    crew: &'a Crew,
    leader: &'a Mutex<&'a mut Moment>,
    plan: &'a Plan,
    encoding: &'a str,
    session: Option<Session>,
    locked: HashSet<usize>,
    writer: BlockWriter<'a>,
    observer: &'a dyn Observer,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        capture: &'a Capture<'a>,
        crew: &'a Crew,
        leader: &'a Mutex<&'a mut Moment>,
        plan: &'a Plan,
        encoding: &'a str,
        writer: BlockWriter<'a>,
        observer: &'a dyn Observer,
    ) -> Self {
        let (session, locked) = (None, HashSet::new());
        Self { capture, crew, leader, plan, encoding, session, locked, writer, observer }
    }

    /// Does `job`; a lost connection is made again, as long as the moment is held.
    pub(super) fn run(&mut self, job: Job, harvest: &Harvest<'_>) -> Result<()> {
        let mut tries = 0;
        loop {
            let begun = Instant::now();
            let done = self.attempt(job);
            self.writer.rest();
            match done {
                Ok(reaped) => {
                    harvest.take(job, reaped, begun, self.plan);
                    return Ok(());
                }
                Err(error)
                    if error.code() == "connection_lost" && tries + 1 < TRIES && !(self.capture.stop)() =>
                {
                    tries += 1;
                    self.session = None;
                    self.locked.clear();
                    self.writer.abandon();
                    self.observer
                        .note(Fact::Retried { object: self.describe(job), reason: error.to_string() });
                }
                Err(error) => {
                    // The server that does not take us back, or has forgotten the snapshot, is the lost one still.
                    let error = if tries > 0 {
                        error.class_is(Class::Interrupted).code_is("connection_lost")
                    } else {
                        error
                    };
                    return Err(error.context(format!("cannot read {}", self.describe(job))));
                }
            }
        }
    }

    fn attempt(&mut self, job: Job) -> Result<(Totals, Segment)> {
        match job {
            Job::Segment { table, segment } => self.segment(table, segment),
            Job::ObjectCatalog => {
                let read = |session: &mut Session, writer: &mut BlockWriter<'_>| {
                    large_objects::catalog(session, |row, hash| writer.push(row, hash))
                };
                let totals = self.with_session(read)?;
                self.objects(0, totals)
            }
            Job::Objects(range) => {
                let read = |session: &mut Session, writer: &mut BlockWriter<'_>| {
                    large_objects::pieces(session, range, |row, hash| writer.push(row, hash))
                };
                let totals = self.with_session(read)?;
                self.objects(range, totals)
            }
            Job::Matview(index) => {
                let Some(view) = self.plan.matviews.get(index) else { return Err(no_such_job()) };
                let name = crate::name::QualifiedName::new(&view.schema, &view.name);
                let encoding = crate::name::literal(self.encoding);
                let sql = format!(
                    "COPY (SELECT {} FROM {name}) TO STDOUT WITH (ENCODING {encoding})",
                    list(view.columns.iter())
                );
                self.with_session(|session, writer| {
                    rows(session, &sql, None, |row, _| writer.read(row.len()))
                })
                .map(|totals| (totals, Segment::default()))
            }
        }
    }

    fn segment(&mut self, table: usize, segment: usize) -> Result<(Totals, Segment)> {
        let planned = self.plan.tables.get(table).ok_or_else(no_such_job)?;
        let pages = *planned.segments.get(segment).ok_or_else(no_such_job)?;
        let copy = copy_out(&planned.table, pages, self.encoding);
        let generated = (!planned.table.generated.is_empty()).then_some(planned.table.columns.len());
        let lock = if self.locked.contains(&table) {
            String::new()
        } else {
            // NOWAIT: behind somebody who waits for our leader's lock to go, we would wait for ever.
            format!("LOCK TABLE ONLY {} IN ACCESS SHARE MODE NOWAIT; ", planned.table.qualified())
        };
        let read = self.with_session(|session, writer| {
            rows(session, &format!("{lock}{copy}"), generated, |row, hash| writer.push(row, hash))
        });
        let totals = match read {
            Err(error) if error.sqlstate() == Some("55P03") => {
                // The failed statement ended the worker's transaction; the leader has the lock.
                self.session = None;
                self.locked.clear();
                self.writer.abandon();
                let mut leader = self.leader.lock().unwrap_or_else(PoisonError::into_inner);
                rows(leader.leader(), &copy, generated, |row, hash| self.writer.push(row, hash))?
            }
            other => {
                let totals = other?;
                self.locked.insert(table);
                totals
            }
        };
        let first_page = pages.map_or(0, |pages| pages.first);
        Ok((totals, Segment { first_page, fingerprint: totals.copied, blocks: self.writer.finish()? }))
    }

    fn with_session<T>(
        &mut self,
        work: impl FnOnce(&mut Session, &mut BlockWriter<'a>) -> Result<T>,
    ) -> Result<T> {
        if self.session.is_none() {
            let mut leader = self.leader.lock().unwrap_or_else(PoisonError::into_inner);
            leader.still_holds()?;
            let session = leader.join().context(|| "cannot join the snapshot".to_owned())?;
            watch(self.crew, &session);
            if let Some(throttle) = self.capture.throttle {
                throttle.ours(&session);
            }
            self.session = Some(session);
        }
        let session = self.session.as_mut().ok_or_else(no_such_job)?;
        work(session, &mut self.writer)
    }

    fn objects(&mut self, range: u32, totals: Totals) -> Result<(Totals, Segment)> {
        let blocks = self.writer.finish()?;
        Ok((totals, Segment { first_page: u64::from(range), fingerprint: totals.copied, blocks }))
    }

    fn describe(&self, job: Job) -> String {
        match job {
            Job::Segment { table, .. } => self
                .plan
                .tables
                .get(table)
                .map_or_else(String::new, |plan| format!("table {}", plan.table.qualified())),
            Job::ObjectCatalog | Job::Objects(_) => "large objects".to_owned(),
            Job::Matview(index) => self.plan.matviews.get(index).map_or_else(String::new, |view| {
                format!("materialized view {}", crate::name::QualifiedName::new(&view.schema, &view.name))
            }),
        }
    }
}

/// Has what `session` waits for cancelled when the crew ends early.
pub(crate) fn watch(crew: &Crew, session: &Session) {
    let canceller = session.canceller();
    // A session that is gone meanwhile has nothing to cancel.
    crew.watch(move || drop(canceller.cancel()));
}

fn no_such_job() -> Error {
    Error::new(Class::Failed, "internal", "a worker was given work that is not in the plan")
}

/// What all workers bring in.
pub(super) struct Harvest<'a> {
    reaped: Mutex<Reaped>,
    observer: &'a dyn Observer,
}

#[derive(Default)]
struct Reaped {
    tables: Vec<TableHarvest>,
    objects: LargeObjects,
    matviews: Vec<Option<Totals>>,
}

#[derive(Default)]
struct TableHarvest {
    totals: Totals,
    segments: Vec<(usize, Segment)>,
    begun: Option<Instant>,
}

impl<'a> Harvest<'a> {
    pub(super) fn new(plan: &Plan, observer: &'a dyn Observer) -> Self {
        let mut reaped = Reaped::default();
        reaped.tables.resize_with(plan.tables.len(), TableHarvest::default);
        reaped.matviews.resize(plan.matviews.len(), None);
        Self { reaped: Mutex::new(reaped), observer }
    }

    fn take(&self, job: Job, (totals, segment): (Totals, Segment), begun: Instant, plan: &Plan) {
        let mut reaped = self.reaped.lock().unwrap_or_else(PoisonError::into_inner);
        match job {
            Job::Segment { table, segment: number } => {
                let Some(harvest) = reaped.tables.get_mut(table) else { return };
                harvest.totals.merge(&totals);
                harvest.segments.push((number, segment));
                let first = *harvest.begun.get_or_insert(begun);
                let Some(planned) = plan.tables.get(table) else { return };
                if harvest.segments.len() == planned.segments.len() {
                    self.observer.note(Fact::Table {
                        table: planned.table.qualified(),
                        rows: harvest.totals.copied.rows,
                        bytes: harvest.totals.copied.bytes,
                        blocks: harvest.segments.iter().map(|(_, segment)| segment.blocks.len() as u64).sum(),
                        seconds: first.elapsed().as_secs_f64(),
                    });
                }
            }
            Job::ObjectCatalog => reaped.objects.catalog = segment,
            Job::Objects(_) => reaped.objects.content.push(segment),
            Job::Matview(index) => {
                if let Some(place) = reaped.matviews.get_mut(index) {
                    *place = Some(totals);
                }
            }
        }
    }

    /// Puts everything where it belongs.
    pub(super) fn into_manifest(self, mut manifest: Manifest, plan: Plan, with_objects: bool) -> Manifest {
        let reaped = self.reaped.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (planned, mut harvest) in plan.tables.into_iter().zip(reaped.tables) {
            let mut table = planned.table;
            harvest.segments.sort_by_key(|(number, _)| *number);
            table.segments = harvest.segments.into_iter().map(|(_, segment)| segment).collect();
            table.fingerprint = harvest.totals.copied;
            table.with_generated = harvest.totals.with_generated;
            manifest.rows += table.fingerprint.rows;
            manifest.bytes += table.fingerprint.bytes;
            manifest.tables.push(table);
        }
        for (mut view, totals) in plan.matviews.into_iter().zip(reaped.matviews) {
            view.fingerprint = totals.map(|totals| totals.copied);
            manifest.materialized_views.push(view);
        }
        if let Some(objects) = manifest.large_objects.take().filter(|_| with_objects) {
            let mut content = reaped.objects.content;
            content.sort_by_key(|segment| segment.first_page);
            manifest.bytes += content.iter().map(|segment| segment.fingerprint.bytes).sum::<u64>();
            if objects.count > 0 {
                self.observer.note(Fact::LargeObjects {
                    count: objects.count,
                    bytes: content.iter().map(|segment| segment.fingerprint.bytes).sum(),
                });
            }
            manifest.large_objects =
                Some(LargeObjects { catalog: reaped.objects.catalog, content, ..objects });
        }
        manifest
    }
}
