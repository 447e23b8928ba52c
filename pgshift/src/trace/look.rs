//! What the session that works holds, has read and has written: seen from inside of its transaction, so that it is exact.

use super::eyes::{Eyes, number, optional, text};
use super::relations::Relations;
use crate::grammar::Mode;
use common::error::Result;
use std::collections::{BTreeSet, HashMap};

/// The WAL of the cluster; and each relation that is locked, how, its file, and how often it was read from its beginning
/// in this transaction.
const QUERY: &str = "SELECT w.position, l.relation, l.mode, c.relfilenode, \
    pg_catalog.pg_stat_get_xact_numscans(l.relation) \
    FROM (SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0'::pg_catalog.pg_lsn)\
    ::pg_catalog.int8 AS position) w \
    LEFT JOIN (pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation) \
    ON l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.relation >= 16384 \
    AND l.database <> 0";

/// One look.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    /// The locks that are held; ACCESS SHARE is not looked at.
    pub(super) locks: BTreeSet<(u32, Mode)>,
    /// How much WAL was ever written.
    pub(super) wal: u64,
    files: HashMap<u32, u32>,
    scans: HashMap<u32, u64>,
}

impl Look {
    /// Looks.
    pub(super) fn take(session: &mut impl Eyes) -> Result<Self> {
        let mut look = Self::default();
        for row in session.rows(QUERY, 5)? {
            look.wal = number(&row, 0)?;
            let Some(oid) = optional(&row, 1)? else { continue };
            if let Some(mode) = Mode::of_server(text(&row, 2)).filter(|mode| *mode > Mode::AccessShare) {
                look.locks.insert((oid, mode));
            }
            // It has none any more when it was dropped.
            if let Some(file) = optional(&row, 3)? {
                look.files.insert(oid, file);
                look.scans.insert(oid, number(&row, 4)?);
            }
        }
        Ok(look)
    }

    /// Relations that got another file since `before`; what is rewritten is locked.
    pub(super) fn rewritten_since(&self, before: &Self, relations: &Relations) -> Vec<u32> {
        let at_first = |oid: u32| before.files.get(&oid).copied().or_else(|| relations.file(oid));
        relations.rewritten(at_first, |oid| self.files.get(&oid).copied())
    }

    /// Whether it is locked and not there any more.
    pub(super) fn is_gone(&self, oid: u32) -> bool {
        !self.files.contains_key(&oid)
    }

    /// Tables that were read from their beginning since `before`.
    pub(super) fn scanned_since(&self, before: &Self, relations: &Relations) -> Vec<u32> {
        let scans = |look: &Self, oid: u32| look.scans.get(&oid).copied().unwrap_or_default();
        let read = |oid: &u32| scans(self, *oid) > scans(before, *oid);
        let is_table = |oid: &u32| ["table", "materialized view"].contains(&relations.kind(*oid));
        let mut scanned: Vec<u32> =
            relations.0.keys().copied().filter(|oid| is_table(oid) && read(oid)).collect();
        scanned.sort_unstable();
        scanned
    }
}
