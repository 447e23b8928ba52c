//! What a stream tells: which runs there were, when, and how they ended.

use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// All that a stream tells, in its order.
pub(super) struct Story<'a> {
    pub(super) lines: &'a [Value],
    pub(super) runs: Vec<Run<'a>>,
}

/// One run of a tool.
pub(super) struct Run<'a> {
    pub(super) tool: &'a str,
    pub(super) command: &'a str,
    /// Seconds since the first run began.
    pub(super) from: f64,
    pub(super) to: f64,
    /// `ok`, `no`, `error`, …; nothing when the stream was cut off.
    pub(super) status: Option<&'a str>,
    /// What it did, each with its begin and end.
    pub(super) parts: Vec<Part>,
}

/// A part of a run that took time.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) status: Option<String>,
}

/// The text of a field.
pub(super) fn text<'a>(line: &'a Value, field: &str) -> &'a str {
    line.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The number of a field.
pub(super) fn number(line: &Value, field: &str) -> Option<f64> {
    line.get(field).and_then(Value::as_f64)
}

fn moment(line: &Value) -> Option<Timestamp> {
    text(line, "time").parse().ok()
}

impl<'a> Story<'a> {
    /// Reads it.
    pub(super) fn of(lines: &'a [Value]) -> Self {
        let begin = lines.iter().filter(|line| text(line, "type") == "start").filter_map(moment).min();
        let begin = begin.or_else(|| lines.iter().filter_map(moment).min()).unwrap_or_default();
        let since = |line: &Value| moment(line).map_or(0.0, |time| time.duration_since(begin).as_secs_f64());
        let mut runs: Vec<Run<'a>> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for line in lines {
            let at = since(line);
            let place = *places.entry(text(line, "run")).or_insert_with(|| {
                let (tool, parts) = (text(line, "tool"), Vec::new());
                // In a pipe all begin at once, and then wait for the one before.
                let waited = runs.iter().all(|run| run.status.is_some());
                let from = runs.iter().filter(|_| waited).map(|run| run.to).fold(at, f64::max);
                runs.push(Run { tool, command: "", from, to: from, status: None, parts });
                runs.len() - 1
            });
            let Some(run) = runs.get_mut(place) else { continue };
            run.to = run.to.max(at);
            match text(line, "type") {
                "start" => run.command = text(line, "command"),
                "result" => run.status = Some(text(line, "status")),
                kind => run.parts.extend(part(line, kind, at)),
            }
        }
        Self { lines, runs }
    }

    /// The records of a tool and type.
    pub(super) fn all(&self, tool: &str, kind: &str) -> Vec<&'a Value> {
        self.lines.iter().filter(|line| text(line, "tool") == tool && text(line, "type") == kind).collect()
    }

    /// The last record of a tool and type.
    pub(super) fn last(&self, tool: &str, kind: &str) -> Option<&'a Value> {
        self.all(tool, kind).pop()
    }

    /// How it all ended: the worst end of a run.
    pub(super) fn status(&self) -> &'a str {
        let ends = ["error", "refused", "interrupted", "no"];
        if self.runs.iter().any(|run| run.status.is_none()) {
            return "cut off";
        }
        let is = |end: &&&str| self.runs.iter().any(|run| run.status == Some(**end));
        ends.iter().find(is).copied().unwrap_or("ok")
    }

    /// What database it is about.
    pub(super) fn database(&self) -> &'a str {
        let named = self.lines.iter().map(|line| text(line, "database"));
        named.into_iter().find(|name| !name.is_empty()).unwrap_or("")
    }

    /// The page's title.
    pub(super) fn title(&self) -> String {
        let mut tools: Vec<&str> = self.runs.iter().map(|run| run.tool).collect();
        tools.dedup();
        format!("{} {}: {}", tools.join(", "), self.database(), self.status())
    }
}

/// A record that tells of time spent: it is written when that is over.
fn part(line: &Value, kind: &str, at: f64) -> Option<Part> {
    if !matches!(kind, "step" | "table" | "migration" | "snapshot" | "restored_table") {
        return None;
    }
    let seconds = number(line, "seconds").filter(|seconds| *seconds > 0.0)?;
    let named = ["version", "name", "table", "step", "snapshot"].iter().map(|field| text(line, field));
    let name: Vec<&str> = named.filter(|name| !name.is_empty()).collect();
    let status = ["state", "verdict"].iter().map(|field| text(line, field)).find(|state| !state.is_empty());
    Some(Part {
        name: format!("{kind} {}", name.join(" ")),
        from: (at - seconds).max(0.0),
        to: at,
        status: status.map(str::to_owned),
    })
}
