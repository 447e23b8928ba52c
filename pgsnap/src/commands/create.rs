//! `pgsnap create`: takes snapshots.

use super::report::Report;
use super::{TOOL, kind, target};
use crate::cli::Create;
use crate::records::{SnapResult, Snapshot};
use common::cli::{Session, signals};
use common::error::{Error, Result};
use common::format::frame::Codec;
use common::format::id::SnapshotId;
use common::format::manifest::{Manifest, Selection, Source};
use common::format::outline::Outline;
use common::pg;
use common::pg::target::Target;
use common::pipeline::capture::Capture;
use common::pipeline::observer::{Fact, Observer as _};
use common::pipeline::preflight;
use common::records::Warning;
use common::seal::Recipients;
use common::store::{Draft, Store, Watch, leftovers};
use common::throttle::{Limits, Throttle};

pub(crate) fn run(session: &Session<SnapResult>, args: &Create) -> Result<()> {
    let target = target(session, &args.connection)?;
    let target = if args.nice || args.pause_replay.is_some() {
        // Of several hosts, what is looked after and what is read are one.
        pg::session::Session::open(&target)?.target().clone()
    } else {
        target
    };
    let databases = databases(args, &target)?;
    let recipients = Recipients::parse(&args.encrypt_to)?;
    // A mistyped name must not leave a store behind.
    for database in &databases {
        let why = "a snapshot needs sessions of its own from beginning to end";
        pg::pooler::refuse_transaction_pooling(
            &target.with_database(database),
            why,
            signals::stop_requested,
        )?;
    }
    let store = Store::open_or_create(&args.store.store, &recipients)?;
    leftovers(store.location());
    session.result().store = Some(store.location().to_string());
    let pause = kind::Pause::begin(session, args.pause_replay, &target)?;
    let done = databases.iter().try_for_each(|database| {
        let target = target.with_database(database);
        let manifest = create(session, args, &target, &store).map_err(|error| {
            if databases.len() > 1 { error.context(format!("database {database:?}")) } else { error }
        })?;
        count(session, &manifest);
        session.emit_all(&[snapshot(&Outline::of(&manifest), &store)]);
        session.note(&format!("snapshot {} of database \"{}\"", manifest.id, manifest.source.database));
        if manifest.tables.is_empty() {
            let message = format!("database \"{}\" has no tables", manifest.source.database);
            session.warn(&Warning::new("no_tables", message));
        }
        Ok(())
    });
    pause.end(session);
    done
}

fn create(session: &Session<SnapResult>, args: &Create, target: &Target, store: &Store) -> Result<Manifest> {
    let report = Report::new(session);
    let watch = Watch {
        tool: TOOL,
        wait: Watch::LONG,
        stop: &signals::stop_requested,
        tell: &|what| session.note(what),
    };
    let draft = store.begin(&watch)?;
    tell_of_names(session, &draft);
    let open = || kind::look(target);
    let told = |message: &str| report.note(Fact::Warning { code: "load", message: message.to_owned() });
    let limits = Limits { rate: args.max_rate, active: None, nice: args.nice };
    let throttle = Throttle::new(limits, &open, signals::stop_requested, &told);
    let capture = Capture {
        target,
        selection: selection(args),
        large_objects: large_objects(args),
        role: args.role.clone(),
        lock_wait_ms: args.lock_wait_timeout,
        jobs: usize::from(args.jobs),
        compression: args.compress,
        tags: args.tag.clone(),
        run: session.run_id().to_owned(),
        tool: TOOL.to_owned(),
        throttle: (args.nice || args.max_rate.is_some()).then_some(&throttle),
        stop: signals::stop_requested,
        before_locking: &|scout, required| {
            kind::tell_of_a_pause(session, scout, args.pause_replay.is_some())?;
            let session = scout;
            preflight::rights(session, required)?;
            preflight::locks(session, required)
        },
        before_reading: &|source, bytes| space(source, bytes, args, store),
    };
    let id = SnapshotId::new(jiff::Timestamp::now(), random()?);
    let done = capture.run(&id, &draft, &report);
    let added = draft.added();
    {
        let mut result = session.result();
        if args.nice || args.max_rate.is_some() {
            *result.pauses.get_or_insert_default() += throttle.pauses();
        }
        *result.blocks_new.get_or_insert_default() += added.blocks_new;
        *result.blocks_reused.get_or_insert_default() += added.blocks_reused;
        *result.stored_bytes.get_or_insert_default() += added.stored_new;
    }
    let manifest = done.map_err(Error::under_way)?;
    if signals::stop_requested() {
        return Err(pg::wire::stopped());
    }
    draft.commit(&manifest)?;
    Ok(manifest)
}

fn space(source: &Source, bytes: u64, args: &Create, store: &Store) -> Result<()> {
    let Some(directory) = store.location().directory().filter(|_| !args.no_space_check) else {
        return Ok(());
    };
    let space = rustix::fs::statvfs(directory)
        .map_err(|error| Error::io("cannot tell how much space the store has", &error.into()))?;
    let compressed = args.compress.codec != Codec::None;
    let has_earlier = !store.snapshots()?.is_empty();
    preflight::space(source, bytes, space.f_bavail.saturating_mul(space.f_frsize), compressed, has_earlier)
}

fn databases(args: &Create, target: &Target) -> Result<Vec<String>> {
    if !args.all_databases {
        let mut databases = args.databases.clone();
        if databases.is_empty() || args.connection.dbname.is_some() {
            databases.insert(0, target.database().to_owned());
        }
        return Ok(databases);
    }
    let mut session = pg::session::Session::open(target)?;
    session.pin()?;
    pg::catalog::databases(&mut session)
}

fn selection(args: &Create) -> Selection {
    Selection {
        schemas: args.schema.clone(),
        exclude_schemas: args.exclude_schema.clone(),
        tables: args.table.clone(),
        exclude_tables: args.exclude_table.clone(),
        exclude_table_data: args.exclude_table_data.clone(),
        no_unlogged_table_data: args.no_unlogged_table_data,
    }
}

fn large_objects(args: &Create) -> Option<bool> {
    match (args.large_objects, args.no_large_objects) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

pub(super) fn random() -> Result<u32> {
    let digits = common::random_hex::<4>()?;
    u32::from_str_radix(&digits, 16).map_err(|error| Error::failed("internal", error.to_string()))
}

pub(super) fn count(session: &Session<SnapResult>, manifest: &Manifest) {
    let mut result = session.result();
    result.snapshot = Some(manifest.id.to_string());
    *result.snapshots.get_or_insert_default() += 1;
    result.database = Some(manifest.source.database.clone());
    result.system_identifier = Some(manifest.source.system_identifier.clone());
    result.lsn = Some(manifest.source.lsn.clone());
    *result.tables.get_or_insert_default() += manifest.tables.len() as u64;
    *result.rows.get_or_insert_default() += manifest.rows;
    *result.bytes.get_or_insert_default() += manifest.bytes;
}

/// How a snapshot is told.
pub(super) fn snapshot(outline: &Outline, store: &Store) -> Snapshot {
    Snapshot {
        snapshot: outline.id.to_string(),
        store: store.location().to_string(),
        created: outline.created.clone(),
        database: outline.source.database.clone(),
        system_identifier: outline.source.system_identifier.clone(),
        server_version: outline.source.server_version.clone(),
        lsn: outline.source.lsn.clone(),
        tags: outline.tags.join(","),
        tables: outline.tables,
        rows: outline.rows,
        bytes: outline.bytes,
        stored_bytes: outline.stored_new,
        took_seconds: outline.seconds,
        verified: None,
        proved: None,
        is_listed: false,
    }
}

/// Says so when blocks of an encrypted store get new names.
pub(super) fn tell_of_names(session: &Session<SnapResult>, draft: &Draft<'_>) {
    if let Some(path) = draft.names_anew() {
        let message = format!(
            "this machine had not written into the store, or has lost {}: blocks are named anew and not shared with older snapshots",
            path.display()
        );
        session.warn(&Warning::new("names_anew", message));
    }
}
