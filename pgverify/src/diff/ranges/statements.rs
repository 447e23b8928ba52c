//! The statements that one side is asked for its rows by key ranges.

use super::face::Face;
use crate::diff::Shape;
use common::error::Result;
use common::name::{ident, literal};
use std::sync::Arc;

/// The values of the key's columns as text.
pub(super) type Key = Arc<[String]>;

/// The rows whose keys are above `after` and not above `until`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Range {
    /// The key below the first one; none from the table's first row on.
    pub(super) after: Option<Key>,
    /// The last key; none up to the table's last row.
    pub(super) until: Option<Key>,
}

/// What makes the statements of one side.
pub(super) struct Statements {
    from: String,
    key: Vec<String>,
    key_types: Vec<String>,
    columns: String,
    image: String,
    bucket: String,
    overhead: usize,
}

impl Statements {
    /// Those for the table of `shape` on the side of `face`; `other` is the other side.
    pub(super) fn new(shape: &Shape, face: &Face, other: &Face) -> Result<Self> {
        let name = |place: &usize| shape.columns.get(*place).map(|column| column.name.as_str());
        let mut image = Vec::new();
        for column in &shape.columns {
            image.push(as_image(&column.name, face, other)?);
        }
        let names: Vec<&str> = shape.key.iter().filter_map(name).collect();
        let mut key_types = Vec::new();
        let mut key_image = Vec::new();
        for name in &names {
            key_types.push(face.column(name)?.type_name.clone());
            key_image.push(as_image(name, face, other)?);
        }
        let bucket = match (names.as_slice(), key_types.as_slice()) {
            ([name], [kind]) if INTEGERS.contains(&kind.as_str()) && face.column(name)?.image => {
                format!("pg_catalog.hashint8extended({}::pg_catalog.int8, 0)", ident(name))
            }
            _ => format!(
                "pg_catalog.hash_array_extended(ARRAY[pg_catalog.record_send(ROW({}))], 0)",
                key_image.join(", ")
            ),
        };
        let columns: Vec<String> = order(shape).iter().filter_map(name).map(ident).collect();
        Ok(Self {
            from: format!("{}{}", if face.only { "ONLY " } else { "" }, shape.table),
            key: names.into_iter().map(ident).collect(),
            key_types,
            columns: columns.join(", "),
            image: image.join(", "),
            bucket,
            overhead: ARRAY_BYTES + COLUMN_BYTES * shape.columns.len(),
        })
    }

    /// The key of the `rows`th row of `range`.
    pub(super) fn walk(&self, range: &Range, rows: u64) -> String {
        let keys = self.key.join(", ");
        format!(
            "SELECT {keys} FROM {} {} ORDER BY {keys} OFFSET {} LIMIT 1",
            self.from,
            self.condition(range),
            rows.saturating_sub(1)
        )
    }

    /// Rows, the two sums of hashes, bytes.
    pub(super) fn digest(&self, range: &Range) -> String {
        // The OFFSET keeps the planner from making the image twice.
        format!(
            "SELECT {} FROM (SELECT ARRAY[pg_catalog.record_send(ROW({}))] AS r FROM {} {} OFFSET 0) AS rows",
            self.sums(),
            self.image,
            self.from,
            self.condition(range)
        )
    }

    /// For each bucket that has rows: its number, then as [`Statements::digest`].
    pub(super) fn buckets(&self, range: &Range, count: u64) -> String {
        format!(
            "SELECT k, {} FROM (SELECT {} & {} AS k, ARRAY[pg_catalog.record_send(ROW({}))] AS r FROM {} {} OFFSET 0) AS rows \
             GROUP BY k",
            self.sums(),
            self.bucket,
            count.saturating_sub(1),
            self.image,
            self.from,
            self.condition(range)
        )
    }

    /// The rows themselves, the key's columns first; all of them, or those of some of so many buckets.
    pub(super) fn copy(&self, range: &Range, chosen: Option<(u64, &[u64])>) -> String {
        let mut condition = self.condition(range);
        if let Some((count, buckets)) = chosen {
            let numbers: Vec<String> = buckets.iter().map(u64::to_string).collect();
            let filter = format!(
                "({} & {}) = ANY ('{{{}}}'::pg_catalog.int8[])",
                self.bucket,
                count.saturating_sub(1),
                numbers.join(",")
            );
            condition = if condition.is_empty() {
                format!("WHERE {filter}")
            } else {
                format!("{condition} AND {filter}")
            };
        }
        format!("COPY (SELECT {} FROM {} {condition}) TO STDOUT", self.columns, self.from)
    }

    /// The rows of these keys, as [`Statements::copy`] gives them.
    pub(super) fn by_key(&self, keys: &[Key]) -> String {
        let values: Vec<String> = keys.iter().map(|key| self.values(key)).collect();
        format!(
            "COPY (SELECT {} FROM {} WHERE ({}) IN ({})) TO STDOUT",
            self.columns,
            self.from,
            self.key.join(", "),
            values.join(", ")
        )
    }

    fn sums(&self) -> String {
        // Above all else the length of an image is that of its values.
        format!(
            "pg_catalog.count(*), pg_catalog.sum(pg_catalog.hash_array_extended(r, 1)), pg_catalog.sum(pg_catalog.hash_array_extended(r, 2)), \
             pg_catalog.sum(pg_catalog.pg_column_size(r) - {})",
            self.overhead
        )
    }

    fn condition(&self, range: &Range) -> String {
        let keys = self.key.join(", ");
        let bound = |key: &Option<Key>, operator: &str| {
            key.as_ref().map(|key| format!("ROW({keys}) {operator} ROW{}", self.values(key)))
        };
        let bounds: Vec<String> =
            [bound(&range.after, ">"), bound(&range.until, "<=")].into_iter().flatten().collect();
        if bounds.is_empty() { String::new() } else { format!("WHERE {}", bounds.join(" AND ")) }
    }

    fn values(&self, key: &Key) -> String {
        let values: Vec<String> = key
            .iter()
            .zip(&self.key_types)
            .map(|(value, kind)| format!("{}::{kind}", literal(value)))
            .collect();
        format!("({})", values.join(", "))
    }
}

/// The places of the columns in the order in which rows are read: the key first.
pub(super) fn order(shape: &Shape) -> Vec<usize> {
    let others = (0..shape.columns.len()).filter(|place| !shape.key.contains(place));
    shape.key.iter().copied().chain(others).collect()
}

const INTEGERS: [&str; 3] = ["smallint", "integer", "bigint"];
/// What an array of one `bytea` and a record add to the values.
const ARRAY_BYTES: usize = 32;
/// What a record adds to each.
const COLUMN_BYTES: usize = 8;

/// What a column gives to the image of a row: its binary form when that is the same everywhere, otherwise what its
/// output function says. A cast to text would not do: it strips `character`, and anybody may define one.
fn as_image(name: &str, face: &Face, other: &Face) -> Result<String> {
    let (here, there) = (face.column(name)?, other.column(name)?);
    if here.image && there.image && here.type_oid == there.type_oid {
        return Ok(ident(name));
    }
    Ok(format!("pg_catalog.format('%L', {})", ident(name)))
}
