//! Compares the schemas of both sides, from the catalogs or from what a snapshot wrote down of them.
//!
//! Side A is only read. Where a definition is spelled differently, side B's server is asked whether both mean the same: it
//! makes temporary views in a transaction that is rolled back, if it is live, no standby, and lets us.

use super::names::Patterns;
use super::pairs::Pairs;
use super::sheet::Sheet;
use super::side::Side;
use super::tell::Teller;
use crate::records::VersionNote;
use common::cli::signals;
use common::error::Result;
use common::inventory::{Inventory, Object, SchemaDifference, Scope, compare as hold_against};
use common::name::QualifiedName;
use common::pg::session::Session;
use std::collections::HashSet;

/// Kinds that a table's pattern can name.
const RELATIONS: &[&str] = &["table", "view", "materialized view", "sequence", "foreign table"];

/// Compares the schemas; `false` when a side does not tell its own.
pub(crate) fn compare(
    teller: &Teller<'_>,
    a: &Side,
    b: &Side,
    asked: &Patterns,
    pairs: &Pairs<'_>,
) -> Result<bool> {
    let (Some(mut ours), Some(mut theirs)) = (read(teller, a)?, read(teller, b)?) else { return Ok(false) };
    let held: Vec<Patterns> = [a, b]
        .into_iter()
        .filter_map(Side::stored)
        .map(|stored| Patterns::parse(&stored.manifest.selection))
        .collect::<Result<_>>()?;
    let path = a.live().or(b.live()).map(|live| live.path.as_slice());
    for patterns in std::iter::once(asked).chain(&held).filter(|patterns| !patterns.is_everything()) {
        let known = known(a.sheet(), b.sheet());
        let wants = |object: &Object| is_selected(object, patterns, path, &known);
        ours.objects.retain(wants);
        theirs.objects.retain(wants);
    }
    teller.tally().objects += (ours.objects.len() + theirs.objects.len()) as u64;
    let mut judge = match b.live() {
        Some(live) if !live.source.standby => Some(judge(live)?),
        _ => None,
    };
    let told: HashSet<String> = pairs
        .only_a
        .iter()
        .chain(&pairs.only_b)
        .map(|holding| format!("table {}", holding.table.qualified()))
        .collect();
    for difference in hold_against(&ours, &theirs, &Scope::default(), judge.as_mut())? {
        // A table that one side lacks has a record of its own.
        if difference.property.is_none() && told.contains(&difference.object) {
            continue;
        }
        tell(teller, difference);
        if teller.enough() {
            break;
        }
    }
    Ok(true)
}

fn read(teller: &Teller<'_>, side: &Side) -> Result<Option<Inventory>> {
    match side {
        Side::Live(live) => live.inventory().map(Some),
        Side::Stored(stored) => {
            let blocks = &stored.manifest.schema.inventory;
            if blocks.is_empty() {
                let reason = "the snapshot was made by a release that did not write down what it is";
                teller.skipped("the schema", reason, true);
                return Ok(None);
            }
            let mut bytes = Vec::new();
            for block in blocks {
                bytes.extend(stored.store.block(block, "the schema")?);
            }
            Inventory::decode(&bytes).map(Some)
        }
    }
}

/// A session that may make temporary views.
fn judge(live: &super::live::Live) -> Result<Session> {
    let mut session = Session::open(&live.target())?;
    session.stop_when(signals::stop_requested)?;
    session.pin_for_writing()?;
    super::live::Live::wait_little(&mut session)?;
    Ok(session)
}

/// The relations of both sides that the selection means.
fn known(a: &Sheet, b: &Sheet) -> HashSet<String> {
    let names = |sheet: &Sheet| -> Vec<String> {
        let tables = sheet.tables.keys().chain(sheet.roots.keys());
        tables.chain(sheet.sequences.keys()).chain(sheet.matviews.keys()).map(ToString::to_string).collect()
    };
    names(a).into_iter().chain(names(b)).collect()
}

fn is_selected(
    object: &Object,
    patterns: &Patterns,
    path: Option<&[String]>,
    known: &HashSet<String>,
) -> bool {
    let whole = object.of.as_deref().unwrap_or(&object.name);
    if known.contains(whole) {
        return true;
    }
    let is_relation = object.of.is_some() || RELATIONS.contains(&&*object.kind);
    match qualified(whole) {
        Some(name) if is_relation => patterns.wants(&name, path),
        Some(name) => patterns.wants_all_of(&name.schema),
        None => {
            &*object.kind == "schema" && unquoted(whole).is_some_and(|(name, _)| patterns.wants_all_of(&name))
        }
    }
}

/// The two parts of a quoted name; what follows, such as arguments, does not count.
fn qualified(name: &str) -> Option<QualifiedName> {
    let (schema, rest) = unquoted(name)?;
    let (name, _) = unquoted(rest.strip_prefix('.')?)?;
    Some(QualifiedName::new(schema, name))
}

fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut name = String::new();
    loop {
        let (part, tail) = rest.split_once('"')?;
        name.push_str(part);
        let Some(more) = tail.strip_prefix('"') else { return Some((name, tail)) };
        name.push('"');
        rest = more;
    }
}

fn tell(teller: &Teller<'_>, difference: SchemaDifference) {
    let unknown = difference.could_not_be_asked();
    let value = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
    let property = difference.property.unwrap_or_else(|| "presence".to_owned());
    let (object, expected, found) = (difference.object, value(difference.expected), value(difference.found));
    match difference.note {
        None => teller.differs(&object, &property, &expected, &found),
        Some(reason) if unknown => teller.skipped(&format!("{property} of {object}"), &reason, true),
        Some(reason) => teller.version_note(&VersionNote { object, property, expected, found, reason }),
    }
}
