//! The runs and what they did, as bars over time.

use super::html::{badge, escape};
use super::story::{Part, Run, Story};
use common::cli::human;
use std::fmt::Write as _;

/// How many of a run's longest parts get a bar of their own.
const SHOWN: usize = 8;
/// The width of the picture, and where its bars begin.
const WIDTH: f64 = 800.0;
const LEFT: f64 = 250.0;
const LINE: f64 = 22.0;

/// The picture.
fn picture(story: &Story<'_>) -> Option<String> {
    let end = story.runs.iter().map(|run| run.to).fold(0.0, f64::max);
    if story.runs.is_empty() || end <= 0.0 {
        return None;
    }
    let place = |at: f64| LEFT + (WIDTH - LEFT - 80.0) * at / end;
    let mut bars = String::new();
    let mut line = 0.0;
    let mut bar = |name: &str, class: &str, from: f64, to: f64, status: Option<&str>| {
        let (x, width) = (place(from), (place(to) - place(from)).max(2.0));
        let y = line * LINE;
        // Writing to a String cannot fail.
        let _ = writeln!(
            bars,
            "<g class=\"{class}\"><title>{name}: {took}</title><text x=\"{label:.0}\" y=\"{base:.1}\" text-anchor=\"end\">{shown}</text>\
             <rect class=\"{tone}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"3\"/>\
             <text x=\"{after:.1}\" y=\"{base:.1}\">{took}</text></g>",
            name = escape(name),
            shown = escape(&shortened(name)),
            took = human::seconds(to - from),
            tone = tone(status),
            label = LEFT - 8.0,
            base = y + 15.0,
            top = y + 4.0,
            height = LINE - 8.0,
            after = x + width + 5.0,
        );
        line += 1.0;
    };
    for run in &story.runs {
        bar(&format!("{} {}", run.tool, run.command), "run", run.from, run.to, run.status);
        for part in longest(run) {
            bar(&part.name, "part", part.from, part.to, Some(part.status.as_deref().unwrap_or("ok")));
        }
    }
    let height = line * LINE + 6.0;
    Some(format!(
        "<div class=\"scroll\"><svg viewBox=\"0 0 {WIDTH:.0} {height:.0}\" role=\"img\" aria-label=\"what ran when\">\n{bars}</svg></div>\n"
    ))
}

/// The picture, and the same in words.
pub(super) fn section(story: &Story<'_>) -> String {
    let Some(picture) = picture(story) else { return String::new() };
    let mut words = String::new();
    for run in &story.runs {
        let status = badge(run.status.unwrap_or("cut off"));
        let took = human::seconds(run.to - run.from);
        let _ = writeln!(
            words,
            "<li><code>{} {}</code> {status} {took}</li>",
            escape(run.tool),
            escape(run.command)
        );
    }
    super::html::section("What ran", &format!("{picture}<ol class=\"runs\">\n{words}</ol>\n"))
}

fn longest<'a>(run: &'a Run<'_>) -> Vec<&'a Part> {
    let mut parts: Vec<&Part> = run.parts.iter().collect();
    parts.sort_by(|a, b| (b.to - b.from).total_cmp(&(a.to - a.from)));
    parts.truncate(SHOWN);
    parts.sort_by(|a, b| a.from.total_cmp(&b.from));
    parts
}

fn shortened(name: &str) -> String {
    const MOST: usize = 34;
    match name.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}

fn tone(status: Option<&str>) -> &'static str {
    match status {
        Some("no" | "error" | "failed" | "differs") | None => "bad",
        Some("refused" | "interrupted") => "warn",
        Some(_) => "good",
    }
}
