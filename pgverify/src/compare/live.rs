//! A side that is a live database, at one moment.
//!
//! All sessions see the same snapshot. No lock is stronger than ACCESS SHARE, nothing is written, a standby will do.
//! What the user may not read is left out of the locks and told, so that the rest can be compared.

use super::names::Patterns;
use super::sheet::{Holding, Sheet, Skip};
use common::cli::signals;
use common::error::{Context as _, Error, Result};
use common::format::manifest::{MaterializedView, Selection, Sequence, Source, Table};
use common::inventory::Inventory;
use common::name::QualifiedName;
use common::pg::catalog::{self, Lacking, Relation};
use common::pg::selection::Chosen;
use common::pg::session::Session;
use common::pg::snapshot::{Moment, Request, View};
use common::pg::target::Target;
use common::proof::sequences;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long it waits for a lock that somebody else's DDL holds.
const LOCK_WAIT_MS: u64 = 60_000;

/// How long a session waits for a lock that another one of ours has already: only somebody in the queue holds it up.
const QUEUE_MS: u64 = 2_000;

/// The first version whose servers read a range of pages without reading the whole table.
const TID_RANGE_SCAN: u32 = 140_000;

/// A live database at one moment.
pub(crate) struct Live {
    moment: Mutex<Moment>,
    /// What it is.
    pub(crate) source: Source,
    /// When its server was started, to the microsecond: tells a primary from its standby.
    started: String,
    /// The schemas that an unqualified name is looked for in.
    pub(crate) path: Vec<String>,
    /// What it has.
    pub(crate) sheet: Sheet,
}

/// The patterns that select on both sides, and those that a snapshot on the other side was taken with.
pub(crate) struct Wanted<'a> {
    /// What was asked for.
    pub(crate) asked: &'a Patterns,
    /// What the other side's snapshot holds.
    pub(crate) held: Option<&'a Patterns>,
}

impl Wanted<'_> {
    fn wants(&self, name: &QualifiedName, path: &[String]) -> bool {
        // Both are asked: each pattern has to know whether it matched.
        let asked = self.asked.wants(name, Some(path));
        asked && self.held.is_none_or(|held| held.wants(name, Some(path)))
    }
}

impl Live {
    /// Fixes the moment and looks at what there is.
    pub(crate) fn open(target: &Target, wanted: &Wanted<'_>) -> Result<Self> {
        let path = search_path(target)?;
        let lacking = RefCell::new(Vec::new());
        let before = |session: &mut Session, relations: &[Relation], chosen: &mut Chosen| {
            chosen.leave_out(
                relations
                    .iter()
                    .filter(|relation| !wanted.wants(&relation.name, &path))
                    .map(|relation| relation.oid),
            );
            let selected: Vec<&Relation> =
                relations.iter().filter(|relation| chosen.wants(relation)).collect();
            let oids: Vec<u32> = selected
                .iter()
                .filter(|relation| relation.kind != 'f')
                .map(|relation| relation.oid)
                .collect();
            let missing = catalog::rights(session, &oids)?;
            let hidden = selected.iter().filter(|relation| hides(&missing, &relation.name).is_some());
            chosen.leave_out(hidden.map(|relation| relation.oid));
            *lacking.borrow_mut() = missing;
            Ok(())
        };
        let request = Request {
            target,
            selection: &Selection::default(),
            role: None,
            lock_wait_ms: Some(LOCK_WAIT_MS),
            stop: signals::stop_requested,
            before: &before,
        };
        let (mut moment, view) =
            Moment::take(&request).context(|| format!("cannot read {}", target.describe()))?;
        let session = moment.leader();
        let mut source = catalog::database(session)?;
        let started = session.query_one("SELECT pg_catalog.pg_postmaster_start_time()")?.text(0).to_owned();
        let lacking = lacking.into_inner();
        let mut sheet = sheet(session, &view, &source, &lacking, &|name| wanted.wants(name, &path))?;
        let whole = wanted.asked.is_a_whole() && wanted.held.is_none_or(Patterns::is_a_whole);
        sheet.objects = whole && objects(session, &mut sheet.skips)?;
        // May be forbidden; then the cluster has no known identity. Asked in a session of its own: a failure ends a transaction.
        let mut session = Session::open(moment.target())?;
        session.lift_timeout()?;
        if let Ok((identifier, timeline)) = catalog::system(&mut session) {
            (source.system_identifier, source.timeline) = (identifier, timeline);
        }
        Ok(Self { moment: Mutex::new(moment), source, started, path, sheet })
    }

    /// A session that sees the moment. Behind somebody who waits for our locks to go it would wait for ever: it gives
    /// up, and the table is skipped.
    pub(crate) fn join(&self) -> Result<Session> {
        let mut session = self.moment().join()?;
        Self::wait_little(&mut session)?;
        Ok(session)
    }

    /// Sees to it that a session does not wait for locks in the queue behind ours.
    pub(crate) fn wait_little(session: &mut Session) -> Result<()> {
        session.execute(&format!("SET lock_timeout = {QUEUE_MS}"))
    }

    /// What the catalogs say, read by the session that holds the locks: some functions of the catalogs lock tables.
    pub(crate) fn inventory(&self) -> Result<Inventory> {
        Inventory::read(self.moment().leader())
    }

    /// Where it is.
    pub(crate) fn target(&self) -> Target {
        self.moment().target().clone()
    }

    /// Whether this is the very same database on the very same server.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let identity = |live: &Self| {
            let Source { system_identifier, database_oid, database, .. } = &live.source;
            (system_identifier.clone(), *database_oid, database.clone(), live.started.clone())
        };
        identity(self) == identity(other)
    }

    /// Fails when the session that holds the locks was lost.
    pub(crate) fn still_holds(&self) -> Result<()> {
        self.moment().still_holds()
    }

    /// The state of sequences; of those that can be read.
    pub(crate) fn sequences(&self, names: &[QualifiedName]) -> Result<BTreeMap<QualifiedName, Sequence>> {
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut session = Session::open(&self.target())?;
        session.stop_when(signals::stop_requested)?;
        session.pin()?;
        let read = sequences::read(&mut session, names)?;
        Ok(read.into_iter().map(|state| (QualifiedName::new(&state.schema, &state.name), state)).collect())
    }

    fn moment(&self) -> MutexGuard<'_, Moment> {
        self.moment.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The schemas that an unqualified name is looked for in, as the user's sessions have it.
fn search_path(target: &Target) -> Result<Vec<String>> {
    let mut session = Session::open(target)?;
    session.stop_when(signals::stop_requested)?;
    session.lift_timeout()?;
    let rows = session
        .query("SELECT s.schema FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) AS s(schema)")?;
    Ok(rows.iter().map(|row| row.text(0).to_owned()).collect())
}

fn hides<'a>(lacking: &'a [Lacking], name: &QualifiedName) -> Option<&'a Lacking> {
    lacking.iter().find(|lacking| lacking.hides(name))
}

fn sheet(
    session: &mut Session,
    view: &View,
    source: &Source,
    lacking: &[Lacking],
    wants: &dyn Fn(&QualifiedName) -> bool,
) -> Result<Sheet> {
    let View { relations, chosen } = view;
    let mut columns = catalog::columns(session)?;
    let mut keys = catalog::keys(session)?;
    let mut partitions = catalog::partitions(session)?;
    let scattered = catalog::partition_roots(session)?;
    let selected = chosen.of(relations);
    let mut sheet = Sheet {
        encoding: source.encoding.clone(),
        scattered: scattered.into_values().collect(),
        ..Sheet::default()
    };
    for relation in relations {
        let why = hides(lacking, &relation.name).map(Lacking::reason).filter(|_| wants(&relation.name));
        if !selected.contains(&relation.oid) && why.is_none() {
            continue;
        }
        let name = relation.name.clone();
        match relation.kind {
            'r' => {
                let known = columns.remove(&relation.oid).unwrap_or_default();
                let mut holding = holding(relation, known, source);
                holding.keys = keys.remove(&relation.oid).unwrap_or_default();
                holding.root = partitions.remove(&relation.oid);
                holding.unreadable = why.or(holding.unreadable);
                sheet.tables.insert(name, holding);
            }
            'p' => {
                sheet.roots.insert(name, keys.remove(&relation.oid).unwrap_or_default());
            }
            'S' if why.is_none() => {
                sheet.sequences.insert(name, None);
            }
            'm' if why.is_none() => {
                let known = columns.remove(&relation.oid).unwrap_or_default();
                let (schema, name_) = (name.schema.clone(), name.name.clone());
                let columns = known.into_iter().map(|known| known.column).collect();
                let populated = relation.populated;
                let view = MaterializedView { schema, name: name_, populated, columns, fingerprint: None };
                sheet.matviews.insert(name, view);
            }
            'S' | 'm' => {
                let kind = if relation.kind == 'S' { "sequence" } else { "materialized view" };
                let reason = why.unwrap_or_default();
                sheet.skips.push(Skip { object: format!("{kind} {name}"), reason, counts: true });
            }
            _ => {
                let reason = "a foreign table's rows are not in this database".to_owned();
                sheet.skips.push(Skip { object: format!("foreign table {name}"), reason, counts: false });
            }
        }
    }
    Ok(sheet)
}

fn holding(relation: &Relation, known: Vec<catalog::Known>, source: &Source) -> Holding {
    let (generated, stored): (Vec<_>, Vec<_>) = known.into_iter().partition(|known| known.generated);
    let plain = |known: Vec<catalog::Known>| known.into_iter().map(|known| known.column).collect();
    let condition = Some(relation.condition.clone()).filter(|condition| !condition.is_empty());
    let divisible = relation.heap && source.server_version_num >= TID_RANGE_SCAN && condition.is_none();
    let standby = source.standby && relation.unlogged;
    Holding {
        pages: if divisible { relation.main_bytes / u64::from(source.page_bytes).max(1) } else { 0 },
        bytes: relation.main_bytes + relation.toast_bytes,
        unreadable: standby.then(|| "an unlogged table has no rows on a standby".to_owned()),
        table: Table {
            schema: relation.name.schema.clone(),
            name: relation.name.name.clone(),
            owner: relation.owner.clone(),
            columns: plain(stored),
            generated: plain(generated),
            extension: relation.extension.clone(),
            condition,
            ..Table::default()
        },
        ..Holding::default()
    }
}

/// Whether all large objects can be read.
fn objects(session: &mut Session, skips: &mut Vec<Skip>) -> Result<bool> {
    let (all, unreadable) = catalog::unreadable_objects(session)?;
    if unreadable > 0 {
        let reason = format!("{unreadable} of {all}: no SELECT");
        skips.push(Skip { object: "large objects".to_owned(), reason, counts: true });
    }
    Ok(unreadable == 0)
}

/// Both sides may not be one database.
pub(crate) fn not_itself(a: &Live, b: &Live) -> Result<()> {
    if a.is(b) {
        let what = format!("this compares a database with itself: {}", a.target().describe());
        return Err(Error::usage(what).hint("name two databases, or a snapshot and a database"));
    }
    Ok(())
}
