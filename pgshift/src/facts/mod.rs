//! What is known of a database: its tables, their sizes, columns, constraints and indexes.
//!
//! It comes from a live database or from what `pgshift stats` wrote of one, in the same form; or nothing is known. While
//! statements are walked, [`Facts::change`] keeps it in step: a table that was created is new and empty, an index that was
//! built is there. Nothing here runs anything but queries of the catalogs.

mod change;
mod collect;
mod file;
mod size;
mod take;
#[cfg(test)]
mod tests;

pub(crate) use collect::collect;
pub(crate) use file::load;
pub(crate) use size::Size;

use crate::grammar::{Action, Name, NewIndex};
use common::name::QualifiedName;
use std::collections::BTreeMap;

/// The schema of temporary tables, by its alias.
const TEMPORARY: &str = "pg_temp";

/// What is known.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// Whether it was read from a database: then a table that is not here does not exist.
    pub(crate) complete: bool,
    /// The server's major version.
    pub(crate) major: Option<u32>,
    /// The database's name.
    pub(crate) database: Option<String>,
    pub(crate) time_zone: Option<String>,
    search_path: Vec<String>,
    /// What the path was before the file that is walked.
    usual_path: Vec<String>,
    relations: BTreeMap<QualifiedName, Relation>,
    /// What the file that is walked has created.
    created: Vec<QualifiedName>,
}

/// A relation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Relation {
    /// As in `pg_class.relkind`.
    pub(crate) kind: char,
    pub(crate) size: Size,
    pub(crate) parent: Option<QualifiedName>,
    pub(crate) default_partition: bool,
    pub(crate) columns: Vec<Column>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) indexes: Vec<Index>,
    pub(crate) triggers: Vec<String>,
    /// The relations that a view reads.
    pub(crate) reads: Vec<QualifiedName>,
    pub(crate) writes_per_second: Option<f64>,
    /// It was created by the file that is walked: nobody else can wait for it.
    pub(crate) fresh: bool,
    /// What it holds in the database, when a file says that it creates it and it is there already.
    later: Option<Size>,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) type_name: String,
    pub(crate) not_null: bool,
}

/// A constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Constraint {
    pub(crate) name: String,
    /// As in `pg_constraint.contype`.
    pub(crate) kind: char,
    pub(crate) validated: bool,
    pub(crate) columns: Vec<String>,
    pub(crate) proves_not_null: Vec<String>,
    pub(crate) references: Option<QualifiedName>,
    /// It is there because the parent has it.
    pub(crate) inherited: bool,
}

/// An index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) name: String,
    pub(crate) unique: bool,
    pub(crate) valid: bool,
    pub(crate) partial: bool,
    pub(crate) columns: Vec<String>,
    /// Columns that its expressions and its condition use.
    pub(crate) uses: Vec<String>,
    pub(crate) bytes: Option<u64>,
}

impl Default for Facts {
    /// Nothing is known.
    fn default() -> Self {
        let search_path = vec!["public".to_owned()];
        Self {
            complete: false,
            major: None,
            database: None,
            time_zone: None,
            usual_path: search_path.clone(),
            search_path,
            relations: BTreeMap::new(),
            created: Vec::new(),
        }
    }
}

impl Facts {
    /// The relation that a statement means by a name.
    pub(crate) fn resolve(&self, name: &Name) -> QualifiedName {
        if let Some(schema) = &name.schema {
            return QualifiedName::new(schema, &name.name);
        }
        // Temporary tables come first.
        let path = std::iter::once(TEMPORARY).chain(self.search_path.iter().map(String::as_str));
        let mut path = path.map(|schema| QualifiedName::new(schema, &name.name));
        path.find(|candidate| self.relations.contains_key(candidate)).unwrap_or_else(|| self.place(name))
    }

    /// Where something new of this name comes to be.
    fn place(&self, name: &Name) -> QualifiedName {
        let schema = name.schema.as_deref().or(self.search_path.first().map(String::as_str));
        QualifiedName::new(schema.unwrap_or("public"), &name.name)
    }

    /// Whether it may be there: a relation, or an index of one. Without a database, everything may.
    pub(crate) fn may_have(&self, name: &QualifiedName) -> bool {
        let index = || self.index(&Name { schema: Some(name.schema.clone()), name: name.name.clone() });
        !self.complete || self.relations.contains_key(name) || index().is_some()
    }

    /// What is known of a relation.
    pub(crate) fn relation(&self, name: &QualifiedName) -> Option<&Relation> {
        self.relations.get(name)
    }

    /// Whether the file that is walked created it.
    pub(crate) fn is_fresh(&self, name: &QualifiedName) -> bool {
        self.relation(name).is_some_and(|relation| relation.fresh)
    }

    /// Its partitions and children, and theirs.
    pub(crate) fn descendants(&self, name: &QualifiedName) -> Vec<QualifiedName> {
        let mut found: Vec<QualifiedName> = Vec::new();
        let mut reached = vec![name.clone()];
        while let Some(parent) = reached.pop() {
            let children =
                self.relations.iter().filter(|(_, relation)| relation.parent.as_ref() == Some(&parent));
            for (child, _) in children {
                if !found.contains(child) {
                    found.push(child.clone());
                    reached.push(child.clone());
                }
            }
        }
        found
    }

    /// The default partition of a table.
    pub(crate) fn default_partition(&self, parent: &QualifiedName) -> Option<&QualifiedName> {
        let mut all = self.relations.iter();
        all.find(|(_, relation)| relation.default_partition && relation.parent.as_ref() == Some(parent))
            .map(|(name, _)| name)
    }

    /// The foreign keys that reference a table, each with the table that it is of.
    pub(crate) fn references_to<'a>(
        &'a self,
        target: &'a QualifiedName,
    ) -> impl Iterator<Item = (&'a QualifiedName, &'a Constraint)> {
        self.relations.iter().flat_map(move |(name, relation)| {
            let keys = relation.constraints.iter();
            keys.filter(move |key| key.references.as_ref() == Some(target)).map(move |key| (name, key))
        })
    }

    /// The views that read a relation.
    pub(crate) fn views_on<'a>(
        &'a self,
        target: &'a QualifiedName,
    ) -> impl Iterator<Item = &'a QualifiedName> {
        let all = self.relations.iter();
        all.filter(move |(_, relation)| relation.reads.contains(target)).map(|(name, _)| name)
    }

    /// The index of a name, and its table.
    pub(crate) fn index(&self, name: &Name) -> Option<(&QualifiedName, &Index)> {
        let schemas: Vec<&str> = match &name.schema {
            Some(schema) => vec![schema.as_str()],
            None => self.search_path.iter().map(String::as_str).collect(),
        };
        schemas.into_iter().find_map(|schema| {
            let tables = self.relations.iter().filter(|(table, _)| table.schema == schema);
            let mut found =
                tables.flat_map(|(table, relation)| relation.indexes.iter().map(move |index| (table, index)));
            found.find(|(_, index)| index.name == name.name)
        })
    }

    /// The index that IF NOT EXISTS finds in the place of a new one.
    pub(crate) fn in_place_of(&self, index: &NewIndex) -> Option<&Index> {
        let name = index.name.as_ref().filter(|_| index.if_not_exists)?;
        let schema = Some(self.resolve(&index.table).schema);
        self.index(&Name { schema, name: name.name.clone() }).map(|(_, found)| found)
    }

    /// Whether IF NOT EXISTS makes an action do nothing, since it is done already.
    pub(crate) fn is_done(&self, table: &QualifiedName, action: &Action) -> bool {
        let Action::AddColumn { column, constraints, if_not_exists: true } = action else { return false };
        let known = self.relation(table).map(|relation| relation.columns.as_slice()).unwrap_or_default();
        // Before 13 the server adds the constraints to the column that is there.
        let whole = constraints.is_empty() || self.major.is_some_and(|major| major >= 13);
        whole && known.iter().any(|known| known.name == column.name)
    }

    /// The relations of a schema.
    pub(crate) fn of_schema<'a>(&'a self, schema: &'a str) -> impl Iterator<Item = &'a QualifiedName> {
        self.relations.keys().filter(move |name| name.schema == schema)
    }

    /// All relations of a kind.
    pub(crate) fn of_kind(&self, kind: char) -> impl Iterator<Item = &QualifiedName> {
        self.relations.iter().filter(move |(_, relation)| relation.kind == kind).map(|(name, _)| name)
    }

    /// How large a table is, with its partitions.
    pub(crate) fn size(&self, name: &QualifiedName) -> Size {
        match self.relation(name) {
            None if self.complete => Size::EMPTY,
            None => Size::UNKNOWN,
            Some(relation) if relation.kind == 'p' => {
                let parts = self.descendants(name);
                parts
                    .iter()
                    .filter_map(|part| self.relation(part))
                    .fold(Size::EMPTY, |sum, part| sum + part.size)
            }
            Some(relation) => relation.size,
        }
    }

    /// A file has been walked to its end: what it created is seen by everybody now.
    pub(crate) fn end_of_file(&mut self) {
        self.search_path.clone_from(&self.usual_path);
        for name in std::mem::take(&mut self.created) {
            if name.schema == TEMPORARY {
                self.relations.remove(&name);
            }
            let Some(relation) = self.relations.get_mut(&name) else { continue };
            // Without a database, nobody knows what has been written to it since.
            if relation.fresh && !self.complete {
                relation.size = Size::UNKNOWN;
            }
            relation.size = relation.later.take().unwrap_or(relation.size);
            relation.fresh = false;
        }
    }
}
