//! The JSON Schema of every record type, generated from the types that are written.

use super::{ErrorRecord, Progress, Record, ResultRecord, Start, VERSION, Warning};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The schemas of one tool's records.
#[derive(Clone, Debug)]
pub struct Registry {
    tool: &'static str,
    schemas: BTreeMap<String, Value>,
}

impl Registry {
    /// The types that all tools share, and the tool's own result.
    pub fn new<R: ResultRecord>(tool: &'static str) -> Self {
        Self { tool, schemas: BTreeMap::new() }
            .with::<Start>()
            .with::<Warning>()
            .with::<ErrorRecord>()
            .with::<Progress>()
            .with::<R>()
    }

    /// Adds a type.
    #[must_use]
    pub fn with<T: Record>(mut self) -> Self {
        let schema =
            SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
        self.schemas
            .insert(format!("{}.{}", self.tool, T::TYPE), enveloped(self.tool, T::TYPE, schema.to_value()));
        self
    }

    /// Each `tool.type` and its schema (draft 2020-12). Nothing but what a schema names may be in a record.
    pub fn schemas(&self) -> &BTreeMap<String, Value> {
        &self.schemas
    }

    /// One JSON object of all schemas, for people and programs.
    pub fn to_json(&self) -> String {
        // Values always have a JSON form.
        serde_json::to_string_pretty(&self.schemas).unwrap_or_default() + "\n"
    }
}

fn enveloped(tool: &str, kind: &str, mut schema: Value) -> Value {
    let envelope = json!({
        "v": {"const": VERSION, "description": "The version of the envelope."},
        "tool": {"const": tool},
        "type": {"const": kind},
        "time": {
            "type": "string",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
            "description": "When it was written: RFC 3339, UTC, milliseconds.",
        },
        "run": {"type": "string", "pattern": "^[0-9a-f]{16}$", "description": "The random identity of the run."},
    });
    let (Some(fields), Some(object)) = (envelope.as_object(), schema.as_object_mut()) else { return schema };
    let mut properties: Map<String, Value> = fields.clone();
    let mut required: Vec<Value> = fields.keys().map(|name| json!(name)).collect();
    if let Some(Value::Object(own)) = object.remove("properties") {
        properties.extend(own);
    }
    if let Some(Value::Array(own)) = object.remove("required") {
        required.extend(own);
    }
    object.insert("properties".to_owned(), Value::Object(properties));
    object.insert("required".to_owned(), Value::Array(required));
    object.insert("additionalProperties".to_owned(), Value::Bool(false));
    schema
}
