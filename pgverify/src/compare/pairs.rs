//! Which tables of the two sides belong together, and what of them can be compared.
//!
//! Partitions are compared each by itself when both sides have the same ones; otherwise, and when rows may lie in other
//! partitions on another server, all of a partitioned table's rows are compared as one set. What a side has alone is
//! told as such. Columns are matched by name: their order is nobody's business.

use super::sheet::{Holding, Sheet};
use super::side::Side;
use crate::diff::{Column, Shape};
use common::name::QualifiedName;
use std::collections::{BTreeMap, BTreeSet};

/// What kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A table.
    Table,
    /// A partitioned table, all partitions together.
    Whole,
    /// A materialised view.
    Matview,
}

/// A table on both sides.
#[derive(Debug)]
pub(crate) struct Pair<'a> {
    /// What it is.
    pub(crate) what: What,
    /// Its name, common columns and key.
    pub(crate) shape: Shape,
    /// What holds its rows on side A.
    pub(crate) a: Vec<&'a Holding>,
    /// What holds its rows on side B.
    pub(crate) b: Vec<&'a Holding>,
    /// Columns beyond those of the shape that are generated on a side that is a snapshot: they are proved, not shown.
    pub(crate) proved: Vec<String>,
    /// Columns that are not alike.
    pub(crate) unlike: Vec<Unlike>,
}

impl Pair<'_> {
    /// Bytes of it, about, on both sides.
    pub(crate) fn bytes(&self) -> u64 {
        self.a.iter().chain(&self.b).map(|part| part.bytes).sum()
    }

    /// How messages name it.
    pub(crate) fn describe(&self) -> String {
        let kind = if self.what == What::Matview { "materialized view" } else { "table" };
        format!("{kind} {}", self.shape.table)
    }
}

/// A column that is not alike on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unlike {
    /// Its name.
    pub(crate) column: String,
    /// Its type on side A, if it is there.
    pub(crate) a: Option<String>,
    /// Its type on side B.
    pub(crate) b: Option<String>,
}

/// How the two sides' tables go together.
#[derive(Debug, Default)]
pub(crate) struct Pairs<'a> {
    /// On both sides.
    pub(crate) both: Vec<Pair<'a>>,
    /// On side A alone.
    pub(crate) only_a: Vec<&'a Holding>,
    /// On side B alone.
    pub(crate) only_b: Vec<&'a Holding>,
}

impl<'a> Pairs<'a> {
    /// Pairs the tables of two sides.
    pub(crate) fn of(a: &'a Side, b: &'a Side) -> Self {
        let (ours, theirs) = (a.sheet(), b.sheet());
        let mut pairs = Self::default();
        let mut done: (BTreeSet<&QualifiedName>, BTreeSet<&QualifiedName>) = Default::default();
        let (our_roots, their_roots) = (partitions(ours), partitions(theirs));
        let roots: BTreeSet<_> = our_roots.keys().chain(their_roots.keys()).copied().collect();
        for root in roots {
            let holdings = |sheet: &'a Sheet, roots: &BTreeMap<&QualifiedName, Vec<&'a Holding>>| {
                // A side may have it as a plain table, or without any partition.
                let plain = || sheet.tables.get(root).map(|holding| vec![holding]);
                roots
                    .get(root)
                    .cloned()
                    .or_else(plain)
                    .or_else(|| sheet.roots.contains_key(root).then(Vec::new))
            };
            let (Some(a_parts), Some(b_parts)) = (holdings(ours, &our_roots), holdings(theirs, &their_roots))
            else {
                continue;
            };
            let names =
                |parts: &[&Holding]| parts.iter().map(|part| part.table.qualified()).collect::<BTreeSet<_>>();
            let scattered = ours.scattered.contains(root) || theirs.scattered.contains(root);
            if names(&a_parts) == names(&b_parts) && !scattered {
                continue;
            }
            let taken = |sheet: &'a Sheet, parts: &[&Holding]| {
                let of = |name: &&QualifiedName| parts.iter().any(|part| part.table.qualified() == **name);
                sheet.tables.keys().filter(of).collect::<Vec<_>>()
            };
            done.0.extend(taken(ours, &a_parts));
            done.1.extend(taken(theirs, &b_parts));
            let keys = |sheet: &'a Sheet| {
                let plain = || sheet.tables.get(root).map(|holding| holding.keys.as_slice());
                sheet.roots.get(root).map(Vec::as_slice).or_else(plain).unwrap_or_default()
            };
            let keys = (keys(ours), keys(theirs));
            pairs.both.push(pair(What::Whole, root.clone(), (a, a_parts), (b, b_parts), keys));
        }
        let names: BTreeSet<_> = ours.tables.keys().chain(theirs.tables.keys()).collect();
        for name in names {
            let here = ours.tables.get(name).filter(|_| !done.0.contains(name));
            let there = theirs.tables.get(name).filter(|_| !done.1.contains(name));
            match (here, there) {
                (Some(here), Some(there)) => {
                    let keys = (here.keys.as_slice(), there.keys.as_slice());
                    pairs.both.push(pair(What::Table, name.clone(), (a, vec![here]), (b, vec![there]), keys));
                }
                (Some(here), None) => pairs.only_a.push(here),
                (None, Some(there)) => pairs.only_b.push(there),
                (None, None) => {}
            }
        }
        pairs
    }
}

/// The partitions that hold rows, by the partitioned table at the top.
fn partitions(sheet: &Sheet) -> BTreeMap<&QualifiedName, Vec<&Holding>> {
    let mut roots: BTreeMap<&QualifiedName, Vec<&Holding>> = BTreeMap::new();
    for holding in sheet.tables.values() {
        if let Some(root) = &holding.root {
            roots.entry(root).or_default().push(holding);
        }
    }
    roots
}

type Part<'a> = (&'a Side, Vec<&'a Holding>);
type Keys<'a> = (&'a [Vec<String>], &'a [Vec<String>]);

fn pair<'a>(what: What, table: QualifiedName, a: Part<'a>, b: Part<'a>, keys: Keys<'_>) -> Pair<'a> {
    let ((a_side, a), (b_side, b)) = (a, b);
    // Without a partition a side has no columns of its own to speak of: those of the other side stand in.
    let (ours, theirs) = (a.first().or(b.first()), b.first().or(a.first()));
    let ours = ours.map(|holding| columns(holding, a_side)).unwrap_or_default();
    let theirs = theirs.map(|holding| columns(holding, b_side)).unwrap_or_default();
    let common: Vec<Column> = ours
        .iter()
        .filter(|(_, our)| our.readable)
        .filter_map(|(name, our)| {
            let (_, their) = theirs.iter().find(|(other, their)| other == name && their.readable)?;
            Some(Column {
                name: (*name).to_owned(),
                a_type: our.type_name.to_owned(),
                b_type: their.type_name.to_owned(),
            })
        })
        .collect();
    let is_common = |name: &str| common.iter().any(|column| column.name == name);
    // In the order of the side that is a snapshot: its sum is over the rows with these at their end.
    let (order, other) = if a_side.stored().is_some() { (&ours, &theirs) } else { (&theirs, &ours) };
    let shared = |name: &&str| !is_common(name) && other.iter().any(|(others, _)| others == name);
    let proved: Vec<String> = order.iter().map(|(name, _)| *name).filter(shared).map(str::to_owned).collect();
    let mut unlike: Vec<Unlike> = ours
        .iter()
        .map(|(name, our)| Unlike {
            column: (*name).to_owned(),
            a: Some(our.type_name.to_owned()),
            b: theirs.iter().find(|(other, _)| other == name).map(|(_, their)| their.type_name.to_owned()),
        })
        .collect();
    let theirs_alone = theirs.iter().filter(|(name, _)| !ours.iter().any(|(other, _)| other == name));
    unlike.extend(theirs_alone.map(|(name, their)| Unlike {
        column: (*name).to_owned(),
        a: None,
        b: Some(their.type_name.to_owned()),
    }));
    unlike.retain(|column| column.a != column.b);
    let key = key((a_side, keys.0), (b_side, keys.1), &common);
    Pair { what, shape: Shape { table, columns: common, key }, a, b, proved, unlike }
}

/// A column as one side has it.
struct Own<'a> {
    type_name: &'a str,
    /// Whether its values can be read: a snapshot holds no generated ones.
    readable: bool,
}

fn columns<'a>(holding: &'a Holding, side: &Side) -> Vec<(&'a str, Own<'a>)> {
    let stored = holding.table.columns.iter().map(|column| (column, true));
    let generated = holding.table.generated.iter().map(|column| (column, side.live().is_some()));
    let own = stored.chain(generated);
    own.map(|(column, readable)| (column.name.as_str(), Own { type_name: &column.type_name, readable }))
        .collect()
}

/// The best key that holds on every side that knows its keys, as places in `common`.
///
/// Only a live side's keys are sure. A snapshot's rows are matched by the live side's key: should it not be unique in
/// them, the engine tells that as well. Between two snapshots, the primary keys in their schemas count.
fn key(a: (&Side, &[Vec<String>]), b: (&Side, &[Vec<String>]), common: &[Column]) -> Vec<usize> {
    let places = |key: &Vec<String>| -> Option<Vec<usize>> {
        key.iter().map(|name| common.iter().position(|column| column.name == *name)).collect()
    };
    let same = |key: &&Vec<String>, keys: &[Vec<String>]| {
        let set = |key: &Vec<String>| key.iter().cloned().collect::<BTreeSet<_>>();
        keys.iter().any(|other| set(other) == set(key))
    };
    let alike = a.0.live().is_some() == b.0.live().is_some();
    let (keys, others) = if a.0.live().is_some() || alike { (a.1, b.1) } else { (b.1, a.1) };
    keys.iter().filter(|key| !alike || same(key, others)).find_map(places).unwrap_or_default()
}
