//! A store's JSON files, edited by somebody who mends the checksum: what only a closer look finds.

use common::format::checksum;
use serde_json::Value;

/// The bytes of an edited file.
pub fn resealed(mut edited: Value) -> Vec<u8> {
    if let Some(members) = edited.as_object_mut() {
        members.remove("checksum");
    }
    checksum::seal(&serde_json::to_vec(&edited).unwrap())
}

/// The same for text that was edited in place; what has no checksum, or is no JSON, stays as it is.
pub fn reseal(text: &str) -> Vec<u8> {
    match serde_json::from_str::<Value>(text) {
        Ok(value) if value.get("checksum").is_some() => resealed(value),
        _ => text.as_bytes().to_vec(),
    }
}
