//! The page's parts in words and numbers.

use super::html::{badge, escape, joined, section, table, tiles};
use super::story::{Story, number, text};
use crate::catalogue::Unit;
use common::cli::human;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What happened, in one line.
pub(super) fn headline(story: &Story<'_>) -> String {
    let status = story.status();
    let what = match status {
        "ok" => "All went well",
        "no" => "The answer is no",
        "refused" => "A tool refused to act",
        "interrupted" => "It was interrupted",
        "cut off" => "The records were cut off",
        _ => "Something failed",
    };
    let first = story.lines.first().map(|line| text(line, "time")).unwrap_or_default();
    let when = first.get(..19).unwrap_or_default().replace('T', " ");
    let about = match story.database() {
        "" => String::new(),
        name => format!("database <b>{}</b>, ", escape(name)),
    };
    format!(
        "<header>\n<h1>{} {}</h1>\n<p>{about}{} UTC</p>\n</header>\n",
        badge(status),
        escape(what),
        escape(&when)
    )
}

/// What the last verification proved.
pub(super) fn proof(story: &Story<'_>) -> String {
    let verified = story.last("pgverify", "result");
    let Some((line, proved)) = verified.and_then(|line| Some((line, line.get("proved")?.as_bool()?))) else {
        return String::new();
    };
    let count = |name, field| number(line, field).map(|count| (name, Unit::Count.show(count)));
    let bytes = |name, field| number(line, field).map(|bytes| (name, Unit::Bytes.show(bytes)));
    let seconds = |name, field| number(line, field).map(|seconds| (name, human::seconds(seconds)));
    let numbers = [
        count("tables", "tables"),
        count("rows", "found_rows"),
        bytes("of data", "found_bytes"),
        count("sequences", "sequences"),
        count("large objects", "large_objects"),
        count("schema objects", "objects"),
        count("differences", "differences"),
        count("not compared", "skipped"),
        seconds("to restore", "restore_seconds"),
        seconds("to prove", "proof_seconds"),
        seconds("a real restore would take", "estimate_seconds"),
    ];
    let word = if proved { badge("proved") } else { badge("differs") };
    let said = if proved {
        "the copy equals its source in everything that was compared"
    } else {
        "the copy differs from its source"
    };
    let content =
        format!("<p>{word} {said}</p>\n{}", tiles(&numbers.into_iter().flatten().collect::<Vec<_>>()));
    section("The proof", &content)
}

/// What was done to the schema.
pub(super) fn migrations(story: &Story<'_>) -> String {
    let migrations = story.all("pgshift", "migration");
    if migrations.is_empty() {
        return String::new();
    }
    let traces = story.all("pgshift", "trace");
    let rehearsals = rehearsals(story);
    // Statements of one transaction hold their locks to its end: their times are not to be added up. What a rehearsal
    // measured is not what the database saw later.
    let longest = |migration: &Value, field: &str| {
        let same =
            |line: &&&Value| ["run", "version"].iter().all(|key| text(line, key) == text(migration, key));
        let of = traces.iter().filter(same).filter_map(|line| number(line, field));
        of.reduce(f64::max).map(human::seconds).unwrap_or_default()
    };
    let rows: Vec<Vec<String>> = migrations
        .iter()
        .map(|line| {
            let name = [text(line, "version"), text(line, "name")].join(" ");
            let mut row = vec![badge(text(line, "state")), escape(name.trim())];
            if !rehearsals.is_empty() {
                let is = rehearsals.contains(text(line, "run"));
                row.push(if is { "a copy" } else { "the database" }.to_owned());
            }
            row.push(number(line, "seconds").map(human::seconds).unwrap_or_default());
            if !traces.is_empty() {
                row.extend(
                    ["reads_blocked_seconds", "writes_blocked_seconds"].map(|field| longest(line, field)),
                );
            }
            row
        })
        .collect();
    let mut headings = vec!["state", "migration"];
    headings.extend((!rehearsals.is_empty()).then_some("on"));
    headings.push("took");
    if !traces.is_empty() {
        headings.extend(["reads waited up to", "writes waited up to"]);
    }
    section("Migrations", &(window(story) + &table(&headings, &rows)))
}

/// The runs of pgshift on a copy: pgverify had them for a program, and ended after them. In a pipe it ends before.
fn rehearsals<'a>(story: &Story<'a>) -> BTreeSet<&'a str> {
    let (mut inside, mut found) = (BTreeMap::<&str, Vec<&str>>::new(), BTreeSet::new());
    for line in story.lines {
        let run = text(line, "run");
        match (text(line, "tool"), text(line, "type")) {
            ("pgverify", "start") => drop(inside.insert(run, Vec::new())),
            ("pgverify", "result") => found.extend(inside.remove(run).unwrap_or_default()),
            ("pgshift", "migration") => inside.values_mut().for_each(|runs| runs.push(run)),
            _ => {}
        }
    }
    found
}

/// How long a window the migrations need, when they were traced.
fn window(story: &Story<'_>) -> String {
    let Some(line) = story.last("pgshift", "window") else { return String::new() };
    let seconds = |name, field| number(line, field).map(|seconds| (name, human::seconds(seconds)));
    let numbers = [
        number(line, "statements").map(|count| ("statements measured", Unit::Count.show(count))),
        seconds("some table could not be read", "reads_blocked_seconds"),
        seconds("some table could not be written", "writes_blocked_seconds"),
        seconds("a window should have, with a margin", "estimate_seconds"),
    ];
    tiles(&numbers.into_iter().flatten().collect::<Vec<_>>())
}

/// Errors and warnings of all tools.
pub(super) fn troubles(story: &Story<'_>) -> String {
    let rows: Vec<Vec<String>> = story
        .lines
        .iter()
        .filter(|line| matches!(text(line, "type"), "error" | "warning"))
        .map(|line| {
            let kind = if text(line, "type") == "error" { "error" } else { "warn" };
            vec![badge(kind), escape(text(line, "tool")), said(line)]
        })
        .collect();
    if rows.is_empty() {
        String::new()
    } else {
        section("Errors and warnings", &table(&["", "tool", "what"], &rows))
    }
}

/// What `diff` or `watch` told.
pub(super) fn changes(story: &Story<'_>) -> String {
    let changes = story.all("pgcheckpoint", "change");
    let rows: Vec<Vec<String>> = changes
        .iter()
        .map(|line| {
            let unit: Option<Unit> = text(line, "unit").parse().ok();
            let value = |field: &str| number(line, field).zip(unit).map(|(value, unit)| unit.show(value));
            let moved = match (value("before_value"), value("after_value")) {
                (Some(before), Some(after)) => format!("{before} → {after}"),
                (before, after) => before.or(after).unwrap_or_default(),
            };
            vec![badge(text(line, "change")), escape(text(line, "check")), escape(&moved), said(line)]
        })
        .collect();
    if rows.is_empty() {
        String::new()
    } else {
        section("Before and after", &table(&["", "check", "value", "what"], &rows))
    }
}

/// The checks: what is bad first, then all the rest, folded.
pub(super) fn checks(story: &Story<'_>) -> String {
    let mut checks = story.all("pgcheckpoint", "check");
    if checks.is_empty() {
        return String::new();
    }
    let rank = |line: &&Value| {
        ["crit", "warn", "unknown", "info"].iter().position(|state| *state == text(line, "status"))
    };
    checks.sort_by_key(|line| rank(line).unwrap_or(usize::MAX));
    let counts: Vec<(&str, usize)> = ["crit", "warn", "unknown", "info", "ok"]
        .into_iter()
        .map(|state| (state, checks.iter().filter(|line| text(line, "status") == state).count()))
        .filter(|(_, count)| *count > 0)
        .collect();
    let (bad, well): (Vec<&Value>, Vec<&Value>) =
        checks.into_iter().partition(|line| rank(line).is_some_and(|rank| rank < 3));
    let rows = |lines: &[&Value]| -> String {
        let rows: Vec<Vec<String>> = lines.iter().map(|line| check(line)).collect();
        table(&["", "check", "", "what"], &rows)
    };
    let mut content = shares(&counts);
    if !bad.is_empty() {
        content += &rows(&bad);
    }
    if !well.is_empty() {
        let open = if bad.is_empty() { " open" } else { "" };
        let summary = format!("{} that are well or only worth knowing", well.len());
        content =
            format!("{content}<details{open}><summary>{summary}</summary>\n{}</details>\n", rows(&well));
    }
    section("Health", &content)
}

fn check(line: &Value) -> Vec<String> {
    vec![
        badge(text(line, "status")),
        format!("<code>{}</code>", escape(text(line, "check"))),
        gauge(line),
        said(line),
    ]
}

/// How many are in which state, as one bar and in words.
fn shares(counts: &[(&str, usize)]) -> String {
    let bar =
        joined(counts, |(state, count)| format!("<i class=\"{state}\" style=\"flex-grow:{count}\"></i>"));
    let words: Vec<String> =
        counts.iter().map(|(state, count)| format!("{count} {}", badge(state))).collect();
    format!("<div class=\"shares\" aria-hidden=\"true\">{bar}</div>\n<p>{}</p>\n", words.join(" "))
}

/// A value on its way to its thresholds.
fn gauge(line: &Value) -> String {
    let (Some(value), Some(most)) =
        (number(line, "value"), number(line, "crit").or_else(|| number(line, "warn")))
    else {
        return String::new();
    };
    if text(line, "bad") != "above" || most <= 0.0 {
        return String::new();
    }
    let end = most * 1.25;
    let at = |value: f64| (value / end * 100.0).clamp(0.0, 100.0);
    let mark = |field: &str| {
        let bound = number(line, field).filter(|bound| *bound > 0.0);
        bound.map(|bound| {
            format!("<line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"0\" y2=\"12\" class=\"{field}\"/>", at(bound))
        })
    };
    format!(
        "<svg class=\"gauge\" viewBox=\"0 0 100 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect class=\"way\" width=\"100\" height=\"12\"/><rect class=\"{}\" width=\"{:.1}\" height=\"12\"/>{}{}</svg>",
        escape(text(line, "status")),
        at(value),
        mark("warn").unwrap_or_default(),
        mark("crit").unwrap_or_default()
    )
}

/// A record's message with its hint.
fn said(line: &Value) -> String {
    let hint = match text(line, "hint") {
        "" => String::new(),
        hint => format!("<div class=\"hint\">{}</div>", escape(hint)),
    };
    let lines: Vec<String> = text(line, "message").lines().map(|line| escape(line.trim())).collect();
    format!("{}{hint}", lines.join("<br/>"))
}

/// Where it comes from.
pub(super) fn foot(story: &Story<'_>) -> String {
    format!(
        "<footer>made by pgcheckpoint {} of {} records</footer>\n",
        env!("CARGO_PKG_VERSION"),
        story.lines.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_rehearsal_measured_is_told_of_the_rehearsal_alone() {
        let line = |tool: &str, kind: &str, run: &str| json!({"type": kind, "tool": tool, "run": run, "version": "1", "name": "x", "state": "applied", "seconds": 1.0});
        let trace = json!({"type": "trace", "tool": "pgshift", "run": "a", "version": "1", "reads_blocked_seconds": 0.185, "writes_blocked_seconds": 0.2});
        let rehearsal = [
            line("pgverify", "start", "v"),
            trace,
            line("pgshift", "migration", "a"),
            line("pgverify", "result", "v"),
        ];
        let proof = [
            line("pgverify", "start", "w"),
            line("pgshift", "start", "b"),
            line("pgverify", "result", "w"),
            line("pgshift", "migration", "b"),
        ];
        let lines = [rehearsal, proof].concat();
        let page = migrations(&Story::of(&lines));
        let row = |place: &str| page.lines().find(|line| line.contains(place)).unwrap_or_default().to_owned();
        assert!(row(">a copy<").contains("185 ms"), "{page}");
        assert!(row(">the database<").contains("<td data-of=\"reads waited up to\"></td>"), "{page}");
    }
}
