//! In which order tables can be changed without breaking a foreign key on the way.

use common::error::{Context as _, Result};
use common::name::{QualifiedName, ident};
use common::pg::session::Session;
use std::collections::{BTreeMap, BTreeSet};

/// A table refers to another one.
#[derive(Clone, Debug)]
struct Reference {
    child: QualifiedName,
    parent: QualifiedName,
    deferrable: bool,
    constraint: String,
    own: bool,
}

/// All foreign keys of a database.
pub(super) struct References(Vec<Reference>);

impl References {
    pub(super) fn read(session: &mut Session) -> Result<Self> {
        let rows = session
            .query(include_str!("foreign_keys.sql"))
            .context(|| "cannot read the foreign keys".to_owned())?;
        let reference = |row: &common::pg::session::Row| Reference {
            child: QualifiedName::new(row.text(0), row.text(1)),
            parent: QualifiedName::new(row.text(2), row.text(3)),
            deferrable: row.is_true(4),
            constraint: row.text(5).to_owned(),
            own: row.is_true(6),
        };
        Ok(Self(rows.iter().map(reference).collect()))
    }
}

/// An order of tables.
pub(super) struct Order<'a> {
    tables: Vec<&'a QualifiedName>,
    referred: BTreeSet<&'a QualifiedName>,
    /// Foreign keys that lead in a circle and are checked at once: table and quoted constraint.
    pub(super) circles: Vec<(QualifiedName, String)>,
    /// What is to be said of other such keys.
    pub(super) remarks: Vec<String>,
}

impl<'a> Order<'a> {
    /// Puts each table behind those that it refers to, as far as that is possible.
    pub(super) fn of(tables: &'a [QualifiedName], references: &'a References) -> Self {
        let known: BTreeSet<&QualifiedName> = tables.iter().collect();
        let mut parents: BTreeMap<&QualifiedName, Vec<&Reference>> = BTreeMap::new();
        let mut referred = BTreeSet::new();
        for reference in &references.0 {
            if known.contains(&reference.parent) {
                referred.insert(&reference.parent);
                if known.contains(&reference.child) {
                    parents.entry(&reference.child).or_default().push(reference);
                }
            }
        }
        let mut order = Self { tables: Vec::new(), referred, circles: Vec::new(), remarks: Vec::new() };
        let mut done = BTreeSet::new();
        for table in tables {
            order.visit(table, &parents, &mut done);
        }
        order
    }

    /// Depth first, without recursion: chains may be longer than a stack likes.
    fn visit(
        &mut self,
        table: &'a QualifiedName,
        parents: &BTreeMap<&'a QualifiedName, Vec<&'a Reference>>,
        done: &mut BTreeSet<&'a QualifiedName>,
    ) {
        let mut open = BTreeSet::new();
        let mut pending = vec![(table, false)];
        while let Some((table, all_parents_done)) = pending.pop() {
            if all_parents_done {
                open.remove(table);
                done.insert(table);
                self.tables.push(table);
                continue;
            }
            if done.contains(table) || !open.insert(table) {
                continue;
            }
            pending.push((table, true));
            for reference in parents.get(table).into_iter().flatten() {
                if open.contains(&reference.parent) {
                    self.circle(reference);
                } else if !done.contains(&reference.parent) {
                    pending.push((&reference.parent, false));
                }
            }
        }
    }

    fn circle(&mut self, reference: &Reference) {
        let Reference { child, constraint, own, .. } = reference;
        if reference.deferrable {
            return;
        }
        let name = ident(constraint);
        if *own {
            self.circles.push((child.clone(), name));
        } else {
            self.remarks.push(format!(
                "foreign key {name} of {child} leads in a circle and is not deferrable: should its check fail, make it \
                 deferrable at the partitioned table for the time being"
            ));
        }
    }

    pub(super) fn parents_first(&self) -> Vec<&'a QualifiedName> {
        self.tables.clone()
    }

    /// Tables that nothing refers to: what is unique in them should be free before rows come in.
    pub(super) fn free_to_delete(&self) -> Vec<&'a QualifiedName> {
        self.tables.iter().rev().copied().filter(|table| !self.referred.contains(table)).collect()
    }

    /// Tables that others refer to, children first.
    pub(super) fn bound_to_delete(&self) -> Vec<&'a QualifiedName> {
        self.tables.iter().rev().copied().filter(|table| self.referred.contains(table)).collect()
    }
}
