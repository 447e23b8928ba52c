//! The output of a monitoring plugin: one line with the state, details below it, numbers behind `|`.
//!
//! Source: <https://nagios-plugins.org/doc/guidelines.html>

use super::rollup::{self, Rollup};
use crate::records::{CheckRecord, CheckpointResult, Number, State};
use common::error::Error;
use common::records::Page;

/// The four states that a plugin can be in, by their exit codes.
const WORDS: [&str; 4] = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];

pub(super) fn page(result: &CheckpointResult, failure: Option<&Error>) -> Page {
    if let Some(error) = failure {
        let text = format!("PGCHECKPOINT UNKNOWN: {}\n", plain(&error.to_string()));
        return Page { text, exit_code: Some(3) };
    }
    let code = code(result);
    let rollups = rollup::of(&result.kept);
    let bad = |record: &&CheckRecord| record.status.is_problem();
    let mut problems: Vec<&CheckRecord> = result.kept.iter().filter(bad).collect();
    problems.sort_by_key(|record| std::cmp::Reverse(record.status));
    let counts =
        [(result.crit, "critical"), (result.warn, "warning"), (result.unknown, "unknown"), (result.ok, "ok")];
    let counts: Vec<String> = counts
        .into_iter()
        .filter_map(|(count, word)| Some(format!("{} {word}", count.filter(|count| *count > 0)?)))
        .collect();
    let word = WORDS.get(usize::from(code)).copied().unwrap_or("UNKNOWN");
    let first = problems.first().map(|record| format!(" ({})", record.check)).unwrap_or_default();
    // What matters stands in the first line: some programs keep no other.
    let (near, far): (Vec<_>, Vec<_>) = rollups.iter().partition(|rollup| rollup.worst.status.is_problem());
    let mut text = format!("PGCHECKPOINT {word}: {}{first}{}\n", counts.join(", "), numbers(&near, " "));
    let mut lines: Vec<String> = problems.iter().map(|record| detail(record)).collect();
    if lines.is_empty() {
        lines.push(format!("{} checks, all well", rollups.len()));
    }
    text.push_str(&lines.join("\n"));
    text.push_str(&numbers(&far, "\n"));
    text.push('\n');
    Page { text, exit_code: Some(code) }
}

fn code(result: &CheckpointResult) -> u8 {
    let some = |count: Option<u64>| count.is_some_and(|count| count > 0);
    match () {
        () if some(result.crit) => 2,
        () if some(result.unknown) && result.unknown_is == Some(State::Crit) => 2,
        () if some(result.warn) => 1,
        () if some(result.unknown) && result.unknown_is != Some(State::Ok) => 3,
        () => 0,
    }
}

fn detail(record: &CheckRecord) -> String {
    let hint = record.hint.as_ref().map(|hint| format!(" - {hint}")).unwrap_or_default();
    plain(&format!("[{}] {}: {}{hint}", record.status.word(), record.check, record.message))
}

/// `|` begins numbers, and a line's end ends the line.
fn plain(text: &str) -> String {
    text.replace('|', "/").replace(['\n', '\r'], " ")
}

fn numbers(rollups: &[&Rollup<'_>], between: &str) -> String {
    let numbers: Vec<String> = rollups.iter().filter_map(|rollup| number(rollup)).collect();
    if numbers.is_empty() { String::new() } else { format!(" | {}", numbers.join(between)) }
}

/// `label=value[unit];[warn];[crit]`
fn number(rollup: &Rollup<'_>) -> Option<String> {
    let record = rollup.worst;
    let (unit, factor) = match record.unit.as_str() {
        "bytes" => ("B", 1.0),
        "seconds" => ("s", 1.0),
        "ratio" => ("%", 100.0),
        _ => ("", 1.0),
    };
    let shown = |value: f64| Number((value * factor * 1e6).round() / 1e6).text();
    let value = shown(rollup.value?);
    let below = record.bad.as_deref() == Some("below");
    let bound = |bound: Option<Number>| {
        bound.map(|bound| {
            let bound = shown(bound.0);
            if below { format!("{bound}:") } else { format!("~:{bound}") }
        })
    };
    let (warn, crit) = (bound(record.warn).unwrap_or_default(), bound(record.crit).unwrap_or_default());
    let database = record.database.as_ref().map(|database| format!("@{database}")).unwrap_or_default();
    let label: String = format!("{}{database}", record.check)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "_.@-".contains(c) { c } else { '_' })
        .collect();
    Some(format!("{label}={value}{unit};{warn};{crit}").trim_end_matches(';').to_owned())
}
