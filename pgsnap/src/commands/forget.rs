//! `pgsnap forget`: lets snapshots go by rules or by name, then the blocks that nobody needs any more.

use super::sweep;
use crate::cli::{Forget, Rules};
use crate::records::{Forgotten, Kept, Skipped, SnapResult};
use crate::retention::{self, Candidate, Guard, Policy, Proofs, Verdict};
use common::cli::{Session, human, signals};
use common::error::{Error, Result};
use common::format::id::SnapshotId;
use common::pg;
use common::records::Warning;
use common::store::Store;
use std::collections::BTreeSet;

const HINT: &str = "name snapshots, or say what to keep: `--keep-daily 7 --keep-weekly 5 --keep-monthly 12`";

pub(crate) fn run(session: &Session<SnapResult>, args: &Forget) -> Result<()> {
    let policy = policy(&args.rules);
    match (args.snapshots.is_empty(), policy.is_empty()) {
        (true, true) => return Err(Error::usage("nothing says which snapshots to keep").hint(HINT)),
        (false, false) => return Err(Error::usage("both snapshots and rules were named").hint(HINT)),
        (false, true) if args.database.is_some() || args.tag.is_some() => {
            return Err(Error::usage("--dbname and --tag go with rules, not with names"));
        }
        _ => {}
    }
    let store = args.store.open()?;
    session.result().store = Some(store.location().to_string());
    session.result().dry_run = args.dry_run.then_some(true);
    let (candidates, torn) = candidates(session, &store, args)?;
    let proofs = proofs(session, &store, &candidates)?;
    let guard = if args.even_the_last { Guard::Off } else { Guard::On };
    let mut torn_named = BTreeSet::new();
    let verdicts = if args.snapshots.is_empty() {
        let asked = |candidate: &Candidate| {
            args.database.as_ref().is_none_or(|name| *name == candidate.database)
                && args.tag.as_ref().is_none_or(|tag| candidate.tags.contains(tag))
        };
        retention::by_policy(&candidates, asked, &policy, &proofs, guard, jiff::Timestamp::now())
    } else {
        let named = args.snapshots.iter().map(|name| store.find(name)).collect::<Result<BTreeSet<_>>>()?;
        torn_named = named.intersection(&torn).cloned().collect();
        retention::by_name(&candidates, &named, &proofs, guard)?
    };
    let kept: Vec<Kept> = verdicts.iter().filter(|verdict| verdict.is_kept).map(Kept::from).collect();
    session.emit_all(&kept);
    let doomed: Vec<_> = verdicts.iter().filter(|verdict| !verdict.is_kept).collect();
    let mut ids: BTreeSet<SnapshotId> = doomed.iter().map(|verdict| verdict.snapshot.id.clone()).collect();
    ids.extend(torn_named.iter().cloned());
    if !args.dry_run {
        ids = forget(session, &store, &ids)?;
    }
    tell(session, &doomed, &ids, kept.len());
    if signals::stop_requested() {
        return Err(pg::wire::stopped());
    }
    let unreadable = torn.len() - torn_named.len();
    if unreadable > 0 {
        let what = format!("{} cannot be read", human::plural(unreadable as u64, "snapshot"));
        return Err(Error::failed("damaged", what)
            .cause("what it needs is not known, so no block was removed")
            .hint("`pgsnap forget SNAPSHOT` with its name lets it go"));
    }
    if !args.no_sweep {
        let without = Some(&ids).filter(|_| args.dry_run);
        sweep::sweep(session, &store, args.dry_run, without, &args.patience)?;
    }
    sweep::end(session)
}

/// All snapshots from outside, and those that can't be read.
fn candidates(
    session: &Session<SnapResult>,
    store: &Store,
    args: &Forget,
) -> Result<(Vec<Candidate>, BTreeSet<SnapshotId>)> {
    let (mut candidates, mut torn) = (Vec::new(), BTreeSet::new());
    for (id, outline) in store.outlines()? {
        if signals::stop_requested() {
            return Err(pg::wire::stopped());
        }
        match outline.and_then(Candidate::try_from) {
            Ok(candidate) => candidates.push(candidate),
            Err(error) if error.code() == "format_version" => return Err(error),
            Err(error) => {
                // Somebody who names it knows.
                if !args.snapshots.iter().any(|name| id.starts_with(name)) {
                    session.skipped(&id, &error);
                }
                torn.insert(id);
            }
        }
    }
    Ok((candidates, torn))
}

/// What attestations say.
fn proofs(session: &Session<SnapResult>, store: &Store, candidates: &[Candidate]) -> Result<Proofs> {
    let (attestations, damaged) = store.attestations()?;
    let mut proofs = Proofs::default();
    for candidate in candidates {
        if let Some(attestation) = attestations.get(&candidate.id).filter(|attestation| attestation.proved)
            && store.vouches(attestation)?
        {
            proofs.passed.insert(candidate.id.clone());
        }
    }
    for damaged in damaged {
        session.warn(&Warning::new("damaged", damaged.error.to_string()).object(&damaged.file));
        let stem = damaged.file.strip_prefix("verified/").and_then(|file| file.rsplit_once('-'));
        proofs.unknown.extend(stem.and_then(|(id, _)| id.parse::<SnapshotId>().ok()));
    }
    Ok(proofs)
}

/// Those that are gone.
fn forget(
    session: &Session<SnapResult>,
    store: &Store,
    ids: &BTreeSet<SnapshotId>,
) -> Result<BTreeSet<SnapshotId>> {
    let forgotten = store.forget(ids, &signals::stop_requested)?;
    for (file, error) in forgotten.stays {
        *session.result().skipped.get_or_insert_default() += 1;
        session.emit(&Skipped { object: file, reason: error.to_string() });
    }
    Ok(forgotten.gone)
}

fn tell(session: &Session<SnapResult>, doomed: &[&Verdict<'_>], gone: &BTreeSet<SnapshotId>, kept: usize) {
    let told = doomed.iter().filter(|verdict| gone.contains(&verdict.snapshot.id));
    let mut forgotten: Vec<Forgotten> = told.map(|verdict| Forgotten::from(*verdict)).collect();
    for id in gone {
        if !doomed.iter().any(|verdict| verdict.snapshot.id == *id) {
            forgotten.push(Forgotten::torn(id));
        }
    }
    session.emit_all(&forgotten);
    let mut result = session.result();
    result.kept = Some(kept as u64);
    result.forgotten = Some(forgotten.len() as u64);
}

fn policy(rules: &Rules) -> Policy {
    let tags = rules.keep_tag.iter().map(|tags| tags.0.clone());
    Policy {
        last: rules.keep_last,
        by_kind: [
            rules.keep_hourly,
            rules.keep_daily,
            rules.keep_weekly,
            rules.keep_monthly,
            rules.keep_yearly,
        ],
        within: rules.keep_within.clone(),
        within_by_kind: [
            rules.keep_within_hourly.clone(),
            rules.keep_within_daily.clone(),
            rules.keep_within_weekly.clone(),
            rules.keep_within_monthly.clone(),
            rules.keep_within_yearly.clone(),
        ],
        tags: tags.collect(),
    }
}
