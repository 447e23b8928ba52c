//! What ran, one after another, between two moments at which nothing is locked: a transaction, or a statement outside of
//! any. Arithmetic only: for how long others would have waited.

use super::relations::Relations;
use crate::grammar::Mode;

/// What somebody does who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// They read.
    Read,
    /// They write.
    Write,
}

impl Others {
    /// Whether they wait for this lock.
    pub(super) fn wait_for(self, mode: Mode) -> bool {
        match self {
            Self::Read => mode.blocks_reads(),
            Self::Write => mode.blocks_writes(),
        }
    }
}

/// The transaction, or the statement.
#[derive(Clone, Debug, Default)]
pub(super) struct Span {
    /// All that was sent, in order.
    pub(super) steps: Vec<Step>,
    /// All locks on relations that were there before.
    pub(super) holds: Vec<Hold>,
    /// Whether the locks were seen from outside, now and then.
    pub(super) sampled: bool,
    /// The relations as they were before it.
    pub(super) relations: Relations,
}

/// Something that was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    /// The number of the statement; none for what is no part of the script, such as COMMIT.
    pub(super) statement: Option<u32>,
    /// How long it took.
    pub(super) seconds: f64,
    /// How long of that it waited for locks of others.
    pub(super) waited: f64,
    /// What it rewrote.
    pub(super) rewritten: Vec<u32>,
    /// What it read from its beginning.
    pub(super) scanned: Vec<u32>,
    /// The WAL of the cluster meanwhile.
    pub(super) wal: u64,
}

/// A lock.
#[derive(Clone, Debug)]
pub(super) struct Hold {
    pub(super) relation: u32,
    pub(super) mode: Mode,
    /// Whether the relation was dropped by the statement that locked it.
    pub(super) dropped: bool,
    /// The step that took it.
    pub(super) from: usize,
    /// The step after which it was gone, where that was before the end.
    pub(super) until: Option<usize>,
    /// Of a sampled one: how long it was seen.
    pub(super) seen: Option<f64>,
}

impl Span {
    /// For how long a lock was held: from the beginning of the statement that took it.
    pub(super) fn held(&self, hold: &Hold) -> f64 {
        (0..self.steps.len()).map(|step| self.held_in(hold, step)).sum()
    }

    /// For how long `others` would have waited for a table, or for any, during one step.
    pub(super) fn blocked_in(&self, step: usize, others: Others, table: Option<u32>) -> f64 {
        self.blocking(others)
            .filter(|hold| table.is_none_or(|table| self.relations.table_of(hold.relation) == table))
            .map(|hold| self.held_in(hold, step))
            .fold(0.0, f64::max)
    }

    /// The same, during all of it.
    pub(super) fn blocked(&self, others: Others, table: Option<u32>) -> f64 {
        (0..self.steps.len()).map(|step| self.blocked_in(step, others, table)).sum()
    }

    /// The tables that `others` would have waited for during one step.
    pub(super) fn tables_in(&self, step: usize, others: Others) -> Vec<u32> {
        let holds = self.blocking(others).filter(|hold| hold.is_held_in(step));
        unique(holds.map(|hold| self.relations.table_of(hold.relation)))
    }

    /// The tables that `others` would have waited for at all.
    pub(super) fn tables(&self, others: Others) -> Vec<u32> {
        unique(self.blocking(others).map(|hold| self.relations.table_of(hold.relation)))
    }

    fn blocking(&self, others: Others) -> impl Iterator<Item = &Hold> {
        self.holds.iter().filter(move |hold| others.wait_for(hold.mode))
    }

    fn held_in(&self, hold: &Hold, step: usize) -> f64 {
        let seconds = self.steps.get(step).map_or(0.0, |step| step.seconds);
        if hold.is_held_in(step) { hold.seen.map_or(seconds, |seen| seen.min(seconds)) } else { 0.0 }
    }
}

impl Hold {
    fn is_held_in(&self, step: usize) -> bool {
        step >= self.from && self.until.is_none_or(|until| step <= until)
    }
}

fn unique(all: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut all: Vec<u32> = all.collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::super::relations::Relation;
    use super::*;
    use common::name::QualifiedName;

    fn span(seconds: &[f64], holds: &[(u32, Mode, usize, Option<usize>)]) -> Span {
        let steps = seconds.iter().map(|seconds| Step { seconds: *seconds, ..Step::default() }).collect();
        let hold = |&(relation, mode, from, until): &(u32, Mode, usize, Option<usize>)| Hold {
            relation,
            mode,
            dropped: false,
            from,
            until,
            seen: None,
        };
        Span { steps, holds: holds.iter().map(hold).collect(), ..Span::default() }
    }

    fn is(number: f64, expected: f64) {
        assert!((number - expected).abs() < 1e-9, "{number} is not {expected}");
    }

    #[test]
    fn a_lock_is_held_from_its_statement_to_the_end() {
        let span = span(
            &[1.0, 2.0, 4.0],
            &[
                (1, Mode::AccessExclusive, 1, None),
                (1, Mode::Share, 0, None),
                (2, Mode::RowExclusive, 0, None),
            ],
        );
        is(span.held(&span.holds[0]), 6.0);
        is(span.blocked(Others::Read, Some(1)), 6.0);
        is(span.blocked(Others::Write, Some(1)), 7.0);
        is(span.blocked(Others::Write, Some(2)), 0.0);
        is(span.blocked_in(0, Others::Read, None), 0.0);
        assert_eq!(span.tables(Others::Write), [1]);
        assert_eq!(span.tables_in(0, Others::Read), [0_u32; 0]);
    }

    #[test]
    fn what_a_savepoint_gives_back_blocks_nobody_any_more() {
        let span = span(&[1.0, 2.0, 4.0], &[(1, Mode::AccessExclusive, 0, Some(1))]);
        is(span.blocked(Others::Read, None), 3.0);
    }

    #[test]
    fn who_locks_an_index_blocks_its_table() {
        let mut span = span(&[1.0], &[(2, Mode::AccessExclusive, 0, None)]);
        let name = QualifiedName::new("s", "i");
        let index = Relation { name, kind: "i".into(), file: 1, index_of: Some(1) };
        span.relations.0.insert(2, index);
        is(span.blocked(Others::Read, Some(1)), 1.0);
        is(span.blocked(Others::Read, Some(2)), 0.0);
    }

    #[test]
    fn what_was_sampled_counts_as_long_as_it_was_seen() {
        let mut span = span(&[10.0], &[(1, Mode::AccessExclusive, 0, None)]);
        span.holds[0].seen = Some(4.0);
        is(span.blocked(Others::Read, None), 4.0);
    }
}
