//! Two inventories held against each other, in both directions.

use super::judge::{Judge, Verdict};
use super::scope::Scope;
use super::{Inventory, Object, versions};
use crate::error::Result;
use crate::pg::session::Session;
use std::cmp::Ordering;
use std::collections::HashSet;

/// One thing in which two schemas differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaDifference {
    /// The object, as messages name it.
    pub object: String,
    /// The property; none when the object itself is on one side only.
    pub property: Option<String>,
    /// The expected value; `None` when the object is not there, or the property has its default.
    pub expected: Option<String>,
    /// The value that was found, likewise.
    pub found: Option<String>,
    /// Why it is not held against the copy, when it is not.
    pub note: Option<String>,
}

impl SchemaDifference {
    /// Whether it is not known if it differs: it is spelled differently, and no server could be asked.
    pub fn could_not_be_asked(&self) -> bool {
        self.note.as_ref().is_some_and(|note| note.ends_with(NOT_ASKED))
    }
}

/// How the note of such a difference ends.
const NOT_ASKED: &str = "whether it means the same could not be asked";

/// All differences, in the inventories' order.
///
/// `judge` is a session on the found side that may write, outside of a transaction: where a definition is
/// spelled differently, its server says whether both mean the same. All that it makes are temporary objects in a
/// transaction that is rolled back.
pub fn compare(
    expected: &Inventory,
    found: &Inventory,
    scope: &Scope,
    judge: Option<&mut Session>,
) -> Result<Vec<SchemaDifference>> {
    let mut comparison = Comparison {
        majors: (expected.major, found.major),
        scope,
        judge: judge.map(Judge::new),
        lonely: HashSet::new(),
        heirs: heirs(expected).chain(heirs(found)).collect(),
        differences: Vec::new(),
    };
    let pairs = pairs(&expected.objects, &found.objects);
    let alone = pairs.iter().filter_map(|pair| match pair {
        (Some(object), None) | (None, Some(object)) => Some(*object),
        _ => None,
    });
    comparison.lonely = alone.map(|object| &*object.name).collect();
    for pair in pairs {
        match pair {
            (Some(expected), Some(found)) => comparison.properties(expected, found)?,
            (Some(expected), None) => comparison.one_sided(expected, true),
            (None, Some(found)) => comparison.one_sided(found, false),
            (None, None) => {}
        }
    }
    if let Some(judge) = comparison.judge {
        judge.end()?;
    }
    Ok(comparison.differences)
}

type Pair<'a> = (Option<&'a Object>, Option<&'a Object>);

/// The objects of both sides by identity; both are sorted.
fn pairs<'a>(expected: &'a [Object], found: &'a [Object]) -> Vec<Pair<'a>> {
    let (mut left, mut right) = (expected.iter().peekable(), found.iter().peekable());
    let mut pairs = Vec::with_capacity(expected.len().max(found.len()));
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return pairs,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => one.identity().cmp(&other.identity()),
        };
        pairs.push(match order {
            Ordering::Less => (left.next(), None),
            Ordering::Greater => (None, right.next()),
            Ordering::Equal => (left.next(), right.next()),
        });
    }
}

struct Comparison<'a> {
    majors: (u32, u32),
    scope: &'a Scope,
    judge: Option<Judge<'a>>,
    /// The names of the objects that are on one side only.
    lonely: HashSet<&'a str>,
    /// The names of tables that inherit columns.
    heirs: HashSet<&'a str>,
    differences: Vec<SchemaDifference>,
}

fn heirs(inventory: &Inventory) -> impl Iterator<Item = &str> {
    let tables = inventory.objects.iter().filter(|object| object.properties.get("parents").is_some());
    tables.map(|object| &*object.name)
}

impl Comparison<'_> {
    fn one_sided(&mut self, object: &Object, expected: bool) {
        // With a table its columns are missing; that is one difference.
        let goes_with = object.of.as_deref().is_some_and(|of| self.lonely.contains(of));
        if goes_with || !self.scope.wants(&object.kind) {
            return;
        }
        if let Some(of) = object.kind.strip_prefix(PRIVILEGES_ON) {
            let value = object.properties.get("privileges").filter(|_| self.scope.privileges);
            if let Some(value) = value.map(str::to_owned) {
                let (before, now) = if expected { (Some(value), None) } else { (None, Some(value)) };
                self.push(format!("{of} {}", object.name), Some("privileges"), before, now, None);
            }
            return;
        }
        let there = Some("present".to_owned());
        let note = versions::explains_object(self.majors, object, expected);
        let (before, now) = if expected { (there, None) } else { (None, there) };
        self.push(object.describe(), None, before, now, note);
    }

    fn properties(&mut self, expected: &Object, found: &Object) -> Result<()> {
        let kind = &*expected.kind;
        if expected.properties == found.properties || !self.scope.wants(kind) {
            return Ok(());
        }
        let mut names: Vec<&str> =
            expected.properties.iter().chain(found.properties.iter()).map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let (before, now) = (expected.properties.get(name), found.properties.get(name));
            if before == now || !self.scope.wants_property(kind, name) {
                continue;
            }
            let mut note = versions::explains(self.majors, expected, found, name);
            if name == "position" && expected.of.as_deref().is_some_and(|of| self.heirs.contains(of)) {
                note = Some("pg_dump writes inherited columns first".to_owned());
            }
            if let (None, Some(before), Some(now)) = (&note, before, now) {
                match self.judge(expected, name, before, now)? {
                    Verdict::Same => continue,
                    Verdict::Different => {}
                    Verdict::Unknown if self.majors.0 == self.majors.1 => {}
                    Verdict::Unknown => {
                        note = Some(format!(
                            "PostgreSQL {} spells it differently from {}; {NOT_ASKED}",
                            self.majors.1, self.majors.0
                        ));
                    }
                }
            }
            let object = match kind.strip_prefix(PRIVILEGES_ON) {
                Some(of) => format!("{of} {}", expected.name),
                None => expected.describe(),
            };
            self.push(object, Some(name), before.map(str::to_owned), now.map(str::to_owned), note);
        }
        Ok(())
    }

    fn judge(&mut self, object: &Object, property: &str, before: &str, now: &str) -> Result<Verdict> {
        match &mut self.judge {
            Some(judge) => judge.compare(object, property, before, now),
            None if Judge::knows(object, property) => Ok(Verdict::Unknown),
            None => Ok(Verdict::Different),
        }
    }

    fn push(
        &mut self,
        object: String,
        property: Option<&str>,
        expected: Option<String>,
        found: Option<String>,
        note: Option<String>,
    ) {
        let property = property.map(str::to_owned);
        self.differences.push(SchemaDifference { object, property, expected, found, note });
    }
}

/// Objects that are listed for their privileges alone: the system's, and those of extensions.
const PRIVILEGES_ON: &str = "privileges on ";
