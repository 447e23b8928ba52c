//! From a source to a manifest: one moment, many workers, every row hashed on its way into the store.

use super::observer::{Fact, Observer, Silent};
use super::plan::{Facts, Plan};
use super::schema::{self, Dump};
use super::writer::BlockWriter;
use crate::error::{Context as _, Result};
use crate::format::frame::Compression;
use crate::format::id::SnapshotId;
use crate::format::manifest::{LargeObjects, Manifest, Role, Schema, Selection, Source};
use crate::format::version::CURRENT;
use crate::inventory::Inventory;
use crate::pg::catalog::{self, Relation};
use crate::pg::selection::Chosen;
use crate::pg::session::Session;
use crate::pg::settings::PINNED;
use crate::pg::snapshot::{Before, Moment, Request};
use crate::pg::target::Target;
use crate::proof::{large_objects, sequences};
use crate::store::Draft;
use crate::throttle::Throttle;
use crate::workers::{Crew, Outcome};
use std::sync::{Mutex, PoisonError};

mod job;

pub(super) use job::watch;
use job::{Harvest, Job, Reader};

/// How often a snapshot is begun that its own locks hold up.
const ATTEMPTS: usize = 10;
/// How long those who waited get to do what they waited for.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

/// What to capture, and how.
pub struct Capture<'a> {
    /// The database.
    pub target: &'a Target,
    /// What of it.
    pub selection: Selection,
    /// Large objects: yes, no, or only with the whole database.
    pub large_objects: Option<bool>,
    /// `--role`.
    pub role: Option<String>,
    /// `--lock-wait-timeout`, in milliseconds.
    pub lock_wait_ms: Option<u64>,
    /// Workers, each with a connection of its own.
    pub jobs: usize,
    /// How new blocks are compressed.
    pub compression: Compression,
    /// Tags.
    pub tags: Vec<String>,
    /// The run that this snapshot belongs to.
    pub run: String,
    /// The release that makes it.
    pub tool: String,
    /// Holds up the reading of rows, for the sake of others.
    pub throttle: Option<&'a Throttle<'a>>,
    /// Whether to stop.
    pub stop: fn() -> bool,
    /// Looks at what is selected before anything is locked.
    pub before_locking: &'a (dyn Fn(&mut Session, &Requirements) -> Result<()> + Sync),
    /// Looks at the plan before the first row is read: the source, and the bytes on disk of what will be read.
    pub before_reading: &'a (dyn Fn(&Source, u64) -> Result<()> + Sync),
}

/// What the capture will need of the server.
pub struct Requirements {
    /// OIDs of all relations that will be locked or read.
    pub oids: Vec<u32>,
    /// Locks that will be held.
    pub locks: u64,
    /// Whether large objects will be read, if there are any.
    pub large_objects: bool,
}

impl Capture<'_> {
    /// Reads everything into `draft`; the manifest that makes it a snapshot.
    ///
    /// When its locks hold up its own `pg_dump`, it lets go and begins again: the blocks are in the store by then.
    pub fn run(&self, id: &SnapshotId, draft: &Draft<'_>, observer: &dyn Observer) -> Result<Manifest> {
        let mut attempt = 1;
        loop {
            match self.attempt(id, draft, observer, attempt == 1) {
                Err(error) if error.code() == "held_up" && attempt < ATTEMPTS => {
                    attempt += 1;
                    observer
                        .note(Fact::Retried { object: "the snapshot".to_owned(), reason: error.to_string() });
                    std::thread::sleep(PAUSE);
                }
                other => return other,
            }
        }
    }

    fn attempt(
        &self,
        id: &SnapshotId,
        draft: &Draft<'_>,
        observer: &dyn Observer,
        is_first: bool,
    ) -> Result<Manifest> {
        let begun = std::time::Instant::now();
        let created = jiff::Timestamp::now();
        observer.note(Fact::Phase("locking tables"));
        let before = |scout: &mut Session, relations: &[Relation], chosen: &mut Chosen| {
            (self.before_locking)(scout, &self.requirements(relations, chosen))
        };
        let (mut moment, view) = Moment::take(&self.request(&before))?;
        let source = source(moment.leader())?;
        let program = schema::program(source.server_version_num)?;
        observer.note(Fact::Phase("planning"));
        // What is skipped is told once.
        let plan = Plan::make(
            moment.leader(),
            &view,
            &self.facts(&source),
            if is_first { observer } else { &Silent },
        )?;
        let with_objects = self.with_objects(&view.chosen);
        let (ranges, objects) =
            if with_objects { large_objects::ranges(moment.leader())? } else { Default::default() };
        (self.before_reading)(&source, plan.bytes())?;
        observer.note(Fact::Planned { phase: "reading", bytes: plan.bytes() });

        if let Some(throttle) = self.throttle {
            throttle.ours(moment.leader());
        }
        let readers = std::sync::atomic::AtomicU64::new(0);
        let jobs = Job::all(&plan, &ranges, with_objects);
        let harvest = Harvest::new(&plan, observer);
        let sql_ascii = source.encoding == "SQL_ASCII";
        let (mut archive, mut inventory) = (Ok(Vec::new()), Ok(Inventory::default()));
        let crew = Crew::new(self.jobs, self.stop);
        let snapshot = moment.id().to_owned();
        let standstill = moment.standstill()?;
        let target = moment.target().clone();
        let leader = Mutex::new(&mut moment);
        let stop = || crew.is_over();
        std::thread::scope(|scope| {
            let dump = scope.spawn(|| {
                let dumped = Dump {
                    target: &target,
                    snapshot: &snapshot,
                    selection: &self.selection,
                    role: self.role.as_deref(),
                    sql_ascii,
                    lock_wait_ms: self.lock_wait_ms.unwrap_or(60_000),
                    stop: &stop,
                }
                .run(&program, standstill);
                if dumped.is_err() {
                    crew.end();
                }
                dumped
            });
            let read = crew.work(
                jobs,
                || {
                    let who = readers.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let writer = BlockWriter::new(draft, self.compression, observer, &stop)?
                        .paced(self.throttle.map(|throttle| throttle.pace(who)));
                    Ok(Reader::new(self, &crew, &leader, &plan, &source.encoding, writer, observer))
                },
                |reader, job| reader.run(job, &harvest).map(|()| Outcome::Done),
            );
            if read.is_ok() {
                // Some functions of the catalogs lock tables: behind somebody who waits for the leader's locks,
                // any other session would wait for ever.
                let mut leader = leader.lock().unwrap_or_else(PoisonError::into_inner);
                inventory = Inventory::read(leader.leader());
            }
            archive = dump.join().unwrap_or_else(|_| Err(crate::pg::wire::stopped()));
            // When several failed, one told the others to stop: the one that was not told is the reason.
            let failures = [read.as_ref().err(), archive.as_ref().err(), inventory.as_ref().err()];
            let failures: Vec<_> = failures.into_iter().flatten().cloned().collect();
            let reason = failures.iter().find(|failure| failure.code() != "interrupted").or(failures.first());
            if let Some(reason) = reason {
                archive = Err(reason.clone());
            }
        });
        let archive = match archive {
            Ok(archive) => moment.still_holds().map(|()| archive)?,
            // Without the leader there is no snapshot; pg_dump says so in other words.
            Err(error) if error.code() == "pg_dump" => match moment.still_holds() {
                Err(lost) if lost.code() == "connection_lost" => return Err(lost),
                _ => return Err(error),
            },
            Err(error) => return Err(error),
        };
        observer.note(Fact::Phase("finishing"));
        let mut writer = BlockWriter::new(draft, self.compression, observer, &self.stop)?;
        let is_everything = view.chosen.is_everything();
        let schema = schema::store(&archive, inventory?, is_everything, sql_ascii, &mut writer)?;
        let sequences = self.sequences(&moment, &plan)?;
        let manifest = self.manifest(id.clone(), created, moment.leader(), source, schema, objects)?;
        let mut manifest = harvest.into_manifest(manifest, plan, with_objects);
        manifest.sequences = sequences;
        manifest.stored_new = draft.added().stored_new;
        manifest.seconds = begun.elapsed().as_secs_f64();
        Ok(manifest)
    }

    fn with_objects(&self, chosen: &Chosen) -> bool {
        self.large_objects.unwrap_or_else(|| chosen.is_everything())
    }

    fn requirements(&self, relations: &[Relation], chosen: &Chosen) -> Requirements {
        let wanted = || relations.iter().filter(|relation| chosen.wants(relation));
        let of = |kinds: &[char]| wanted().filter(|relation| kinds.contains(&relation.kind)).count() as u64;
        Requirements {
            oids: wanted().filter(|relation| relation.kind != 'f').map(|relation| relation.oid).collect(),
            // Sequences are read, and locked, so many at a time.
            locks: of(&['r', 'p']) + of(&['S']).min(sequences::BATCH as u64),
            large_objects: self.with_objects(chosen),
        }
    }

    fn request<'a>(&'a self, before: &'a Before<'a>) -> Request<'a> {
        Request {
            target: self.target,
            selection: &self.selection,
            role: self.role.as_deref(),
            lock_wait_ms: self.lock_wait_ms,
            stop: self.stop,
            before,
        }
    }

    fn facts<'a>(&self, source: &'a Source) -> Facts<'a> {
        Facts {
            version: source.server_version_num,
            encoding: &source.encoding,
            page_bytes: u64::from(source.page_bytes),
            standby: source.standby,
            no_unlogged: self.selection.no_unlogged_table_data,
        }
    }

    /// Sequences are read in a session of their own: there each lock ends with its statement.
    fn sequences(&self, moment: &Moment, plan: &Plan) -> Result<Vec<crate::format::manifest::Sequence>> {
        if plan.sequences.is_empty() {
            return Ok(Vec::new());
        }
        let mut session = Session::open(moment.target())?;
        session.stop_when(self.stop)?;
        session.pin()?;
        if let Some(role) = &self.role {
            session.execute(&format!("SET ROLE {}", crate::name::ident(role)))?;
        }
        sequences::read(&mut session, &plan.sequences)
    }

    fn manifest(
        &self,
        id: SnapshotId,
        created: jiff::Timestamp,
        session: &mut Session,
        source: Source,
        schema: Schema,
        objects: u64,
    ) -> Result<Manifest> {
        let count =
            LargeObjects { count: objects, piece_bytes: large_objects::PIECE, ..LargeObjects::default() };
        Ok(Manifest {
            format: CURRENT,
            id,
            created: created.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            seconds: 0.0,
            tool: self.tool.clone(),
            run: self.run.clone(),
            tags: self.tags.clone(),
            settings: PINNED.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            selection: self.selection.clone(),
            compression: self.compression.to_string(),
            rows: 0,
            bytes: 0,
            stored_new: 0,
            schema,
            roles: roles(session)?,
            tablespaces: catalog::tablespaces(session)?,
            extensions: catalog::extensions(session)?,
            sequences: Vec::new(),
            materialized_views: Vec::new(),
            large_objects: Some(count),
            tables: Vec::new(),
            source,
        })
    }
}

/// The source, with the cluster's identity where it may be read.
fn source(session: &mut Session) -> Result<Source> {
    let mut source = catalog::database(session).context(|| "cannot read what this database is".to_owned())?;
    // Forbidden on some managed services. Inside a transaction an error would end it, hence the savepoint.
    session.execute("SAVEPOINT system")?;
    match catalog::system(session) {
        Ok((identifier, timeline)) => (source.system_identifier, source.timeline) = (identifier, timeline),
        Err(error) if error.code() == "permission_denied" => {
            session.execute("ROLLBACK TO SAVEPOINT system")?;
        }
        Err(error) => return Err(error),
    }
    Ok(source)
}

/// Roles, with their passwords' hashes where they may be read.
fn roles(session: &mut Session) -> Result<Vec<Role>> {
    let mut roles = catalog::roles(session)?;
    session.execute("SAVEPOINT passwords")?;
    match catalog::passwords(session) {
        Ok(mut passwords) => roles.iter_mut().for_each(|role| role.password = passwords.remove(&role.name)),
        Err(error) if error.code() == "permission_denied" => {
            session.execute("ROLLBACK TO SAVEPOINT passwords")?;
        }
        Err(error) => return Err(error),
    }
    Ok(roles)
}
