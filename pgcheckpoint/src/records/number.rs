//! A number in a record: bytes and counts stay whole, seconds and shares have a fraction.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;

/// A number that is written as an integer when it is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Deserialize)]
#[serde(transparent)]
pub(crate) struct Number(pub(crate) f64);

/// Up to here, every integer is a number of its own in JSON as most programs read it.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Number {
    /// The number of a count.
    pub(crate) fn of(count: u64) -> Self {
        // There is no lossless way, and beyond 2^53 nobody misses the difference.
        Self(count.to_string().parse().unwrap_or_default())
    }

    /// As JSON, Prometheus and Nagios all read it: no exponent, no needless fraction.
    pub(crate) fn text(self) -> String {
        if self.0.fract() == 0.0 { format!("{:.0}", self.0) } else { format!("{}", self.0) }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let whole = Some(self.0).filter(|value| value.fract() == 0.0 && value.abs() < EXACT);
        match whole.and_then(|value| format!("{value:.0}").parse::<i64>().ok()) {
            Some(whole) => serializer.serialize_i64(whole),
            None => serializer.serialize_f64(self.0),
        }
    }
}

impl JsonSchema for Number {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number"})
    }
}
