//! `${name}` replaced as Flyway does: everywhere, in quotes and comments too.

use super::settings::Settings;
use crate::source::directory::File;
use crate::source::placeholders::{Placeholders, Replaced, Value, missing};
use crate::source::text;
use common::error::Result;

pub(super) fn replace(
    file: &File,
    script: &[u8],
    settings: &Settings,
    values: &Placeholders,
) -> Result<Replaced> {
    let (prefix, suffix) = (settings.prefix.as_bytes(), settings.suffix.as_bytes());
    let mut replaced = Replaced::default();
    let mut rest = script;
    while let Some(start) = find(rest, prefix) {
        let (before, from) = rest.split_at(start);
        let inner = from.get(prefix.len()..).unwrap_or_default();
        let Some(end) = find(inner, suffix) else { break };
        replaced.keep(before);
        let name = String::from_utf8_lossy(inner.get(..end).unwrap_or_default()).into_owned();
        let Some(value) = value(&name, file, settings, values) else {
            let read = script.len() - from.len();
            let line = 1 + text::breaks(script.get(..read).unwrap_or_default());
            let shown = format!("{}{name}{}", settings.prefix, settings.suffix);
            return Err(missing(&file.path, line, &shown, &name));
        };
        replaced.put(&value);
        rest = inner.get(end + suffix.len()..).unwrap_or_default();
    }
    replaced.keep(rest);
    Ok(replaced)
}

fn value(name: &str, file: &File, settings: &Settings, values: &Placeholders) -> Option<Value> {
    let shown = |text: &str| Value { text: text.to_owned(), secret: false };
    let variable = format!("FLYWAY_PLACEHOLDERS_{}", name.to_uppercase());
    values
        .value(name)
        .or_else(|| values.variable(&variable))
        .or_else(|| settings.placeholders.get(name).map(|value| shown(value)))
        .or_else(|| (name == "flyway:filename").then(|| shown(&file.name)))
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    if what.is_empty() {
        return None;
    }
    text.windows(what.len()).position(|window| window == what)
}
