//! What a side has, before any row of it is read: the same for a snapshot and for a live database.

use common::format::manifest::{MaterializedView, Sequence, Table};
use common::name::QualifiedName;
use std::collections::{BTreeMap, BTreeSet};

/// A table that holds rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holding {
    /// The table; of a live side without fingerprints and segments.
    pub(crate) table: Table,
    /// The columns of its keys, the best first.
    pub(crate) keys: Vec<Vec<String>>,
    /// The partitioned table at the top, of a partition.
    pub(crate) root: Option<QualifiedName>,
    /// Its pages, of a live heap whose pages can be read by ranges; otherwise 0.
    pub(crate) pages: u64,
    /// Bytes of it, about.
    pub(crate) bytes: u64,
    /// Why it can't be read, if it can't.
    pub(crate) unreadable: Option<String>,
}

/// Something that is not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skip {
    /// What.
    pub(crate) object: String,
    /// Why.
    pub(crate) reason: String,
    /// Whether equality can't be told because of it.
    pub(crate) counts: bool,
}

/// What a side has.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    /// Tables with rows.
    pub(crate) tables: BTreeMap<QualifiedName, Holding>,
    /// Partitioned tables at the top, with their keys.
    pub(crate) roots: BTreeMap<QualifiedName, Vec<Vec<String>>>,
    /// Partitioned tables whose rows may lie in other partitions on another server.
    pub(crate) scattered: BTreeSet<QualifiedName>,
    /// Sequences; their state is read last on a live side.
    pub(crate) sequences: BTreeMap<QualifiedName, Option<Sequence>>,
    /// Materialised views.
    pub(crate) matviews: BTreeMap<QualifiedName, MaterializedView>,
    /// Whether its large objects can be compared.
    pub(crate) objects: bool,
    /// What can't be compared.
    pub(crate) skips: Vec<Skip>,
    /// The database's encoding.
    pub(crate) encoding: String,
}
