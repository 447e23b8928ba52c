//! What the server's log says of the last hour, in its csv or json form. Other forms depend on `log_line_prefix`, and
//! guessing it is how log readers go wrong.

use super::{Own, Sight, lines};
use crate::cli::Outside;
use crate::run::Finding;
use common::error::{Error, Result};
use lines::Entry;
use std::collections::BTreeMap;

pub(super) const ERRORS: Own = Own {
    group: "log",
    name: "errors",
    head: "-- How many errors the server has logged in the last hour.\n\
           -- warn: 100\n-- crit: 10000\n\
           -- reads: the file that --log names\n\
           -- message: {number} errors in the last hour{most}\n\
           -- hint: look into the log",
    look: errors,
    idle,
};

pub(super) const CRASHES: Own = Own {
    group: "log",
    name: "crashes",
    head: "-- Whether the server has logged in the last hour that it crashed, or that its data is damaged.\n\
           -- severity: crit\n\
           -- reads: the file that --log names\n\
           -- message: {time}: {said}\n\
           -- fine: no crash and no damage in the last hour\n\
           -- hint: keep the log and the files as they are until it is known what happened",
    look: crashes,
    idle,
};

/// SQLSTATEs of damage: `data_corrupted`, `index_corrupted`, `io_error`, `system_error`.
const DAMAGE: [&str; 4] = ["XX001", "XX002", "58030", "58000"];

fn idle(outside: &Outside) -> Option<&'static str> {
    outside.log.is_none().then_some("no --log was named")
}

fn errors(sight: &mut Sight<'_>) -> Result<Vec<Finding>> {
    let entries = entries(sight)?;
    let mut states: BTreeMap<&str, u64> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| matches!(entry.severity.as_str(), "ERROR" | "FATAL" | "PANIC"))
    {
        *states.entry(&entry.state).or_default() += 1;
    }
    let most = states.iter().max_by_key(|(_, count)| **count);
    let most = most.map(|(state, count)| format!(", most of them {state} ({count})")).unwrap_or_default();
    Ok(vec![Finding::default().with("value", &states.values().sum::<u64>()).with("most", &most)])
}

fn crashes(sight: &mut Sight<'_>) -> Result<Vec<Finding>> {
    let is_crash = |entry: &&Entry| {
        entry.severity == "PANIC"
            || DAMAGE.contains(&entry.state.as_str())
            || entry.message.contains("was terminated by signal")
    };
    let found = entries(sight)?;
    let told = found.iter().filter(is_crash).map(|entry| {
        let said = entry.message.lines().next().unwrap_or_default();
        Finding::default()
            .with("value", &1)
            .with("time", &entry.time)
            .with("said", &said)
            .with("key", &entry.time)
    });
    Ok(told.collect())
}

fn entries(sight: &Sight<'_>) -> Result<Vec<Entry>> {
    match &sight.outside.log {
        Some(path) => lines::last_hour(path),
        None => Err(Error::failed("internal", "no log was named")),
    }
}
