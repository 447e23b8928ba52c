//! What `pgshift stats` tells of a database: its schema and sizes, and nothing that is in its rows.

use common::records::{Cell, Record, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The database itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DatabaseStats {
    /// Its name.
    pub(crate) database: String,
    /// `server_version_num`.
    pub(crate) server_version_num: u32,
    /// The schemas that names without one are looked for in.
    pub(crate) search_path: Vec<String>,
    /// The time zone of sessions.
    pub(crate) time_zone: String,
}

/// A table, a view, a materialized view, a foreign table or a sequence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RelationStats {
    /// Its schema.
    pub(crate) schema: String,
    /// Its name.
    pub(crate) name: String,
    /// `pg_class.relkind`: `r` table, `p` partitioned table, `v` view, `m` materialized view, `f` foreign table, `S` sequence.
    pub(crate) kind: String,
    /// Rows: an estimate; absent when nobody has counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<u64>,
    /// Bytes without indexes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
    /// The schema of the table that it is a partition or a child of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent_schema: Option<String>,
    /// The name of the table that it is a partition or a child of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent_name: Option<String>,
    /// Whether it is the default partition.
    pub(crate) default_partition: bool,
    /// Names of its triggers, without those of constraints.
    pub(crate) triggers: Vec<String>,
    /// Rows inserted, updated and deleted a second, on average since statistics were last reset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) writes_per_second: Option<f64>,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ColumnStats {
    /// The schema of its table.
    pub(crate) schema: String,
    /// Its table.
    pub(crate) relation: String,
    /// Its name.
    pub(crate) name: String,
    /// Its type with its modifier, as `format_type` writes it.
    pub(crate) type_name: String,
    /// Whether it is NOT NULL.
    pub(crate) not_null: bool,
}

/// A constraint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ConstraintStats {
    /// The schema of its table.
    pub(crate) schema: String,
    /// Its table.
    pub(crate) relation: String,
    /// Its name.
    pub(crate) name: String,
    /// `pg_constraint.contype`: `c` check, `f` foreign key, `p` primary key, `u` unique, `x` exclusion, `n` not null.
    pub(crate) kind: String,
    /// Whether it is known to hold for all rows.
    pub(crate) validated: bool,
    /// Its columns, in its order.
    pub(crate) columns: Vec<String>,
    /// The columns that a check proves to be not null.
    pub(crate) proves_not_null: Vec<String>,
    /// Whether it is there because the parent has it.
    pub(crate) inherited: bool,
    /// The schema of the table that it references.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) references_schema: Option<String>,
    /// The table that it references.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) references_name: Option<String>,
}

/// An index.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct IndexStats {
    /// The schema of its table, and its own.
    pub(crate) schema: String,
    /// Its table.
    pub(crate) relation: String,
    /// Its name.
    pub(crate) name: String,
    /// Whether it is unique.
    pub(crate) unique: bool,
    /// Whether it is valid.
    pub(crate) valid: bool,
    /// Whether it has a condition.
    pub(crate) partial: bool,
    /// Its columns up to the first expression.
    pub(crate) columns: Vec<String>,
    /// Columns that its expressions and its condition use.
    pub(crate) uses: Vec<String>,
    /// Its bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
}

/// A view or materialized view that depends on a relation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ViewStats {
    /// The schema of the view.
    pub(crate) schema: String,
    /// The view.
    pub(crate) name: String,
    /// The schema of the relation that it reads.
    pub(crate) reads_schema: String,
    /// The relation that it reads.
    pub(crate) reads_name: String,
}

impl Record for DatabaseStats {
    const TYPE: &'static str = "database_stats";
    fn row(&self) -> Option<Row> {
        None
    }
}

impl Record for RelationStats {
    const TYPE: &'static str = "relation_stats";
    fn row(&self) -> Option<Row> {
        let table = common::name::QualifiedName::new(&self.schema, &self.name);
        (self.kind == "r" || self.kind == "m").then(|| {
            Row::default()
                .with("table", Cell::text(&table))
                .with("rows", Cell::maybe(self.rows, Cell::Count))
                .with("size", Cell::maybe(self.bytes, Cell::Bytes))
        })
    }
}

impl Record for ColumnStats {
    const TYPE: &'static str = "column_stats";
    fn row(&self) -> Option<Row> {
        None
    }
}

impl Record for ConstraintStats {
    const TYPE: &'static str = "constraint_stats";
    fn row(&self) -> Option<Row> {
        None
    }
}

impl Record for IndexStats {
    const TYPE: &'static str = "index_stats";
    fn row(&self) -> Option<Row> {
        None
    }
}

impl Record for ViewStats {
    const TYPE: &'static str = "view_stats";
    fn row(&self) -> Option<Row> {
        None
    }
}
