//! `pgcheckpoint diff`: what got worse, better, new or gone between two runs.

use super::run::{begin, unmeasured};
use crate::catalogue::Choice;
use crate::cli::Diff;
use crate::compare::{Rules, compare};
use crate::records::{Change, CheckpointResult, Direction};
use crate::run::{Round, target};
use crate::saved::{Found, Recorded};
use crate::verdict::causes;
use common::cli::{Session, human};
use common::error::{Class, Error, Result};
use common::name::ident;
use common::records::Warning;
use jiff::Timestamp;

pub(crate) fn run(session: &Session<CheckpointResult>, args: &Diff) -> Result<()> {
    let choice = Choice::resolve(&args.selection())?;
    let before = Recorded::read(&args.before)?;
    let after = match &args.after {
        Some(path) => Recorded::read(path)?,
        None => live(session, args, &choice)?,
    };
    let rules = Rules {
        least: args.fail_on.state(),
        calls: args.min_calls,
        slower: args.slower,
        growth: args.growth,
    };
    in_common(session, &before, &after)?;
    let changes = compare(&before, &after, &rules);
    session.csv_head::<Change>();
    for change in &changes {
        session.emit(change);
    }
    fill(&mut session.result(), &changes);
    if changes.is_empty() {
        session.note("nothing has changed that counts");
    }
    conclude(&changes)
}

/// Runs of different databases have nothing to be compared by; of what only one of them saw, nothing is told.
fn in_common(session: &Session<CheckpointResult>, before: &Recorded, after: &Recorded) -> Result<()> {
    let (before, after) = (before.databases(), after.databases());
    if before.is_empty() || after.is_empty() {
        return Ok(());
    }
    let named =
        |names: &mut dyn Iterator<Item = &&str>| names.map(|name| ident(name)).collect::<Vec<_>>().join(", ");
    if before.is_disjoint(&after) {
        let (before, after) = (named(&mut before.iter()), named(&mut after.iter()));
        return Err(Error::refused(
            "other_database",
            format!("the runs have no database in common: {before} before, {after} after"),
        )
        .hint("compare with a run of the same database: -d"));
    }
    let lone = named(&mut before.symmetric_difference(&after));
    if !lone.is_empty() {
        session.warn(&Warning::new("not_compared", format!("only one of the runs has looked into {lone}")));
    }
    Ok(())
}

/// What a run finds now.
fn live(session: &Session<CheckpointResult>, args: &Diff, choice: &Choice) -> Result<Recorded> {
    let targets = target::resolve(&args.look.databases)?;
    begin(session, &targets, args.judgement());
    let round = Round { choice, targets: &targets, look: &args.look, measured: true };
    let mut recorded = Recorded { time: Some(Timestamp::now()), ..Recorded::default() };
    round.make(&mut |found| {
        if let Found::Unmeasured(error) = &found {
            unmeasured(session, error);
        }
        recorded.put(found);
    })?;
    Ok(recorded)
}

/// Counts changes into the result.
pub(super) fn fill(result: &mut CheckpointResult, changes: &[Change]) {
    let count = |direction| Some(changes.iter().filter(|change| change.change == direction).count() as u64);
    result.worse = count(Direction::Worse);
    result.new = count(Direction::New);
    result.lost = count(Direction::Lost);
    result.changed = count(Direction::Changed);
    result.better = count(Direction::Better);
    result.gone = count(Direction::Gone);
    result.regressions = Some(changes.iter().filter(|change| change.regression).count() as u64);
}

fn conclude(changes: &[Change]) -> Result<()> {
    let told = |chosen: &dyn Fn(&Change) -> bool| -> Vec<String> {
        let chosen = changes.iter().filter(|change| chosen(change));
        chosen.map(|change| format!("{}: {}", change.check, change.message)).collect()
    };
    let regressions = told(&|change| change.regression);
    if !regressions.is_empty() {
        let what = human::plural(regressions.len() as u64, "regression");
        return Err(causes(Error::new(Class::No, "regression", what), regressions));
    }
    let lost = told(&|change| change.change == Direction::Lost);
    if !lost.is_empty() {
        let what = format!("{} can no longer be told", human::plural(lost.len() as u64, "thing"));
        return Err(causes(Error::failed("not_told", what), lost));
    }
    Ok(())
}
