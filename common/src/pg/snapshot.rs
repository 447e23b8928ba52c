//! One moment of a database, held open: locks first, then the snapshot that others import.
//!
//! The locks come first because TRUNCATE and rewriting ALTER TABLE are not MVCC-safe: a table emptied between
//! snapshot and lock would read as empty without an error
//! (<https://www.postgresql.org/docs/current/mvcc-caveats.html>). LOCK TABLE takes no snapshot, so a
//! REPEATABLE READ transaction can lock before its moment is fixed.

use super::catalog::{self, Relation};
use super::selection::Chosen;
use super::session::Session;
use super::standstill::Standstill;
use super::target::Target;
use crate::error::{Context as _, Error, Result};
use crate::format::manifest::Selection;
use std::collections::BTreeSet;

/// How often the list of tables may change under our hands before we give up.
const ATTEMPTS: usize = 10;
/// How much of a LOCK statement is sent at once, as pg_dump does.
const LOCK_BYTES: usize = 100_000;

/// Holds the locks and the snapshot until it is dropped.
pub struct Moment {
    leader: Session,
    id: String,
    target: Target,
    role: Option<String>,
    stop: fn() -> bool,
}

/// What is seen at that moment. What else the catalogs say is the leader's to ask: some of their functions lock tables,
/// and behind somebody who waits for the leader's locks, any other session would wait for ever.
pub struct View {
    /// All relations.
    pub relations: Vec<Relation>,
    /// What the selection means.
    pub chosen: Chosen,
}

/// Looks at all relations and at what is selected of them, and may leave some of it out.
pub type Before<'a> = dyn Fn(&mut Session, &[Relation], &mut Chosen) -> Result<()> + 'a;

/// How a moment is taken.
pub struct Request<'a> {
    /// The database.
    pub target: &'a Target,
    /// What is selected.
    pub selection: &'a Selection,
    /// `--role`.
    pub role: Option<&'a str>,
    /// `--lock-wait-timeout`, in milliseconds.
    pub lock_wait_ms: Option<u64>,
    /// Asked twice a second while waiting.
    pub stop: fn() -> bool,
    /// Looks at all relations and at what is selected of them, before the first lock.
    pub before: &'a Before<'a>,
}

impl Moment {
    /// Locks what is selected against change, then fixes the moment.
    pub fn take(request: &Request<'_>) -> Result<(Self, View)> {
        let mut scout = Session::open(request.target)?;
        scout.stop_when(request.stop)?;
        let target = scout.target().clone();
        scout.lift_timeout()?;
        let search_path = scout.query_one("SELECT current_setting('search_path')")?.text(0).to_owned();
        prepare(&mut scout, request.role)?;
        // Sizes can't be told of a table that somebody has locked.
        let timeout = format!("SET lock_timeout = {}", request.lock_wait_ms.unwrap_or(0));
        scout.execute(&timeout)?;
        for _ in 0..ATTEMPTS {
            let mut chosen = Chosen::resolve(&mut scout, request.selection, &search_path)?;
            let relations = catalog::relations(&mut scout).context(|| "cannot list the tables".to_owned())?;
            (request.before)(&mut scout, &relations, &mut chosen)?;
            let tables = lockable(&relations, &chosen);
            let mut leader = Session::open(&target)?;
            leader.stop_when(request.stop)?;
            prepare(&mut leader, request.role)?;
            leader.execute(&timeout)?;
            leader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
            match lock(&mut leader, &tables) {
                // A table was dropped since it was listed: look again.
                Err(error) if matches!(error.sqlstate(), Some("42P01" | "3F000")) => continue,
                other => other?,
            }
            let id = leader.query_one("SELECT pg_catalog.pg_export_snapshot()")?.text(0).to_owned();
            // Only the leader may ask: behind somebody who waits for its locks to go, others would wait for ever.
            let relations = catalog::relations(&mut leader)?;
            let mut moment = Self {
                leader,
                id,
                target: target.clone(),
                role: request.role.map(str::to_owned),
                stop: request.stop,
            };
            let left_out = chosen.left_out();
            let mut chosen = Chosen::resolve(&mut moment.leader, request.selection, &search_path)?;
            chosen.leave_out(left_out);
            if lockable(&relations, &chosen).is_subset(&tables) {
                return Ok((moment, View { relations, chosen }));
            }
        }
        Err(Error::failed("moving", "tables are being made and dropped faster than they can be locked")
            .hint("exclude the schema that they are in with -N"))
    }

    /// Another session that sees the same moment.
    pub fn join(&self) -> Result<Session> {
        let mut session = Session::open(&self.target)?;
        session.stop_when(self.stop)?;
        prepare(&mut session, self.role.as_deref())?;
        session.execute(&format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT {}",
            crate::name::literal(&self.id)
        ))?;
        Ok(session)
    }

    /// The session that holds the locks; it sees the moment, too.
    pub fn leader(&mut self) -> &mut Session {
        &mut self.leader
    }

    /// Fails when the session that holds the locks was lost: since then, tables may have been emptied under the snapshot.
    pub fn still_holds(&mut self) -> Result<()> {
        let held = self.leader.query_one("SELECT pg_catalog.pg_is_in_recovery()");
        held.map(drop).context(|| "cannot hold the snapshot to its end".to_owned())
    }

    /// A look at whether our locks hold up what works for us.
    pub fn standstill(&mut self) -> Result<Standstill> {
        let leader = self.leader.query_one("SELECT pg_catalog.pg_backend_pid()")?.number(0)?;
        Standstill::of(&self.target, leader)
    }

    /// The snapshot's name, for `pg_dump --snapshot`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The very host that the snapshot is on.
    pub fn target(&self) -> &Target {
        &self.target
    }
}

fn prepare(session: &mut Session, role: Option<&str>) -> Result<()> {
    session.pin()?;
    match role {
        Some(role) => session.execute(&format!("SET ROLE {}", crate::name::ident(role))),
        None => Ok(()),
    }
}

/// The names of the tables whose rows will be read.
fn lockable(relations: &[Relation], chosen: &Chosen) -> BTreeSet<String> {
    let wanted =
        relations.iter().filter(|relation| matches!(relation.kind, 'r' | 'p') && chosen.wants(relation));
    wanted.map(|relation| relation.name.to_string()).collect()
}

fn lock(session: &mut Session, tables: &BTreeSet<String>) -> Result<()> {
    let mut batch = String::new();
    for (index, table) in tables.iter().enumerate() {
        if !batch.is_empty() {
            batch.push_str(", ");
        }
        // ONLY: pg_dump, too, locks each table by itself.
        batch.push_str("ONLY ");
        batch.push_str(table);
        if batch.len() > LOCK_BYTES || index + 1 == tables.len() {
            session
                .execute(&format!("LOCK TABLE {batch} IN ACCESS SHARE MODE"))
                .map_err(|error| error.context("cannot lock the tables against change"))?;
            batch.clear();
        }
    }
    Ok(())
}
