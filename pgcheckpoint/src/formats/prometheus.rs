//! Metrics in the text format 0.0.4, by the rules of `node_exporter`'s textfile collector: no timestamps, each family once
//! and with the same HELP in every file, labels that stay few.
//!
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>

use super::rollup::{self, Rollup};
use crate::records::{CheckpointResult, Number, State};
use common::error::Error;
use common::records::Page;
use std::fmt::Write as _;
use std::time::SystemTime;

const UNITS: [(&str, &str, &str); 5] = [
    ("count", "pgcheckpoint_check_value", "What a check measured."),
    ("bytes", "pgcheckpoint_check_value_bytes", "What a check measured, in bytes."),
    ("ratio", "pgcheckpoint_check_value_ratio", "What a check measured, as a share of 1."),
    ("seconds", "pgcheckpoint_check_value_seconds", "What a check measured, in seconds."),
    ("xids", "pgcheckpoint_check_value_xids", "What a check measured, in transaction ids."),
];

pub(super) fn page(result: &CheckpointResult, failure: Option<&Error>) -> Page {
    let rollups = rollup::of(&result.kept);
    let mut text = String::new();
    let status = "How it stands with a check: 0 ok, 1 warn, 2 crit, 3 unknown, 4 info.";
    family(&mut text, "pgcheckpoint_check_status", status, &rollups, |rollup| {
        Some(code(rollup.worst.status).into())
    });
    let findings = "How much a check found that is not as it should be, or worth knowing.";
    family(&mut text, "pgcheckpoint_check_findings", findings, &rollups, |rollup| {
        Some(rollup.findings.to_string())
    });
    for (unit, name, help) in UNITS {
        family(&mut text, name, help, &rollups, |rollup| {
            rollup.value.filter(|_| rollup.worst.unit == unit).map(|value| Number(value).text())
        });
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    for (name, help, value) in [
        (
            "pgcheckpoint_run_success",
            "Whether the last run came to its end.",
            u64::from(failure.is_none()).to_string(),
        ),
        (
            "pgcheckpoint_run_duration_seconds",
            "How long the last run took.",
            format!("{:.3}", result.elapsed()),
        ),
        ("pgcheckpoint_last_run_timestamp_seconds", "When the last run ended.", now.to_string()),
    ] {
        head(&mut text, name, help);
        // Files of several servers lie in one directory: the collector takes no sample twice.
        for server in &result.servers {
            line(&mut text, format_args!("{name}{{server=\"{}\"}} {value}", escaped(server)));
        }
        if result.servers.is_empty() {
            line(&mut text, format_args!("{name} {value}"));
        }
    }
    Page { text, exit_code: None }
}

fn family(
    text: &mut String,
    name: &str,
    help: &str,
    rollups: &[Rollup<'_>],
    value: impl Fn(&Rollup<'_>) -> Option<String>,
) {
    let samples: Vec<_> = rollups.iter().filter_map(|rollup| Some((rollup.worst, value(rollup)?))).collect();
    if samples.is_empty() {
        return;
    }
    head(text, name, help);
    for (record, value) in samples {
        let database = record.database.as_deref().unwrap_or_default();
        let labels = format!(
            "check=\"{}\",server=\"{}\",database=\"{}\"",
            escaped(&record.check),
            escaped(&record.server),
            escaped(database)
        );
        line(text, format_args!("{name}{{{labels}}} {value}"));
    }
}

fn head(text: &mut String, name: &str, help: &str) {
    line(text, format_args!("# HELP {name} {help}"));
    line(text, format_args!("# TYPE {name} gauge"));
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn code(state: State) -> &'static str {
    match state {
        State::Ok => "0",
        State::Warn => "1",
        State::Crit => "2",
        State::Unknown => "3",
        State::Info => "4",
    }
}
