//! The runs and what they did, as bars over time.

use super::html::{badge, escape};
use super::story::{Part, Run, Story};
use common::cli::human;
use std::fmt::Write as _;

/// How many of a run's longest parts get a bar of their own.
const SHOWN: usize = 8;
/// Room for how long it took, behind the last bar.
const RIGHT: f64 = 80.0;

/// How the picture is laid out.
struct Shape {
    class: &'static str,
    width: f64,
    /// Where bars begin; names stand before them, or above when there is no room.
    left: f64,
    line: f64,
    /// Where in its line a bar begins.
    top: f64,
}

const WIDE: Shape = Shape { class: "wide", width: 800.0, left: 250.0, line: 22.0, top: 4.0 };
/// For phones.
const NARROW: Shape = Shape { class: "narrow", width: 360.0, left: 0.0, line: 38.0, top: 17.0 };

/// The picture.
fn picture(story: &Story<'_>, shape: &Shape) -> Option<String> {
    const THICK: f64 = 14.0;
    let end = story.runs.iter().map(|run| run.to).fold(0.0, f64::max);
    if story.runs.is_empty() || end <= 0.0 {
        return None;
    }
    let place = |at: f64| shape.left + (shape.width - shape.left - RIGHT) * at / end;
    let (label, anchor) = if shape.left > 0.0 { (shape.left - 8.0, "end") } else { (0.0, "start") };
    // Beside its bar, or above it.
    let above = if shape.left > 0.0 { 0.0 } else { shape.top - 1.0 };
    let mut bars = String::new();
    let mut line = 0.0_f64;
    let mut bar = |name: &str, class: &str, from: f64, to: f64, status: Option<&str>| {
        let (x, width) = (place(from), (place(to) - place(from)).max(2.0));
        let top = line.mul_add(shape.line, shape.top);
        // Writing to a String cannot fail.
        let _ = writeln!(
            bars,
            "<g class=\"{class}\"><title>{name}: {took}</title><text x=\"{label:.0}\" y=\"{name_base:.1}\" text-anchor=\"{anchor}\">{shown}</text>\
             <rect class=\"{tone}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{THICK:.1}\" rx=\"3\"/>\
             <text x=\"{after:.1}\" y=\"{base:.1}\">{took}</text></g>",
            name = escape(name),
            shown = escape(&shortened(name)),
            took = human::seconds(to - from),
            tone = tone(status),
            base = top + 11.0,
            name_base = top + 11.0 - above,
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
    let (class, width, height) = (shape.class, shape.width, line.mul_add(shape.line, 6.0));
    Some(format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" aria-label=\"what ran when\">\n{bars}</svg>\n"
    ))
}

/// The picture, and the same in words.
pub(super) fn section(story: &Story<'_>) -> String {
    let (Some(wide), Some(narrow)) = (picture(story, &WIDE), picture(story, &NARROW)) else {
        return String::new();
    };
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
    super::html::section("What ran", &format!("{wide}{narrow}<ol class=\"runs\">\n{words}</ol>\n"))
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
