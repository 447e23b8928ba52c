//! `pgsnap restore`: brings a snapshot back, and reads it back to prove that it is the same.

use super::report::Report;
use super::target;
use crate::cli::Restore;
use crate::records::{Difference, SnapResult};
use common::cli::store::StoreFlags;
use common::cli::{Session, human, signals};
use common::error::{Class, Error, Result};
use common::format::id::SnapshotId;
use common::format::manifest::Manifest;
use common::pg::archive::{Contents, Spelling};
use common::pg::target::Target;
use common::pipeline::observer::{Fact, Observer};
use common::pipeline::replay::{self, Choice, Replay};
use common::pipeline::welcome::Welcome;
use common::proof::compare::Comparison;
use common::records::Warning;
use common::store::Store;

pub(crate) fn run(session: &Session<SnapResult>, args: &Restore) -> Result<()> {
    let (store, id) = snapshot(session, &args.snapshot, &args.store)?;
    let manifest = store.manifest(&id)?;
    note(session, &manifest, &store);
    let contents = replay::contents(&store, &manifest)?;
    choice(args).all_match(&contents)?;
    let target = database(session, args, &manifest)?;
    session.result().database = Some(target.database().to_owned());
    let report = Report::new(session);
    welcome(args, &target).prepare(&manifest, &contents, &choice(args), &report)?;
    let replay = replay(args, &target);
    replay.run(&store, &manifest, &contents, &report).map_err(Error::under_way)?;
    if args.no_proof {
        return Ok(());
    }
    prove(session, args, &manifest, &contents, &replay, &report).map_err(Error::under_way)
}

/// The store and the snapshot that are meant; `-` means the last one in the records on stdin. These are read first: the
/// tool before may be the one that makes the store.
pub(super) fn snapshot(
    session: &Session<SnapResult>,
    name: &str,
    place: &StoreFlags,
) -> Result<(Store, SnapshotId)> {
    if name != "-" {
        let store = place.open()?;
        let id = store.find(name)?;
        return Ok((store, id));
    }
    let upstream = session.upstream()?;
    upstream.succeeded()?;
    let line = upstream
        .last("pgsnap", "snapshot")
        .ok_or_else(|| Error::refused("no_snapshot", "the records on stdin name no snapshot"))?;
    let named: Named = line.decode()?;
    Ok((place.open()?, named.snapshot.parse()?))
}

#[derive(serde::Deserialize)]
struct Named {
    snapshot: String,
}

fn note(session: &Session<SnapResult>, manifest: &Manifest, store: &Store) {
    let mut result = session.result();
    result.store = Some(store.location().to_string());
    result.snapshot = Some(manifest.id.to_string());
    result.system_identifier = Some(manifest.source.system_identifier.clone());
    result.lsn = Some(manifest.source.lsn.clone());
}

fn database(session: &Session<SnapResult>, args: &Restore, manifest: &Manifest) -> Result<Target> {
    let target = target(session, &args.connection)?;
    if args.create && args.connection.dbname.is_none() {
        return Ok(target.with_database(&manifest.source.database));
    }
    Ok(target)
}

fn choice(args: &Restore) -> Choice {
    Choice { schemas: args.schema.clone(), tables: args.table.clone() }
}

fn spelling(args: &Restore) -> Spelling {
    Spelling {
        no_owner: args.no_owner,
        no_privileges: args.no_privileges,
        no_tablespaces: args.no_tablespaces,
        no_comments: args.no_comments,
        no_publications: args.no_publications,
        no_subscriptions: args.no_subscriptions,
        no_security_labels: args.no_security_labels,
    }
}

fn welcome<'a>(args: &'a Restore, target: &'a Target) -> Welcome<'a> {
    Welcome {
        target,
        create: args.create,
        clean: args.clean,
        if_exists: args.if_exists,
        force: args.force,
        create_roles: args.create_roles,
        adapt: false,
        spelling: spelling(args),
        role: args.role.as_deref(),
        stop: signals::stop_requested,
    }
}

fn replay<'a>(args: &'a Restore, target: &'a Target) -> Replay<'a> {
    Replay {
        target,
        choice: choice(args),
        spelling: spelling(args),
        // With --create the whole database was dropped already.
        clean: args.clean && !args.create,
        if_exists: args.if_exists,
        role: args.role.clone(),
        analyze: !args.no_analyze,
        jobs: usize::from(args.jobs),
        stop: signals::stop_requested,
    }
}

fn prove(
    session: &Session<SnapResult>,
    args: &Restore,
    manifest: &Manifest,
    contents: &Contents,
    replay: &Replay<'_>,
    report: &Report<'_>,
) -> Result<()> {
    let wanted = replay.choice.part(contents, manifest);
    let bytes = wanted.tables.iter().map(|table| table.fingerprint.bytes).sum();
    report.note(Fact::Planned { phase: "proving", bytes });
    let as_it_was = !args.no_owner && !args.no_privileges && !args.no_comments;
    let (compared, differences) = Comparison {
        target: replay.target,
        manifest,
        tables: wanted.tables,
        sequences: wanted.sequences,
        matviews: wanted.matviews,
        large_objects: wanted.large_objects,
        large_object_catalog: as_it_was,
        role: args.role.as_deref(),
        jobs: usize::from(args.jobs),
        fail_fast: false,
        stop: signals::stop_requested,
        advanced: &|bytes| report.note(Fact::Advanced(bytes)),
    }
    .run()?;
    report.note(Fact::Phase("done"));
    let (derived, differences): (Vec<_>, Vec<_>) =
        differences.into_iter().partition(|difference| difference.derived);
    for difference in derived {
        let message = format!(
            "{} was not up to date when the snapshot was taken, or its query has no fixed answer: it had {}, \
             filled again it has {}",
            difference.object, difference.expected, difference.found
        );
        session.warn(&Warning::new("matview_refreshed", message).object(&difference.object));
    }
    for difference in &differences {
        session.emit(&Difference {
            object: difference.object.clone(),
            expected: difference.expected.clone(),
            found: difference.found.clone(),
        });
    }
    let mut result = session.result();
    result.tables = Some(compared.tables);
    result.rows = Some(compared.rows);
    result.bytes = Some(compared.bytes);
    result.differences = Some(differences.len() as u64);
    result.proved = Some(differences.is_empty());
    match differences.first() {
        None => Ok(()),
        Some(first) => Err(Error::new(
            Class::No,
            "differs",
            format!(
                "what was restored differs from snapshot {} in {}",
                manifest.id,
                human::plural(differences.len() as u64, "object")
            ),
        )
        .cause(format!("{}: expected {}, found {}", first.object, first.expected, first.found))),
    }
}
