//! `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME-default}` replaced from the environment, as after `ENVSUB ON`.
//!
//! `\$` and `$$` before a name stand for one dollar; elsewhere it is left alone, since it quotes. A name that has neither a value
//! nor a default is an error, where the tool would put nothing.

use crate::source::placeholders::{Placeholders, Replaced, Value, missing};
use common::error::{Error, Result};
use std::path::Path;

/// Replaces variables in `line`, the one of that number in the file at `path`.
pub(super) fn replace(
    line: &[u8],
    path: &Path,
    number: u64,
    values: &Placeholders,
    into: &mut Replaced,
) -> Result<()> {
    let mut rest = line;
    while let Some(start) = rest.iter().position(|byte| *byte == b'$') {
        let (before, from) = rest.split_at(start);
        let after = from.get(1..).unwrap_or_default();
        if let Some(before) = before.strip_suffix(b"\\") {
            into.keep(before);
            into.keep(b"$");
            into.any = true;
            rest = after;
            continue;
        }
        into.keep(before);
        if let Some(escaped) = after.strip_prefix(b"$") {
            let names = escaped.first().is_some_and(|byte| *byte == b'{' || begins_name(*byte));
            into.keep(if names { b"$" } else { b"$$" });
            into.any |= names;
            // A name behind two dollars stays as it is.
            let name = if names { 1.max(name_length(escaped)) } else { 0 };
            into.keep(escaped.get(..name).unwrap_or_default());
            rest = escaped.get(name..).unwrap_or_default();
            continue;
        }
        let Some((reference, length)) = reference(after) else {
            into.keep(b"$");
            rest = after;
            continue;
        };
        let reference = reference.map_err(|shown| unknown(path, number, &shown))?;
        let found = values.variable(&reference.name);
        let found = found.filter(|value| !(reference.empty_counts_as_unset && value.text.is_empty()));
        let default = reference.default.map(|text| Value { text, secret: false });
        let name = reference.name;
        let value = found.or(default).ok_or_else(|| missing(path, number, &format!("${{{name}}}"), &name))?;
        into.put(&value);
        rest = after.get(length..).unwrap_or_default();
    }
    into.keep(rest);
    Ok(())
}

struct Reference {
    name: String,
    default: Option<String>,
    empty_counts_as_unset: bool,
}

/// What stands behind a dollar, and how long it is. `Err` has what is not understood.
fn reference(after: &[u8]) -> Option<(std::result::Result<Reference, String>, usize)> {
    if after.first().copied().is_some_and(begins_name) {
        let length = name_length(after);
        let name = String::from_utf8_lossy(after.get(..length)?).into_owned();
        return Some((Ok(Reference { name, default: None, empty_counts_as_unset: false }), length));
    }
    let inner = after.strip_prefix(b"{")?;
    let end = inner.iter().position(|byte| *byte == b'}')?;
    let text = String::from_utf8_lossy(inner.get(..end)?).into_owned();
    let (name, rest) = text.split_at(name_length(text.as_bytes()));
    let (default, empty_counts_as_unset) = match rest {
        "" => (None, false),
        _ => match (rest.strip_prefix(":-"), rest.strip_prefix('-')) {
            (Some(default), _) => (Some(default.to_owned()), true),
            (None, Some(default)) => (Some(default.to_owned()), false),
            (None, None) => return Some((Err(format!("${{{text}}}")), end + 2)),
        },
    };
    if name.is_empty() {
        return Some((Err(format!("${{{text}}}")), end + 2));
    }
    Some((Ok(Reference { name: name.to_owned(), default, empty_counts_as_unset }), end + 2))
}

fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn name_length(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
}

fn unknown(path: &Path, line: u64, shown: &str) -> Error {
    let message = format!("{shown} in {}, line {line}, is not understood", path.display());
    Error::failed("directive", message).hint("${NAME}, ${NAME:-default} and ${NAME-default} are")
}
