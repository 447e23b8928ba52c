//! Facts kept in step with the statements that are walked.

use super::{Column, Constraint, Facts, Index, Relation, Size, TEMPORARY};
use crate::grammar::{self, Action, ConstraintKind, Name, NewIndex, NewTable, Statement};
use common::name::QualifiedName;

impl Facts {
    /// What the statement changes.
    pub(crate) fn change(&mut self, statement: &Statement) {
        match statement {
            Statement::CreateTable(table) => self.create(table),
            Statement::CreateFilled { name, view, temporary, .. } => {
                let kind = if *view { 'm' } else { 'r' };
                let relation = Relation { kind, size: Size::UNKNOWN, fresh: true, ..Relation::default() };
                let hidden = || Name { schema: Some(TEMPORARY.to_owned()), name: name.name.clone() };
                self.appear(&if *temporary { hidden() } else { name.clone() }, relation);
            }
            Statement::CreateView { name, reads, .. } => {
                let reads = reads.iter().map(|read| self.resolve(read)).collect();
                self.appear(name, Relation { kind: 'v', reads, fresh: true, ..Relation::default() });
            }
            Statement::DropTable { tables, .. } => tables.iter().for_each(|table| self.forget(table)),
            Statement::DropView { names, .. } => names.iter().for_each(|name| self.forget(name)),
            Statement::DropMany { schemas, .. } => {
                self.relations.retain(|name, _| !schemas.iter().any(|schema| schema.name == name.schema));
            }
            Statement::AlterRelation { name, renamed: Some(to) } => self.rename(name, &to.name),
            Statement::CreateIndex(index) => self.index_built(index),
            Statement::DropIndex { indexes, .. } => {
                for index in indexes {
                    self.index_gone(index);
                }
            }
            Statement::RenameIndex { index, to } => {
                self.with_index(index, |found| found.name.clone_from(&to.name));
            }
            Statement::Truncate { tables, .. } => {
                for table in tables {
                    let name = self.resolve(table);
                    if let Some(relation) = self.relations.get_mut(&name) {
                        relation.size = Size::EMPTY;
                    }
                }
            }
            Statement::Insert { table, from_query: true, .. } | Statement::Copy { table, into: true } => {
                // What was empty may be large now.
                let name = self.resolve(table);
                if let Some(relation) =
                    self.relations.get_mut(&name).filter(|relation| relation.size == Size::EMPTY)
                {
                    relation.size = Size::UNKNOWN;
                }
            }
            Statement::Set { name, value, .. } if name == "search_path" => self.search(value),
            Statement::AlterTable { table, actions } => {
                let name = self.known(table);
                for action in actions {
                    self.altered(&name, action);
                }
            }
            _ => {}
        }
    }

    /// The schemas that a setting of `search_path` names.
    fn search(&mut self, value: &str) {
        let schemas = value.split(',').map(|schema| schema.trim().trim_matches(['\'', '"']));
        self.search_path =
            schemas.filter(|schema| !schema.is_empty() && *schema != "$user").map(str::to_owned).collect();
        if value.trim().eq_ignore_ascii_case("default") {
            self.search_path.clone_from(&self.usual_path);
        }
    }

    /// A relation that a statement is about is there, whether or not a database was asked.
    fn known(&mut self, name: &Name) -> QualifiedName {
        let name = self.resolve(name);
        if !self.complete {
            let guess = || Relation { kind: 'r', ..Relation::default() };
            self.relations.entry(name.clone()).or_insert_with(guess);
        }
        name
    }

    fn appear(&mut self, name: &Name, relation: Relation) {
        let name = self.place(name);
        self.put(name, relation);
    }

    fn put(&mut self, name: QualifiedName, relation: Relation) {
        if relation.fresh {
            self.created.push(name.clone());
        }
        self.relations.insert(name, relation);
    }

    fn forget(&mut self, name: &Name) {
        let name = self.resolve(name);
        for part in self.descendants(&name) {
            self.relations.remove(&part);
        }
        self.relations.remove(&name);
        for relation in self.relations.values_mut() {
            relation.constraints.retain(|key| key.references.as_ref() != Some(&name));
        }
    }

    fn create(&mut self, table: &NewTable) {
        let name = if table.temporary {
            QualifiedName::new(TEMPORARY, &table.name.name)
        } else {
            self.place(&table.name)
        };
        if table.if_not_exists && self.relations.contains_key(&name) {
            return;
        }
        let parent =
            table.partition_of.as_ref().or(table.inherits.first()).map(|parent| self.resolve(parent));
        let mut relation = Relation {
            kind: if table.partitioned { 'p' } else { 'r' },
            size: Size::EMPTY,
            parent,
            default_partition: table.is_default,
            fresh: true,
            ..Relation::default()
        };
        for column in &table.columns {
            relation.columns.push(Column {
                name: column.name.clone(),
                type_name: column.type_name.clone(),
                not_null: column.not_null,
            });
        }
        let known = self.relations.get(&name).filter(|known| self.complete && !known.fresh);
        relation.later = known.map(|known| known.size);
        self.put(name.clone(), relation);
        for constraint in &table.constraints {
            self.constrained(&name, constraint);
        }
    }

    fn constrained(&mut self, table: &QualifiedName, constraint: &grammar::Constraint) {
        let references = constraint.references.as_ref().map(|target| self.resolve(target));
        let used = constraint
            .using_index
            .as_ref()
            .and_then(|index| self.index(index).map(|(_, index)| index.columns.clone()));
        let Some(relation) = self.relations.get_mut(table) else { return };
        let columns = used.unwrap_or_else(|| constraint.columns.clone());
        let name = constraint.name.clone().unwrap_or_else(|| usual_name(&table.name, constraint));
        let unique = matches!(constraint.kind, ConstraintKind::Unique | ConstraintKind::Primary);
        if constraint.kind == ConstraintKind::NotNull && constraint.valid {
            for column in relation.columns.iter_mut().filter(|column| columns.contains(&column.name)) {
                column.not_null = true;
            }
        }
        if unique && constraint.using_index.is_none() {
            let (name, columns) = (name.clone(), columns.clone());
            relation.indexes.push(Index { name, unique: true, valid: true, columns, ..Index::default() });
        }
        relation.constraints.push(Constraint {
            name,
            kind: letter(constraint.kind),
            validated: constraint.valid,
            columns,
            proves_not_null: constraint.proves.clone(),
            inherited: false,
            references,
        });
    }

    fn index_built(&mut self, index: &NewIndex) {
        let table = self.known(&index.table);
        if self.in_place_of(index).is_some() {
            return;
        }
        let Some(relation) = self.relations.get_mut(&table) else { return };
        let usual = || format!("{}_{}_idx", table.name, index.columns.join("_"));
        relation.indexes.push(Index {
            name: index.name.as_ref().map_or_else(usual, |name| name.name.clone()),
            unique: index.unique,
            valid: !index.only,
            partial: index.partial,
            columns: index.columns.clone(),
            uses: Vec::new(),
            bytes: None,
        });
    }

    fn index_gone(&mut self, index: &Name) {
        let Some(table) = self.index(index).map(|(table, _)| table.clone()) else { return };
        if let Some(relation) = self.relations.get_mut(&table) {
            relation.indexes.retain(|found| found.name != index.name);
        }
    }

    fn with_index(&mut self, index: &Name, change: impl FnOnce(&mut Index)) {
        let Some(table) = self.index(index).map(|(table, _)| table.clone()) else { return };
        let Some(relation) = self.relations.get_mut(&table) else { return };
        if let Some(found) = relation.indexes.iter_mut().find(|found| found.name == index.name) {
            change(found);
        }
    }

    fn rename(&mut self, from: &Name, to: &str) {
        let old = self.resolve(from);
        let Some(relation) = self.relations.remove(&old) else { return };
        let new = QualifiedName::new(&old.schema, to);
        self.moved(&old, &new);
        self.put(new, relation);
    }

    /// What refers to a relation by its name.
    fn moved(&mut self, old: &QualifiedName, new: &QualifiedName) {
        for relation in self.relations.values_mut() {
            let names = relation.constraints.iter_mut().filter_map(|key| key.references.as_mut());
            let names = names.chain(relation.parent.as_mut()).chain(relation.reads.iter_mut());
            names.filter(|name| *name == old).for_each(|name| name.clone_from(new));
        }
    }

    fn altered(&mut self, name: &QualifiedName, action: &Action) {
        match action {
            _ if self.is_done(name, action) => return,
            Action::AddConstraint(constraint) => return self.constrained(name, constraint),
            Action::AttachPartition { child, is_default } => {
                let child = self.known(child);
                if let Some(relation) = self.relations.get_mut(&child) {
                    (relation.parent, relation.default_partition) = (Some(name.clone()), *is_default);
                }
                return;
            }
            Action::DetachPartition { child, .. } | Action::NoInherit(child) => {
                let child =
                    if matches!(action, Action::NoInherit(_)) { name.clone() } else { self.resolve(child) };
                if let Some(relation) = self.relations.get_mut(&child) {
                    (relation.parent, relation.default_partition) = (None, false);
                }
                return;
            }
            Action::Inherit(parent) => {
                let parent = self.resolve(parent);
                if let Some(relation) = self.relations.get_mut(name) {
                    relation.parent = Some(parent);
                }
                return;
            }
            Action::RenameTable(to) => {
                return self
                    .rename(&Name { schema: Some(name.schema.clone()), name: name.name.clone() }, &to.name);
            }
            Action::SetSchema(schema) => {
                if let Some(relation) = self.relations.remove(name) {
                    let new = QualifiedName::new(schema, &name.name);
                    self.moved(name, &new);
                    self.put(new, relation);
                }
                return;
            }
            Action::AddColumn { constraints, .. } => {
                for constraint in constraints {
                    self.constrained(name, constraint);
                }
            }
            _ => {}
        }
        if let Some(relation) = self.relations.get_mut(name) {
            relation.altered(action);
        }
    }
}

impl Relation {
    /// What an action changes of the relation alone.
    fn altered(&mut self, action: &Action) {
        let not_null = |columns: &mut Vec<Column>, wanted: &str, value: bool| {
            columns
                .iter_mut()
                .filter(|column| column.name == wanted)
                .for_each(|column| column.not_null = value);
        };
        match action {
            Action::AddColumn { column, .. } => {
                self.columns.retain(|known| known.name != column.name);
                let (name, type_name) = (column.name.clone(), column.type_name.clone());
                self.columns.push(Column { name, type_name, not_null: column.not_null });
            }
            Action::DropColumn(gone) => {
                self.columns.retain(|column| column.name != *gone);
                self.constraints.retain(|constraint| !constraint.columns.contains(gone));
                self.indexes.retain(|index| !index.columns.contains(gone) && !index.uses.contains(gone));
            }
            Action::SetNotNull(column) => not_null(&mut self.columns, column, true),
            Action::DropNotNull(column) => not_null(&mut self.columns, column, false),
            Action::SetType { column, to, .. } => {
                self.columns
                    .iter_mut()
                    .filter(|known| known.name == *column)
                    .for_each(|known| known.type_name.clone_from(to));
            }
            Action::DropConstraint { name, .. } => {
                self.constraints.retain(|constraint| constraint.name != *name);
                self.indexes.retain(|index| index.name != *name);
            }
            Action::ValidateConstraint(name) => {
                let found = self.constraints.iter_mut().find(|constraint| constraint.name == *name);
                if let Some(constraint) = found {
                    constraint.validated = true;
                    if constraint.kind == 'n' {
                        let columns = constraint.columns.clone();
                        for column in &columns {
                            not_null(&mut self.columns, column, true);
                        }
                    }
                }
            }
            Action::RenameConstraint { from, to } => {
                self.constraints
                    .iter_mut()
                    .filter(|known| known.name == *from)
                    .for_each(|known| known.name.clone_from(to));
                self.indexes
                    .iter_mut()
                    .filter(|known| known.name == *from)
                    .for_each(|known| known.name.clone_from(to));
            }
            Action::RenameColumn { from, to } => {
                let keys = self
                    .constraints
                    .iter_mut()
                    .flat_map(|key| key.columns.iter_mut().chain(key.proves_not_null.iter_mut()));
                let names = self.columns.iter_mut().map(|column| &mut column.name).chain(keys);
                let names = names.chain(self.indexes.iter_mut().flat_map(|index| index.columns.iter_mut()));
                names.filter(|name| *name == from).for_each(|name| name.clone_from(to));
            }
            _ => {}
        }
    }
}

fn letter(kind: ConstraintKind) -> char {
    match kind {
        ConstraintKind::Check => 'c',
        ConstraintKind::Foreign => 'f',
        ConstraintKind::Unique => 'u',
        ConstraintKind::Primary => 'p',
        ConstraintKind::Exclusion => 'x',
        ConstraintKind::NotNull => 'n',
    }
}

/// The name that the server gives to a constraint without one.
fn usual_name(table: &str, constraint: &grammar::Constraint) -> String {
    let columns = constraint.columns.join("_");
    match constraint.kind {
        ConstraintKind::Primary => format!("{table}_pkey"),
        ConstraintKind::Foreign => format!("{table}_{columns}_fkey"),
        ConstraintKind::Unique => format!("{table}_{columns}_key"),
        ConstraintKind::Exclusion => format!("{table}_excl"),
        ConstraintKind::NotNull => format!("{table}_{columns}_not_null"),
        ConstraintKind::Check if columns.is_empty() => format!("{table}_check"),
        ConstraintKind::Check => format!("{table}_{columns}_check"),
    }
}
