//! Entries of a log file from its end. Reads no more than its last part: a log may have any size.

use common::error::{Context, Error, Result};
use jiff::civil::DateTime;
use jiff::{SignedDuration, ToSpan};
use serde::Deserialize;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How much of a log is read.
const MOST: u64 = 64 << 20;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// As the log has it: in the server's `log_timezone`.
    pub(super) time: String,
    pub(super) severity: String,
    pub(super) state: String,
    pub(super) message: String,
}

#[derive(Deserialize)]
struct Json {
    timestamp: String,
    #[serde(default)]
    error_severity: String,
    #[serde(default)]
    state_code: String,
    #[serde(default)]
    message: String,
}

/// The entries of the last hour, in order.
///
/// Their times have a zone by an abbreviation that may mean several. But the last entry was written when the file was:
/// that tells what the others are.
pub(super) fn last_hour(path: &Path) -> Result<Vec<Entry>> {
    let path = newest(path)?;
    let cannot = || format!("cannot read {}", path.display());
    let mut file = File::open(&path).context(cannot)?;
    let metadata = file.metadata().context(cannot)?;
    let skipped = metadata.len().saturating_sub(MOST);
    file.seek(SeekFrom::Start(skipped)).context(cannot)?;
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes).context(cannot)?;
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    if skipped > 0 {
        text = text.split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or_default();
    }
    let entries =
        if path.extension().is_some_and(|extension| extension == "json") { json(&text) } else { csv(&text) };
    if entries.is_empty() && !text.trim().is_empty() {
        return Err(Error::failed("no_log", format!("{} is no log in csv or json form", path.display()))
            .hint(
                "set log_destination = 'jsonlog' (PostgreSQL 15 and later) or 'csvlog', and name that file",
            ));
    }
    let quiet = metadata.modified().ok().and_then(|written| SystemTime::now().duration_since(written).ok());
    let quiet = SignedDuration::try_from(quiet.unwrap_or_default()).unwrap_or_default();
    let Some(last) = entries.last().and_then(|entry| moment(&entry.time)) else { return Ok(Vec::new()) };
    let from = last.saturating_add(quiet).saturating_sub(1.hour());
    Ok(entries.into_iter().filter(|entry| moment(&entry.time).is_some_and(|time| time >= from)).collect())
}

/// The file, or the newest log in the directory.
fn newest(path: &Path) -> Result<PathBuf> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let cannot = || format!("cannot read {}", path.display());
    let mut found = None;
    for entry in path.read_dir().context(cannot)? {
        let file = entry.context(cannot)?.path();
        if file.extension().is_some_and(|extension| extension == "csv" || extension == "json") {
            let written = file.metadata().and_then(|metadata| metadata.modified()).context(cannot)?;
            found = found.max(Some((written, file)));
        }
    }
    found.map(|(_, file)| file).ok_or_else(|| {
        Error::failed("no_log", format!("{} holds no log in csv or json form", path.display()))
            .hint("set log_destination = 'jsonlog' (PostgreSQL 15 and later) or 'csvlog'")
    })
}

/// `2026-01-31 02:00:00.123 CET` without its zone.
fn moment(time: &str) -> Option<DateTime> {
    time.get(..19)?.parse().ok()
}

fn json(text: &str) -> Vec<Entry> {
    let entries = text.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    entries
        .map(|json| Entry {
            time: json.timestamp,
            severity: json.error_severity,
            state: json.state_code,
            message: json.message,
        })
        .collect()
}

/// The columns of csvlog that matter: <https://www.postgresql.org/docs/current/runtime-config-logging.html>
fn csv(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let field = fields.len() - 1;
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => put(&mut fields, field, '"'),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            '\n' if !quoted => {
                entries.extend(entry(&fields));
                fields = vec![String::new()];
            }
            other => put(&mut fields, field, other),
        }
    }
    entries
}

fn put(fields: &mut [String], at: usize, character: char) {
    if let Some(field) = fields.get_mut(at) {
        field.push(character);
    }
}

fn entry(fields: &[String]) -> Option<Entry> {
    let field = |at: usize| fields.get(at).cloned();
    let entry = Entry { time: field(0)?, severity: field(11)?, state: field(12)?, message: field(13)? };
    moment(&entry.time).map(|_| entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_several_lines_is_one() {
        let line = "2026-01-31 02:00:00.123 CET,\"u\",\"d\",1,\"[local]\",6,1,\"SELECT\",2026-01-31 02:00:00 CET,3/4,0,ERROR,22012,\"division\n\"\"by\"\", zero\",,,\n";
        let entries = csv(&line.repeat(2));
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[1].message, "division\n\"by\", zero");
        assert_eq!((entries[0].severity.as_str(), entries[0].state.as_str()), ("ERROR", "22012"));
    }
}
