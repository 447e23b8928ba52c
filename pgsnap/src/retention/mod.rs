//! Which snapshots are kept, and why. Pure: no store, no clock.
//!
//! Snapshots are judged in groups, one for each database (and for each selection of a part of it). Whatever is asked for,
//! the newest one that was proved stays, and no group loses its last; only [`Guard::Off`] lets them go.

mod candidate;
mod policy;
mod span;

#[cfg(test)]
mod tests;

pub(crate) use candidate::Candidate;
pub(crate) use policy::{Count, Policy};
pub(crate) use span::Span;

use common::error::{Error, Result};
use common::format::id::SnapshotId;
use policy::Moment;
use std::collections::{BTreeMap, BTreeSet};

/// Whether the last ones are held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    On,
    Off,
}

/// What is known of the proofs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proofs {
    /// Snapshots that pgverify has passed.
    pub(crate) passed: BTreeSet<SnapshotId>,
    /// Snapshots of which an attestation can't be read.
    pub(crate) unknown: BTreeSet<SnapshotId>,
}

/// A snapshot, and whether it stays.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict<'a> {
    pub(crate) snapshot: &'a Candidate,
    pub(crate) is_kept: bool,
    pub(crate) reason: String,
}

/// All snapshots of one thing, newest first.
pub(crate) fn groups(all: &[Candidate]) -> Vec<Vec<&Candidate>> {
    let mut groups: BTreeMap<_, Vec<&Candidate>> = BTreeMap::new();
    for candidate in all {
        let key = (&candidate.database, &candidate.system_identifier, &candidate.part);
        groups.entry(key).or_default().push(candidate);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    for group in &mut groups {
        group.sort_by_key(|candidate| std::cmp::Reverse((candidate.created, &candidate.id)));
    }
    groups
}

/// What a policy makes of those snapshots that it is asked about.
pub(crate) fn by_policy<'a>(
    all: &'a [Candidate],
    is_asked: impl Fn(&Candidate) -> bool,
    policy: &Policy,
    proofs: &Proofs,
    guard: Guard,
    now: jiff::Timestamp,
) -> Vec<Verdict<'a>> {
    let mut verdicts = Vec::new();
    for group in groups(all) {
        let asked: Vec<&Candidate> = group.iter().copied().filter(|candidate| is_asked(candidate)).collect();
        let moments: Vec<_> =
            asked.iter().map(|candidate| Moment { time: candidate.created, tags: &candidate.tags }).collect();
        let mut reasons = policy.reasons(&moments, now);
        if guard == Guard::On {
            for (candidate, reasons) in asked.iter().zip(&mut reasons) {
                reasons.extend(held_back(&group, candidate, proofs));
            }
            let nobody = reasons.iter().all(Vec::is_empty) && asked.len() == group.len();
            if let Some(newest) = reasons.first_mut().filter(|_| nobody) {
                newest.push("the last one of its database".to_owned());
            }
        }
        verdicts.extend(asked.into_iter().zip(reasons).map(|(snapshot, reasons)| Verdict {
            snapshot,
            is_kept: !reasons.is_empty(),
            reason: if reasons.is_empty() { "no rule keeps it".to_owned() } else { reasons.join(", ") },
        }));
    }
    verdicts
}

/// What becomes of snapshots that somebody has named; fails when one of them must not go.
pub(crate) fn by_name<'a>(
    all: &'a [Candidate],
    named: &BTreeSet<SnapshotId>,
    proofs: &Proofs,
    guard: Guard,
) -> Result<Vec<Verdict<'a>>> {
    let mut verdicts = Vec::new();
    for group in groups(all) {
        let goes = |candidate: &&&Candidate| named.contains(&candidate.id);
        for &snapshot in group.iter().filter(goes) {
            let mut held = held_back(&group, snapshot, proofs);
            if group.iter().all(|candidate| named.contains(&candidate.id)) {
                held.get_or_insert_with(|| "the last one of its database".to_owned());
            }
            if let Some(reason) = held.filter(|_| guard == Guard::On) {
                return Err(Error::refused("protected", format!("snapshot {} is {reason}", snapshot.id))
                    .cause(format!("database {:?}", snapshot.database))
                    .hint("`--even-the-last` lets it go all the same"));
            }
            verdicts.push(Verdict { snapshot, is_kept: false, reason: "it was named".to_owned() });
        }
    }
    Ok(verdicts)
}

/// Why a snapshot of this group stays whatever is asked for.
fn held_back(group: &[&Candidate], candidate: &Candidate, proofs: &Proofs) -> Option<String> {
    let newest = group.iter().find(|candidate| proofs.passed.contains(&candidate.id));
    if newest.is_some_and(|newest| newest.id == candidate.id) {
        return Some("the newest one that was proved".to_owned());
    }
    proofs.unknown.contains(&candidate.id).then(|| "one with an attestation that cannot be read".to_owned())
}
