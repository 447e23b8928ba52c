//! The page that `report` would make of this run.

use crate::records::{CheckRecord, CheckpointResult};
use crate::report;
use common::error::Error;
use common::records::{ErrorRecord, Page, RESULT, Record};
use serde_json::{Map, Value, json};

pub(super) fn page(result: &CheckpointResult, failure: Option<&Error>) -> Page {
    let mut lines = vec![line("start", json!({"command": "run"}))];
    let as_line =
        |record: &CheckRecord| line(CheckRecord::TYPE, serde_json::to_value(record).unwrap_or_default());
    lines.extend(result.kept.iter().map(as_line));
    if let Some(error) = failure {
        let record = ErrorRecord::from(error);
        lines.push(line(ErrorRecord::TYPE, serde_json::to_value(record).unwrap_or_default()));
    }
    lines.push(line(RESULT, serde_json::to_value(result).unwrap_or_default()));
    Page { text: report::page(&lines), exit_code: None }
}

fn line(kind: &str, fields: Value) -> Value {
    let time = format!("{:.3}", jiff::Timestamp::now());
    let mut line = Map::new();
    for (name, value) in [("tool", "pgcheckpoint"), ("type", kind), ("time", &time), ("run", "0")] {
        line.insert(name.to_owned(), value.into());
    }
    if let Value::Object(fields) = fields {
        line.extend(fields);
    }
    Value::Object(line)
}
