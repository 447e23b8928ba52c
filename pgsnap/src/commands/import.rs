//! `pgsnap import`: dumps of pg_dump's as snapshots.
//!
//! Each is restored into a private cluster, and that is read like any other database: so its rows are cut, hashed and shared
//! like those of live databases, and its schema is written down. What is told of the source is the dump's, and nothing that
//! would pass for a live cluster.

use super::TOOL;
use super::create::{count, random, snapshot, tell_of_names};
use super::report::Report;
use crate::cli::Import;
use crate::records::SnapResult;
use common::cli::{Session, signals};
use common::dump::{self, Cluster, Dump, Place, RESTORED};
use common::error::{Context as _, Error, Result};
use common::format::id::SnapshotId;
use common::format::manifest::{Imported, Manifest, Selection};
use common::format::outline::Outline;
use common::name::ident;
use common::pg::session::Session as Connection;
use common::pg::target::Target;
use common::pg::wire::stopped;
use common::pipeline::capture::Capture;
use common::pipeline::observer::{Fact, Observer as _};
use common::records::Warning;
use common::seal::Recipients;
use common::store::{Store, Watch, leftovers};
use jiff::Timestamp;
use std::fs::File;
use std::path::Path;

pub(crate) fn run(session: &Session<SnapResult>, args: &Import) -> Result<()> {
    // A mistyped name must not leave a store behind.
    let dumps = args.files.iter().map(|file| Dump::look(file)).collect::<Result<Vec<_>>>()?;
    let recipients = Recipients::parse(&args.encrypt_to)?;
    let store = Store::open_or_create(&args.store.store, &recipients)?;
    leftovers(store.location());
    session.result().store = Some(store.location().to_string());
    for (dump, file) in dumps.into_iter().zip(&args.files) {
        one(session, args, dump, file, &store)
            .map_err(|error| error.under_way().context(format!("cannot import {}", file.display())))?;
    }
    Ok(())
}

fn one(session: &Session<SnapResult>, args: &Import, dump: Dump, file: &Path, store: &Store) -> Result<()> {
    let report = Report::new(session);
    report.note(Fact::Phase("hashing the file"));
    let imported = imported(&dump, file)?;
    let taken = dump.about.created.map_or_else(|| modified(file), Ok)?;
    let named = dump.about.database.clone();
    report.note(Fact::Phase("starting a cluster"));
    let place = Place { major: args.pg_version, settings: &args.settings, parent: args.work_dir.as_deref() };
    let (sandbox, other) = dump.start(&place)?;
    if let Some(message) = other {
        session.warn(&Warning::new("other_version", message));
    }
    let target = sandbox.target(RESTORED)?.with_application_name("pgsnap").stop_when(signals::stop_requested);
    let files = sandbox.data_directory();
    let cluster = Cluster {
        target: &target,
        lead: &|command| sandbox.lead(command, RESTORED),
        major: sandbox.major(),
        home: files.parent().unwrap_or(&files),
        trust: args.trust,
        jobs: args.jobs,
    };
    let ran = dump.restore(&cluster, &report)?;
    for (code, message) in dump::warnings(&ran) {
        session.warn(&Warning::new(code, message));
    }
    let mut found = 0;
    for database in dump::databases(&ran) {
        let database = rename(&target, database, named.as_deref())?;
        let target = target.with_database(&database);
        // pg_dumpall connects to the system's own databases, too.
        if is_empty(&target)? {
            continue;
        }
        found += 1;
        let manifest = capture(session, args, &target, store, taken, &imported)?;
        count(session, &manifest);
        session.emit_all(&[snapshot(&Outline::of(&manifest), store)]);
        session.note(&format!(
            "snapshot {} of database \"{}\", from {}",
            manifest.id,
            database,
            file.display()
        ));
    }
    sandbox.stop()?;
    if found == 0 {
        return Err(Error::failed("nothing_restored", "nothing was restored: the dump holds no table")
            .hint("look at how it was made: which database, which schemas, which options"));
    }
    Ok(())
}

/// What the dump tells of itself.
fn imported(dump: &Dump, file: &Path) -> Result<Imported> {
    Ok(Imported {
        file: file.display().to_string(),
        hash: hash(file)?,
        bytes: dump.bytes,
        format: dump.format().to_owned(),
        database: dump.about.database.clone(),
        server_version: dump.about.server.clone(),
        pg_dump: dump.about.pg_dump.clone(),
        dumped: dump.about.created.map(written),
        imported: written(Timestamp::now()),
    })
}

fn written(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Of a plain dump, which does not say when it was written.
fn modified(file: &Path) -> Result<Timestamp> {
    let cannot = || format!("cannot tell when {} was written", file.display());
    let modified = file.metadata().and_then(|metadata| metadata.modified()).context(cannot)?;
    Timestamp::try_from(modified).map_err(|error| Error::failed("io", cannot()).cause(error.to_string()))
}

fn hash(path: &Path) -> Result<Option<String>> {
    let cannot = || format!("cannot read {}", path.display());
    let metadata = path.metadata().context(cannot)?;
    if metadata.is_file() {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(File::open(path).context(cannot)?).context(cannot)?;
        return Ok(Some(hasher.finalize().to_hex().to_string()));
    }
    if !metadata.is_dir() {
        return Ok(None);
    }
    let mut entries =
        std::fs::read_dir(path).and_then(Iterator::collect::<std::io::Result<Vec<_>>>).context(cannot)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let mut all = blake3::Hasher::new();
    for entry in entries {
        if signals::stop_requested() {
            return Err(stopped());
        }
        if let Some(hash) = hash(&entry.path())? {
            all.update(entry.file_name().as_encoded_bytes()).update(b"\0").update(hash.as_bytes());
        }
    }
    Ok(Some(all.finalize().to_hex().to_string()))
}

/// Gives the restored database the name that the dump tells, unless every cluster has one of that name.
fn rename(target: &Target, database: &str, named: Option<&str>) -> Result<String> {
    let taken = ["postgres", "template0", "template1"];
    let Some(named) = named.filter(|name| database == RESTORED && !taken.contains(name) && *name != RESTORED)
    else {
        return Ok(database.to_owned());
    };
    Connection::open(&target.with_database("template1"))?.execute(&format!(
        "ALTER DATABASE {} RENAME TO {}",
        ident(database),
        ident(named)
    ))?;
    Ok(named.to_owned())
}

fn is_empty(target: &Target) -> Result<bool> {
    let sql = "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
               WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema') \
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)";
    Ok(Connection::open(target)?.query_one(sql)?.is_true(0))
}

fn capture(
    session: &Session<SnapResult>,
    args: &Import,
    target: &Target,
    store: &Store,
    taken: Timestamp,
    imported: &Imported,
) -> Result<Manifest> {
    let report = Report::new(session);
    let watch = Watch {
        tool: TOOL,
        wait: Watch::LONG,
        stop: &signals::stop_requested,
        tell: &|what| session.note(what),
    };
    let draft = store.begin(&watch)?;
    tell_of_names(session, &draft);
    let capture = Capture {
        target,
        selection: Selection::default(),
        large_objects: None,
        role: None,
        lock_wait_ms: None,
        jobs: usize::from(args.jobs),
        compression: args.compress,
        tags: args.tag.clone(),
        run: session.run_id().to_owned(),
        tool: TOOL.to_owned(),
        throttle: None,
        stop: signals::stop_requested,
        before_locking: &|_, _| Ok(()),
        before_reading: &|_, _| Ok(()),
    };
    let id = SnapshotId::new(taken, random()?);
    let done = capture.run(&id, &draft, &report);
    let added = draft.added();
    {
        let mut result = session.result();
        *result.blocks_new.get_or_insert_default() += added.blocks_new;
        *result.blocks_reused.get_or_insert_default() += added.blocks_reused;
        *result.stored_bytes.get_or_insert_default() += added.stored_new;
    }
    let mut manifest = done?;
    if signals::stop_requested() {
        return Err(stopped());
    }
    truthful(&mut manifest, taken, imported);
    draft.commit(&manifest)?;
    Ok(manifest)
}

/// Takes out what is the private cluster's alone: nobody is to take this for a snapshot of a live database.
fn truthful(manifest: &mut Manifest, taken: Timestamp, imported: &Imported) {
    manifest.created = written(taken);
    for tablespace in &mut manifest.tablespaces {
        tablespace.location.clear();
    }
    for table in &mut manifest.tables {
        table.relfilenode = None;
    }
    let source = &mut manifest.source;
    source.system_identifier.clear();
    source.timeline = 0;
    source.database_oid = 0;
    source.lsn.clear();
    source.snapshot.clear();
    source.snapshot_time = written(taken);
    source.imported = Some(imported.clone());
}
