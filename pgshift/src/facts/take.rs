//! Facts out of the records of `pgshift stats`; a live database is read into the same records.

use super::{Column, Constraint, Facts, Index, Relation, Size};
use crate::records::{ColumnStats, ConstraintStats, DatabaseStats, IndexStats, RelationStats, ViewStats};
use common::name::QualifiedName;

/// All records of one database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stats {
    pub(crate) database: DatabaseStats,
    pub(crate) relations: Vec<RelationStats>,
    pub(crate) columns: Vec<ColumnStats>,
    pub(crate) constraints: Vec<ConstraintStats>,
    pub(crate) indexes: Vec<IndexStats>,
    pub(crate) views: Vec<ViewStats>,
}

impl From<Stats> for Facts {
    fn from(stats: Stats) -> Self {
        let database = stats.database;
        let mut facts = Self {
            complete: true,
            major: Some(database.server_version_num / 10_000).filter(|major| *major > 0),
            database: Some(database.database),
            time_zone: Some(database.time_zone),
            usual_path: database.search_path.clone(),
            search_path: database.search_path,
            ..Self::default()
        };
        for found in stats.relations {
            let relation = Relation {
                kind: found.kind.chars().next().unwrap_or('r'),
                size: Size { rows: found.rows, bytes: found.bytes },
                parent: found
                    .parent_schema
                    .zip(found.parent_name)
                    .map(|(schema, name)| QualifiedName { schema, name }),
                default_partition: found.default_partition,
                triggers: found.triggers,
                writes_per_second: found.writes_per_second,
                ..Relation::default()
            };
            facts.relations.insert(QualifiedName::new(found.schema, found.name), relation);
        }
        for found in stats.columns {
            if let Some(table) = facts.relations.get_mut(&QualifiedName::new(found.schema, found.relation)) {
                let column =
                    Column { name: found.name, type_name: found.type_name, not_null: found.not_null };
                table.columns.push(column);
            }
        }
        for found in stats.constraints {
            if let Some(table) = facts.relations.get_mut(&QualifiedName::new(found.schema, found.relation)) {
                let references = found.references_schema.zip(found.references_name);
                table.constraints.push(Constraint {
                    name: found.name,
                    kind: found.kind.chars().next().unwrap_or('c'),
                    validated: found.validated,
                    columns: found.columns,
                    proves_not_null: found.proves_not_null,
                    inherited: found.inherited,
                    references: references.map(|(schema, name)| QualifiedName { schema, name }),
                });
            }
        }
        for found in stats.indexes {
            if let Some(table) = facts.relations.get_mut(&QualifiedName::new(found.schema, found.relation)) {
                table.indexes.push(Index {
                    name: found.name,
                    unique: found.unique,
                    valid: found.valid,
                    partial: found.partial,
                    columns: found.columns,
                    uses: found.uses,
                    bytes: found.bytes,
                });
            }
        }
        for found in stats.views {
            if let Some(view) = facts.relations.get_mut(&QualifiedName::new(found.schema, found.name)) {
                view.reads.push(QualifiedName::new(found.reads_schema, found.reads_name));
            }
        }
        facts
    }
}
