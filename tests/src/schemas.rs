//! The JSON Schemas that the tools publish, and what of a record is not in them.

use crate::binary;
use jsonschema::Validator;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

/// The tools that publish the schemas of their records with `TOOL schema`.
const TOOLS: [&str; 3] = ["pgcheckpoint", "pgsnap", "pgverify"];

type Validators = BTreeMap<String, Validator>;

/// What is wrong with a record of one of our tools, by the schema that the tool itself publishes.
pub(crate) fn faults(record: &Value) -> Vec<String> {
    let text = |field: &str| record.get(field).and_then(Value::as_str).unwrap_or_default();
    let (tool, kind) = (text("tool"), text("type"));
    if !TOOLS.contains(&tool) {
        return Vec::new();
    }
    let validators = validators(tool);
    let Some(validator) = validators.get(&format!("{tool}.{kind}")) else {
        return vec![format!("`{tool} schema` knows no records of type {kind}")];
    };
    validator.iter_errors(record).map(|error| format!("{error} at {}", error.instance_path)).collect()
}

fn validators(tool: &str) -> Arc<Validators> {
    static KNOWN: Mutex<BTreeMap<String, Arc<Validators>>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry(tool.to_owned()).or_insert_with(|| Arc::new(published(tool))))
}

fn published(tool: &str) -> Validators {
    let output = Command::new(binary::find(tool)).arg("schema").output().expect("run the tool");
    assert!(output.status.success(), "{tool} schema: {}", String::from_utf8_lossy(&output.stderr));
    let schemas: BTreeMap<String, Value> = serde_json::from_slice(&output.stdout).expect("JSON Schemas");
    let validator = |schema: &Value| jsonschema::validator_for(schema).expect("a valid JSON Schema");
    schemas.iter().map(|(name, schema)| (name.clone(), validator(schema))).collect()
}
