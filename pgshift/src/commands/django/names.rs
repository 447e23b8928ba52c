//! Names that Django and PostgreSQL make up: of indexes, constraints and sequences. When a table or a column is renamed they
//! stay what they were, while whoever makes it by its new name gives them new ones. Django looks for these things by what
//! they are on, never by such a name.

use common::inventory::{Inventory, Object};
use std::collections::HashSet;

/// What PostgreSQL puts behind the names of table and column.
const ENDS: [&str; 6] = ["pkey", "key", "check", "excl", "fkey", "seq"];

/// Gives each thing of `found` that differs by such a name alone the name that it has in `expected`; tells them as (old, new).
pub(super) fn align(expected: &Inventory, found: &mut Inventory) -> Vec<(String, String)> {
    let names = |inventory: &Inventory| -> HashSet<(String, String)> {
        inventory.objects.iter().map(|object| (object.kind.to_string(), object.name.to_string())).collect()
    };
    let (before, now) = (names(expected), names(found));
    let alone = |object: &Object, others: &HashSet<(String, String)>| {
        is_made_up(object) && !others.contains(&(object.kind.to_string(), object.name.to_string()))
    };
    let mut old: Vec<&Object> = expected.objects.iter().filter(|object| alone(object, &now)).collect();
    let mut told = Vec::new();
    for object in found.objects.iter_mut().filter(|object| alone(object, &before)) {
        let same = |other: &Object| {
            (&other.kind, &other.of, &other.properties) == (&object.kind, &object.of, &object.properties)
        };
        let Some(place) = old.iter().position(|other| same(other)) else { continue };
        let other = old.swap_remove(place);
        told.push((other.describe(), object.name.to_string()));
        object.name.clone_from(&other.name);
    }
    found.objects.sort_by(|one, other| (&one.kind, &one.name).cmp(&(&other.kind, &other.name)));
    told
}

/// Whether a thing has a name with a hash in it, or one as PostgreSQL gives it.
fn is_made_up(object: &Object) -> bool {
    let name = match &*object.kind {
        "constraint" => object.name.split_once("\" on ").map(|(name, _)| name),
        "index" | "sequence" => object.name.rsplit_once('.').map(|(_, name)| name),
        _ => None,
    };
    let words: Vec<&str> = name.unwrap_or_default().trim_matches('"').split('_').collect();
    let hash =
        |word: &&str| word.len() == 8 && word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    words.iter().any(hash) || words.last().is_some_and(|last| ENDS.contains(last))
}
