//! From what a check saw to what is said of it. Pure: no server, no clock.

use super::{Facts, Finding};
use crate::catalogue::{Bounds, Check, Choice, Unit, fill};
use crate::records::{CheckRecord, Number, State};
use common::name::ident;

/// Where a check looked.
pub(super) struct Place {
    pub(super) server: String,
    pub(super) database: Option<String>,
}

/// A record of `check` that says `message`.
pub(super) fn plain(
    check: &Check,
    place: &Place,
    status: State,
    message: &str,
    hint: Option<String>,
) -> CheckRecord {
    let bounds = &check.bounds;
    let has_bounds = bounds.warn.is_some() || bounds.crit.is_some();
    let bad = if bounds.below { "below" } else { "above" };
    CheckRecord {
        check: check.name.clone(),
        group: check.group.clone(),
        status,
        value: None,
        unit: check.unit.name().to_owned(),
        warn: bounds.warn.map(Number),
        crit: bounds.crit.map(Number),
        bad: has_bounds.then(|| bad.to_owned()),
        object: None,
        key: key(check, place, None),
        message: message.to_owned(),
        hint,
        server: place.server.clone(),
        database: place.database.clone(),
    }
}

/// The records of all findings, the worst first; of a check that measures, what is well is among them.
pub(super) fn judge(
    check: &Check,
    choice: &Choice,
    place: &Place,
    facts: &Facts,
    findings: Vec<Finding>,
) -> Vec<CheckRecord> {
    let mut records: Vec<CheckRecord> = findings
        .into_iter()
        .filter_map(|finding| {
            let bounds = choice.bounds(check, finding.field("object"))?;
            Some(record(check, place, facts, &finding, bounds))
        })
        .collect();
    let badness = |record: &CheckRecord| record.value.map_or(f64::MIN, |value| check.bounds.badness(value.0));
    records.sort_by(|a, b| {
        b.status
            .cmp(&a.status)
            .then_with(|| badness(b).total_cmp(&badness(a)))
            .then_with(|| a.key.cmp(&b.key))
    });
    records
}

/// What is said: every finding up to the limit, or that all is well.
pub(super) fn told(
    mut records: Vec<CheckRecord>,
    check: &Check,
    place: &Place,
    limit: usize,
) -> Vec<CheckRecord> {
    let well = records.iter().position(|record| record.status == State::Ok).unwrap_or(records.len());
    let best = (well < records.len()).then(|| records.swap_remove(well));
    records.truncate(well);
    if records.iter().any(|record| record.status != State::Unknown) {
        return limited(records, check, place, limit);
    }
    let all_is_well = best.map(|mut best| {
        // What is the fullest of all changes from run to run; that nothing is too full does not.
        best.key = key(check, place, None);
        best.hint = None;
        best
    });
    let fine = || {
        let message = check.fine.as_deref().unwrap_or("nothing to look at");
        let value = check.severity.map(|_| Number(0.0));
        CheckRecord { value, ..plain(check, place, State::Ok, message, None) }
    };
    let unclear = !records.is_empty();
    let mut records = limited(records, check, place, limit);
    records.extend(all_is_well.or_else(|| (!unclear).then(fine)));
    records
}

fn limited(mut records: Vec<CheckRecord>, check: &Check, place: &Place, limit: usize) -> Vec<CheckRecord> {
    let more = records.len().saturating_sub(limit);
    let Some(first) = records.get(limit).filter(|_| more > 0).cloned() else { return records };
    records.truncate(limit);
    let message = format!("{} more like these", common::cli::human::count(more as u64));
    let mut rest = plain(check, place, first.status, &message, Some("--limit shows more of them".to_owned()));
    rest.key = format!("{}/…", rest.key);
    records.push(rest);
    records
}

fn record(check: &Check, place: &Place, facts: &Facts, finding: &Finding, bounds: Bounds) -> CheckRecord {
    let value = finding.value();
    let judged = check.severity.or_else(|| value.map(|value| bounds.judge(value)));
    let status = finding.status().or(judged).unwrap_or(State::Unknown);
    let field = |name: &str| match (name, value) {
        ("value", Some(value)) => Some(check.unit.show(value)),
        ("number", Some(value)) => Some(Unit::Count.show(value)),
        ("database", _) => Some(ident(&facts.database)),
        ("role", _) => finding.field("role").map(str::to_owned).or_else(|| Some(ident(&facts.user))),
        _ => finding.field(name).map(str::to_owned),
    };
    let message = fill(finding.field("message").unwrap_or(&check.message), field);
    // What helps against what was not seen is a right.
    let usual = if status == State::Unknown { check.grant.as_deref() } else { check.hint.as_deref() };
    let hint = finding.field("hint").or(usual).map(|hint| fill(hint, field));
    let object = finding.field("object").map(str::to_owned);
    let with_bounds = Check { bounds, ..check.clone() };
    CheckRecord {
        value: value.map(Number),
        key: key(check, place, finding.field("key").or(object.as_deref())),
        object,
        ..plain(
            &with_bounds,
            place,
            status,
            &message,
            hint.filter(|hint| status != State::Ok && !hint.is_empty()),
        )
    }
}

/// `check/database/object`, with what is there.
fn key(check: &Check, place: &Place, object: Option<&str>) -> String {
    let parts = [Some(check.name.as_str()), place.database.as_deref(), object];
    parts.into_iter().flatten().collect::<Vec<_>>().join("/")
}
