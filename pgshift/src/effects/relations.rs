//! Tables that go, indexes, views, and what else hangs on a relation.

use super::{Gather, WorkKind};
use crate::grammar::{Mode, Name, NewIndex, Reindexed, Statement};
use common::name::QualifiedName;

impl Gather<'_> {
    pub(super) fn relations(&mut self, statement: &Statement) {
        match statement {
            Statement::CreateFilled { reads, .. } => self.lock_all(reads, Mode::AccessShare),
            Statement::DropTable { tables, cascade } => {
                for table in tables {
                    self.drop_table(table, *cascade);
                }
            }
            Statement::CreateIndex(index) => self.create_index(index),
            Statement::DropIndex { indexes, concurrently } => {
                for index in indexes {
                    self.drop_index(index, *concurrently);
                }
                if *concurrently {
                    self.effects.alone = Some("DROP INDEX CONCURRENTLY");
                }
            }
            Statement::RenameIndex { index, .. } => self.alter_index(index, Mode::ShareUpdateExclusive),
            Statement::AttachIndex { index, child } => {
                self.alter_index(index, Mode::ShareUpdateExclusive);
                self.alter_index(child, Mode::AccessExclusive);
            }
            Statement::AlterIndex { index, strong } => {
                let mode = if *strong { Mode::AccessExclusive } else { Mode::ShareUpdateExclusive };
                self.alter_index(index, mode);
            }
            Statement::Reindex { target, concurrently } => self.reindex(target, *concurrently),
            Statement::Refresh { view, concurrently, .. } => {
                let mode = if *concurrently { Mode::Exclusive } else { Mode::AccessExclusive };
                let view = self.lock_named(view, mode);
                self.work(&view, if *concurrently { WorkKind::Scan } else { WorkKind::Rewrite });
            }
            Statement::Vacuum { tables, full } => self.vacuum(tables, *full),
            Statement::Cluster { table } => match table {
                Some(table) => {
                    let table = self.lock_named(table, Mode::AccessExclusive);
                    self.work(&table, WorkKind::Rewrite);
                }
                None => self.effects.alone = Some("CLUSTER of all tables"),
            },
            Statement::CreateTrigger { table, .. } => {
                let table = self.facts.resolve(table);
                self.lock_tree(&table, Mode::ShareRowExclusive);
            }
            Statement::OnTable { table, mode, what } => {
                let table = self.facts.resolve(table);
                if what.ends_with("TRIGGER") {
                    self.lock_tree(&table, *mode);
                } else {
                    self.lock(&table, *mode);
                }
            }
            Statement::CreateView { name, replace, reads } => {
                self.lock_all(reads, Mode::AccessShare);
                let view = self.facts.resolve(name);
                if *replace && self.facts.relation(&view).is_some() {
                    self.lock(&view, Mode::AccessExclusive);
                }
            }
            Statement::DropView { names, cascade } => {
                for name in names {
                    let view = self.lock_named(name, Mode::AccessExclusive);
                    self.dependents(&view, *cascade);
                }
            }
            Statement::AlterRelation { name, .. } => {
                self.lock_named(name, Mode::AccessExclusive);
            }
            Statement::Comment { table: Some(table) }
            | Statement::CreateStatistics { table: Some(table) } => {
                self.lock_named(table, Mode::ShareUpdateExclusive);
            }
            Statement::Analyze { tables } | Statement::Publish { tables } => {
                for table in tables {
                    let table = self.facts.resolve(table);
                    self.lock_tree(&table, Mode::ShareUpdateExclusive);
                }
            }
            Statement::DropMany { what, schemas } => self.drop_many(what, schemas),
            _ => {}
        }
    }

    fn drop_table(&mut self, table: &Name, cascade: bool) {
        let table = self.lock_named(table, Mode::AccessExclusive);
        let facts = self.facts;
        let mut gone = vec![table.clone()];
        gone.extend(facts.descendants(&table));
        for table in &gone {
            self.gone(table);
            if cascade {
                for (other, _) in facts.references_to(table) {
                    self.lock(other, Mode::AccessExclusive);
                }
            }
        }
        // The server's partition descriptor of the parent changes, and the default partition's condition.
        let parent = facts.relation(&table).and_then(|relation| relation.parent.as_ref());
        let partitioned =
            |parent: &&QualifiedName| facts.relation(parent).is_some_and(|known| known.kind == 'p');
        if let Some(parent) = parent.filter(partitioned) {
            self.lock(parent, Mode::AccessExclusive);
            if let Some(default) = facts.default_partition(parent).filter(|default| **default != table) {
                self.lock(default, Mode::AccessExclusive);
            }
        }
        self.dependents(&table, cascade);
    }

    /// A relation that goes, its indexes, and the other ends of its foreign keys.
    fn gone(&mut self, name: &QualifiedName) {
        self.lock(name, Mode::AccessExclusive);
        let facts = self.facts;
        let Some(relation) = facts.relation(name) else { return };
        let own = relation.constraints.iter().filter(|key| !key.inherited);
        for target in own.filter_map(|key| key.references.as_ref()) {
            self.lock_tree(target, Mode::AccessExclusive);
        }
    }

    /// Views that go with what they read.
    fn dependents(&mut self, name: &QualifiedName, cascade: bool) {
        let facts = self.facts;
        for view in facts.views_on(name).filter(|_| cascade) {
            self.lock(view, Mode::AccessExclusive);
            self.dependents(view, cascade);
        }
    }

    fn create_index(&mut self, index: &NewIndex) {
        let table = self.facts.resolve(&index.table);
        if index.concurrently {
            self.effects.alone = Some("CREATE INDEX CONCURRENTLY");
            self.lock(&table, Mode::ShareUpdateExclusive);
        } else if index.only {
            self.lock(&table, Mode::Share);
            return;
        } else {
            self.lock_tree(&table, Mode::Share);
        }
        if self.facts.in_place_of(index).is_none() {
            self.work(&table, WorkKind::Build);
        }
    }

    fn drop_index(&mut self, index: &Name, concurrently: bool) {
        let Some((table, _)) = self.facts.index(index) else {
            // With IF EXISTS, what is not there is left alone.
            if !self.facts.complete {
                self.unknown("the table of the index, which is locked as well");
            }
            return;
        };
        let table = table.clone();
        if concurrently {
            return self.lock(&table, Mode::ShareUpdateExclusive);
        }
        self.lock_tree(&table, Mode::AccessExclusive);
    }

    fn alter_index(&mut self, index: &Name, mode: Mode) {
        let schema = self.facts.index(index).map(|(table, _)| table.schema.clone());
        let schema = schema.unwrap_or_else(|| self.facts.resolve(index).schema);
        self.lock(&QualifiedName::new(schema, &index.name), mode);
    }

    fn reindex(&mut self, target: &Reindexed, concurrently: bool) {
        let facts = self.facts;
        let (tables, only): (Vec<QualifiedName>, Option<&Name>) = match target {
            Reindexed::Index(index) => match facts.index(index) {
                Some((table, _)) => (vec![table.clone()], Some(index)),
                None => return self.unknown("the table of the index, which is locked as well"),
            },
            Reindexed::Table(table) => (vec![facts.resolve(table)], None),
            Reindexed::Schema(schema) => {
                self.effects.alone = Some("REINDEX SCHEMA");
                (facts.of_schema(&schema.name).cloned().collect(), None)
            }
            Reindexed::Database => {
                self.effects.alone = Some("REINDEX DATABASE");
                (facts.of_kind('r').cloned().collect(), None)
            }
        };
        if concurrently {
            self.effects.alone = Some("REINDEX CONCURRENTLY");
        }
        for table in tables {
            self.work(&table, WorkKind::Build);
            if concurrently {
                self.lock(&table, Mode::ShareUpdateExclusive);
                continue;
            }
            self.lock(&table, Mode::Share);
            let indexes =
                facts.relation(&table).map(|relation| relation.indexes.as_slice()).unwrap_or_default();
            for index in indexes.iter().filter(|index| only.is_none_or(|only| only.name == index.name)) {
                // Who plans a query looks at all indexes, so that reads wait, too.
                self.lock(&QualifiedName::new(&table.schema, &index.name), Mode::AccessExclusive);
            }
        }
    }

    fn vacuum(&mut self, tables: &[Name], full: bool) {
        self.effects.alone = Some(if full { "VACUUM FULL" } else { "VACUUM" });
        let mode = if full { Mode::AccessExclusive } else { Mode::ShareUpdateExclusive };
        let all = || self.facts.of_kind('r').cloned().collect();
        let tables: Vec<QualifiedName> = if tables.is_empty() {
            all()
        } else {
            tables.iter().map(|table| self.facts.resolve(table)).collect()
        };
        for table in tables {
            self.lock(&table, mode);
            if full {
                self.work(&table, WorkKind::Rewrite);
            }
        }
    }

    fn drop_many(&mut self, what: &str, schemas: &[Name]) {
        let facts = self.facts;
        for schema in schemas {
            for name in facts.of_schema(&schema.name) {
                self.gone(name);
                for (other, _) in facts.references_to(name) {
                    self.lock(other, Mode::AccessExclusive);
                }
            }
        }
        if schemas.is_empty() || !facts.complete {
            self.unknown(&format!("what {what} takes with it"));
        }
    }
}
