//! What differs between two runs: findings by their keys, sizes and times by how much. Pure: no server, no clock.

use crate::catalogue::Unit;
use crate::records::{Change, CheckRecord, Direction, Measure, Number, State};
use crate::saved::Recorded;
use common::cli::human;
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// From which difference on something is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// A finding as bad as this that was not there, or was not so bad, is a regression.
    pub(crate) least: State,
    /// A statement has to have been executed so often between the runs.
    pub(crate) calls: u64,
    /// It is slower when it takes so many times as long.
    pub(crate) slower: f64,
    /// A table has to have grown or shrunk by this share of itself.
    pub(crate) growth: f64,
}

/// A difference in bytes that nobody needs to hear of.
const FEW_BYTES: f64 = 8.0 * 1024.0 * 1024.0;
/// A difference in dead rows that nobody needs to hear of.
const FEW_ROWS: f64 = 10_000.0;
/// A difference in seconds a call that nobody feels.
const SHORT: f64 = 0.001;
/// So many times as many pages a call are read by another plan.
const OTHER_PLAN: f64 = 5.0;

/// Between runs nearer to each other than that, how much a day something grows says nothing.
const LEAST: SignedDuration = SignedDuration::from_hours(1);

/// All that differs, the worst first.
pub(crate) fn compare(before: &Recorded, after: &Recorded, rules: &Rules) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let keys: BTreeSet<&String> = before.checks.keys().chain(after.checks.keys()).collect();
    let made = |run: &Recorded| -> BTreeSet<(String, Option<String>)> {
        run.checks.values().map(|record| (record.check.clone(), record.database.clone())).collect()
    };
    let (made_before, made_after) = (made(before), made(after));
    for key in keys {
        let (a, b) = (before.checks.get(key), after.checks.get(key));
        let Some(any) = b.or(a) else { continue };
        let place = (any.check.clone(), any.database.clone());
        // What is missing where something could not be told may be there all the same.
        let unclear = |record: &CheckRecord| {
            record.status == State::Unknown && (&record.check, &record.database) == (&place.0, &place.1)
        };
        if b.is_none() && after.checks.values().any(unclear) {
            continue;
        }
        // A check that only one of the runs has made tells nothing of a change.
        if made_before.contains(&place) && made_after.contains(&place) {
            changes.extend(finding(a, b, rules));
        }
    }
    let time = before.time.zip(after.time).map(|(before, after)| after.duration_since(before));
    for (key, now) in &after.measures {
        match before.measures.get(key) {
            Some(was) => changes.extend(measure(was, now, rules, time)),
            None => changes.extend(table(now, Direction::New)),
        }
    }
    let gone = before.measures.iter().filter(|(key, _)| !after.measures.contains_key(*key));
    // A run that measured nothing tells of no table that is gone.
    let measured = !after.measures.is_empty();
    changes.extend(gone.filter(|_| measured).filter_map(|(_, was)| table(was, Direction::Gone)));
    changes.sort_by(|a, b| {
        b.regression.cmp(&a.regression).then_with(|| a.change.cmp(&b.change)).then_with(|| a.key.cmp(&b.key))
    });
    changes
}

/// How one finding has changed.
pub(crate) fn finding(
    before: Option<&CheckRecord>,
    after: Option<&CheckRecord>,
    rules: &Rules,
) -> Option<Change> {
    let record = after.or(before)?;
    let state = |record: Option<&CheckRecord>| record.map(|record| record.status);
    let (was, is) = (state(before).unwrap_or_default(), state(after).unwrap_or_default());
    if was == is {
        return None;
    }
    let change = match (was, is) {
        (_, State::Unknown) => Direction::Lost,
        (State::Ok, _) => Direction::New,
        (_, State::Ok) if after.is_none() => Direction::Gone,
        (was, is) if is > was && was != State::Unknown => Direction::Worse,
        // Now it is known, and it may have been so all the time.
        (State::Unknown, is) if is > State::Info => Direction::New,
        _ => Direction::Better,
    };
    Some(Change {
        change,
        regression: matches!(change, Direction::Worse | Direction::New) && is >= rules.least,
        check: record.check.clone(),
        key: record.key.clone(),
        object: record.object.clone(),
        before_status: state(before),
        after_status: state(after),
        before_value: before.and_then(|record| record.value),
        after_value: after.and_then(|record| record.value),
        unit: record.unit.clone(),
        message: record.message.clone(),
        hint: record.hint.clone().filter(|_| after.is_some()),
    })
}

/// A table of some size that only one of the runs knows.
fn table(measure: &Measure, change: Direction) -> Option<Change> {
    if measure.measure != "table_bytes" || measure.value.0 < FEW_BYTES {
        return None;
    }
    let is_new = change == Direction::New;
    let verb = if is_new { "is new" } else { "is gone" };
    Some(Change {
        change,
        check: measure.measure.clone(),
        key: measure.key.clone(),
        object: Some(measure.object.clone()),
        before_value: Some(measure.value).filter(|_| !is_new),
        after_value: Some(measure.value).filter(|_| is_new),
        unit: Unit::Bytes.name().to_owned(),
        message: format!("{} ({}) {verb}", measure.object, Unit::Bytes.show(measure.value.0)),
        ..Change::default()
    })
}

fn measure(was: &Measure, now: &Measure, rules: &Rules, time: Option<SignedDuration>) -> Option<Change> {
    let told = |unit: Unit, change, regression, (before, after): (f64, f64), message| Change {
        change,
        regression,
        check: now.measure.clone(),
        key: now.key.clone(),
        object: Some(now.object.clone()),
        before_value: Some(Number(before)),
        after_value: Some(Number(after)),
        unit: unit.name().to_owned(),
        message,
        ..Change::default()
    };
    let (a, b) = (was.value.0, now.value.0);
    match now.measure.as_str() {
        "table_bytes" => {
            let much = (b - a).abs() > FEW_BYTES && (b - a).abs() > a * rules.growth;
            let (from, to) = (Unit::Bytes.show(a), Unit::Bytes.show(b));
            let rate = time.map(|time| rate(b - a, time)).unwrap_or_default();
            let message = format!("{} went from {from} to {to}{rate}", now.object);
            much.then(|| told(Unit::Bytes, Direction::Changed, false, (a, b), message))
        }
        "dead_rows" => {
            let message = format!(
                "{} went from {} to {} dead rows",
                now.object,
                Unit::Count.show(a),
                Unit::Count.show(b)
            );
            ((b - a).abs() > FEW_ROWS).then(|| told(Unit::Count, Direction::Changed, false, (a, b), message))
        }
        _ => {
            let [first, second] = mean(was, now, rules.calls)?;
            let slower =
                second.seconds > first.seconds * rules.slower && second.seconds - first.seconds > SHORT;
            let faster =
                first.seconds > second.seconds * rules.slower && first.seconds - second.seconds > SHORT;
            let change = if slower { Direction::Worse } else { Direction::Better };
            let plan = match (first.pages, second.pages) {
                (Some(a), Some(b)) if slower && b > a.max(1.0) * OTHER_PLAN => {
                    format!(
                        "; it touches {} pages a call instead of {}: another plan, or much more data",
                        b.round(),
                        a.round()
                    )
                }
                _ => String::new(),
            };
            let means = (first.seconds, second.seconds);
            let message = format!(
                "statement {} takes {} a call instead of {} ({} calls){plan}",
                now.object,
                Unit::Seconds.show(means.1),
                Unit::Seconds.show(means.0),
                second.calls
            );
            (slower || faster).then(|| told(Unit::Seconds, change, slower, means, message))
        }
    }
}

/// How much a day that is.
fn rate(bytes: f64, time: SignedDuration) -> String {
    if time < LEAST {
        return String::new();
    }
    let seconds = time.as_secs_f64();
    format!(" in {}: {} a day", human::seconds(seconds), Unit::Bytes.show(bytes / seconds * 86400.0))
}

/// What a call of a statement took.
struct Mean {
    calls: u64,
    seconds: f64,
    pages: Option<f64>,
}

/// What a call took until the first run, and between the two. The counters only grow, unless they were reset: then all
/// that the second run has seen is new.
fn mean(was: &Measure, now: &Measure, least: u64) -> Option<[Mean; 2]> {
    let (before, after) = (was.calls?, now.calls?);
    let since = (after >= before && now.value >= was.value).then_some(was);
    let calls = after - since.map_or(0, |_| before);
    if before < least.max(1) || calls < least.max(1) {
        return None;
    }
    let number = |count: u64| Number::of(count).0;
    let pages = now.pages.zip(was.pages).map(|(now, was)| now.saturating_sub(since.map_or(0, |_| was)));
    Some([
        Mean {
            calls: before,
            seconds: was.value.0 / number(before),
            pages: was.pages.map(|pages| number(pages) / number(before)),
        },
        Mean {
            calls,
            seconds: (now.value.0 - since.map_or(0.0, |was| was.value.0)) / number(calls),
            pages: pages.map(|pages| number(pages) / number(calls)),
        },
    ])
}
