//! One line for each check, where findings are too many: monitoring keeps a series for each line for ever.

use crate::records::{CheckRecord, State};

/// A check in one place, with all that it found.
pub(super) struct Rollup<'a> {
    /// The worst of its records.
    pub(super) worst: &'a CheckRecord,
    /// How many there are that are not well.
    pub(super) findings: u64,
    /// The worst value.
    pub(super) value: Option<f64>,
}

/// The checks in the order in which they were made.
pub(super) fn of(records: &[CheckRecord]) -> Vec<Rollup<'_>> {
    let mut rollups: Vec<Rollup<'_>> = Vec::new();
    for record in records {
        let finding = u64::from(record.status != State::Ok);
        let value = record.value.map(|value| value.0);
        let same = |other: &&mut Rollup<'_>| {
            let other = other.worst;
            (&other.check, &other.server, &other.database)
                == (&record.check, &record.server, &record.database)
        };
        // Records of one check follow one another, the worst first.
        if let Some(known) = rollups.iter_mut().rev().take(1).find(same) {
            known.findings += finding;
            known.value = known.value.or(value);
            if record.status > known.worst.status {
                known.worst = record;
            }
        } else {
            rollups.push(Rollup { worst: record, findings: finding, value });
        }
    }
    rollups
}
