//! How far replicas are behind what was committed here: each batch leaves a mark, and the lag is the age of the oldest mark
//! that some replica has not replayed. Unlike the server's own `replay_lag` it goes on growing when a replica stands still.

use common::error::Result;
use common::pg::session::Session;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Marks that are kept: the oldest ones count.
const MARKS: usize = 1000;

/// Positions as numbers; how many replicas there are, and of how many this role sees where they are.
const QUERY: &str = "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), '0/0'), \
     pg_catalog.count(*), pg_catalog.count(state), \
     pg_catalog.min(pg_catalog.pg_wal_lsn_diff(replay_lsn, '0/0')) FILTER (WHERE state IN ('streaming', 'catchup')) \
     FROM pg_catalog.pg_stat_replication";

/// What replicas have not replayed.
#[derive(Debug, Default)]
pub(crate) struct Lag {
    marks: VecDeque<(u64, Instant)>,
    /// There are replicas of which this role may not see where they are.
    pub(crate) unseen: bool,
}

impl Lag {
    /// A batch was committed.
    pub(crate) fn mark(&mut self, session: &mut Session) -> Result<()> {
        let position = self.look(session)?;
        if self.marks.len() < MARKS {
            self.marks.push_back((position, Instant::now()));
        }
        Ok(())
    }

    /// How far the slowest replica is behind.
    pub(crate) fn now(&mut self, session: &mut Session) -> Result<Duration> {
        self.look(session)?;
        Ok(self.marks.front().map_or(Duration::ZERO, |(_, since)| since.elapsed()))
    }

    /// Forgets what all have replayed; the server's own position.
    fn look(&mut self, session: &mut Session) -> Result<u64> {
        let row = session.query_one(QUERY)?;
        let (replicas, seen): (u64, u64) = (row.number(1)?, row.number(2)?);
        self.unseen = seen < replicas;
        match row.optional(3) {
            Some(_) => {
                let replayed: u64 = row.number(3)?;
                self.marks.retain(|(position, _)| *position > replayed);
            }
            // Nobody replays.
            None => self.marks.clear(),
        }
        row.number(0)
    }
}
