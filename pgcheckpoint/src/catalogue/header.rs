//! Reads a check's file: the comment at its head, then a query, or several for different versions of the server.

use super::{Bounds, Check, Query, Role, Scope, Unit, Work};
use crate::records::State;
use crate::run::own::Look;
use common::error::{Error, Result};
use std::collections::BTreeMap;

/// What a head may say.
const KEYS: [&str; 16] = [
    "only",
    "unit",
    "warn",
    "crit",
    "below",
    "severity",
    "scope",
    "on",
    "extension",
    "needs",
    "grant",
    "reads",
    "message",
    "fine",
    "hint",
    "server",
];

/// Reads the file of a check, or the head of one that has no query.
pub(super) fn parse(group: &str, name: &str, text: &str, look: Option<Look>) -> Result<Check> {
    let name = format!("{group}.{name}");
    let wrong = |what: &str| Error::failed("internal", format!("the check {name} {what}"));
    let (head, body) = cut(text);
    let mut said = keys(head);
    let mut take = |key: &str| said.remove(key);
    let unit: Unit =
        take("unit").as_deref().unwrap_or("count").parse().map_err(|()| wrong("has no such unit"))?;
    let bound = |text: Option<String>| match text {
        None => Ok(None),
        Some(text) => unit.parse(&text).map(Some).ok_or_else(|| wrong("has a threshold that is no number")),
    };
    let bounds =
        Bounds { warn: bound(take("warn"))?, crit: bound(take("crit"))?, below: take("below").is_some() };
    let severity = match take("severity").as_deref() {
        None => None,
        Some("info") => Some(State::Info),
        Some("warn") => Some(State::Warn),
        Some("crit") => Some(State::Crit),
        Some(_) => return Err(wrong("has no such severity")),
    };
    let on = match take("on").as_deref() {
        None => None,
        Some("primary") => Some(Role::Primary),
        Some("standby") => Some(Role::Standby),
        Some(_) => return Err(wrong("is for no such server")),
    };
    let scope = if take("scope").as_deref() == Some("database") { Scope::Database } else { Scope::Cluster };
    let work = match look {
        Some(look) => Work::Own(look),
        None => Work::Sql(queries(take("server"), body).ok_or_else(|| wrong("has no query"))?),
    };
    Ok(Check {
        group: group.to_owned(),
        about: take("").unwrap_or_default(),
        unit,
        bounds,
        severity,
        scope,
        on,
        extension: take("extension"),
        superuser: take("only").as_deref() == Some("superuser"),
        needs: take("needs"),
        grant: take("grant"),
        reads: take("reads").unwrap_or_default(),
        message: take("message").unwrap_or_default(),
        fine: take("fine"),
        hint: take("hint"),
        work,
        name,
    })
}

/// The comment at the head, and the rest.
fn cut(text: &str) -> (&str, &str) {
    let lines = text.split_inclusive('\n').take_while(|line| line.starts_with("--"));
    text.split_at(lines.map(str::len).sum())
}

/// What the head says; the sentence before the first key is under the empty one.
fn keys(head: &str) -> BTreeMap<String, String> {
    let mut said: BTreeMap<String, String> = BTreeMap::new();
    let mut current = "";
    for line in head.lines() {
        let mut line = line.trim_start_matches("--").trim();
        if let Some((key, value)) = line.split_once(':')
            && let Some(known) = KEYS.iter().find(|known| **known == key)
        {
            (current, line) = (known, value.trim());
        }
        let text = said.entry(current.to_owned()).or_default();
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(line);
    }
    said
}

/// The queries of a body that lines `-- server: 14-16` cut; `first` is what the head's last line says.
fn queries(first: Option<String>, body: &str) -> Option<Vec<Query>> {
    let mut parts = vec![(first.unwrap_or_else(|| "0-".to_owned()), String::new())];
    for line in body.split_inclusive('\n') {
        match line.strip_prefix("-- server:") {
            Some(range) => parts.push((range.to_owned(), String::new())),
            None => parts.last_mut()?.1.push_str(line),
        }
    }
    parts
        .into_iter()
        .filter(|(_, sql)| !sql.trim().is_empty())
        .map(|(range, sql)| query(&range, &sql))
        .collect()
}

fn query(range: &str, sql: &str) -> Option<Query> {
    let (from, to) = range.trim().split_once('-')?;
    let to = if to.is_empty() { u32::MAX } else { to.parse().ok()? };
    Some(Query { from: from.parse().ok()?, to, sql: sql.trim().to_owned() })
}
