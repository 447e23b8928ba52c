//! The statements for one row.

use super::Facts;
use crate::diff::{Fields, RowDifference, Shape};
use common::name::{ident, literal};
use std::fmt::Write as _;

/// Settings under which values are written and compared, those that they were read under.
pub(super) const SETTINGS: &[(&str, &str)] = &[
    ("search_path", ""),
    ("DateStyle", "ISO"),
    ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"),
    ("bytea_output", "hex"),
    ("extra_float_digits", "3"),
    ("lc_monetary", "C"),
    ("xmloption", "content"),
    ("xmlbinary", "base64"),
    ("array_nulls", "on"),
    ("transform_null_equals", "off"),
    ("standard_conforming_strings", "on"),
    ("client_min_messages", "warning"),
];

/// What makes a statement fail that hits other rows than it should.
pub(super) const EXPECT: &str = "CREATE FUNCTION pg_temp.expect(wanted pg_catalog.int8, hit pg_catalog.int8, what pg_catalog.text) RETURNS pg_catalog.void \
LANGUAGE plpgsql AS $$
BEGIN
  IF hit <> wanted THEN
    RAISE EXCEPTION '% of % rows are as they were compared: %', hit, wanted, what
      USING HINT = 'Something has changed since then: compare again.';
  END IF;
END $$;";

/// Puts in a row of side A.
pub(super) fn insert(shape: &Shape, facts: &Facts, row: &RowDifference) -> String {
    let Some(fields) = &row.a else { return String::new() };
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    for (column, value) in shape.columns.iter().zip(fields) {
        if !facts.generated.contains(&column.name) {
            columns.push(ident(&column.name));
            values.push(spelled(value.as_deref()));
        }
    }
    let table = &shape.table;
    let statement = if columns.is_empty() {
        format!("INSERT INTO {table} DEFAULT VALUES;\n")
    } else {
        // It says that values for identity columns are meant; others don't mind.
        let (columns, values) = (columns.join(", "), values.join(", "));
        format!("INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({values});\n")
    };
    statement.repeat(usize::try_from(row.rows()).unwrap_or(1))
}

/// Takes away a row of side B.
pub(super) fn delete(shape: &Shape, facts: &Facts, row: &RowDifference) -> String {
    let Some(fields) = &row.b else { return String::new() };
    let (table, count) = (source(shape, facts), row.rows());
    let all: Vec<usize> = (0..shape.columns.len()).collect();
    let mut conditions = key(shape, fields);
    conditions.extend(as_it_was(shape, facts, fields, &all));
    let conditions = if conditions.is_empty() { "true".to_owned() } else { conditions.join(" AND ") };
    let conditions = if shape.key.is_empty() {
        // Of rows that are all the same, any will do.
        format!("(tableoid, ctid) IN (SELECT tableoid, ctid FROM {table} WHERE {conditions} LIMIT {count})")
    } else {
        conditions
    };
    checked(&format!("DELETE FROM {table} WHERE {conditions}"), count, shape, fields)
}

/// Changes a row of side B to that of side A.
pub(super) fn update(shape: &Shape, facts: &Facts, row: &RowDifference) -> String {
    let (Some(before), Some(now)) = (&row.b, &row.a) else { return String::new() };
    let changed = row.columns();
    let mut assignments = Vec::new();
    for &place in &changed {
        let (Some(column), Some(value)) = (shape.columns.get(place), now.get(place)) else { continue };
        if !facts.generated.contains(&column.name) {
            assignments.push(format!("{} = {}", ident(&column.name), spelled(value.as_deref())));
        }
    }
    if assignments.is_empty() {
        let remark = format!("-- {}: only generated columns differ\n", label(shape, before));
        return remark;
    }
    let mut conditions = key(shape, before);
    let places: Vec<usize> = shape.key.iter().chain(&changed).copied().collect();
    conditions.extend(as_it_was(shape, facts, before, &places));
    let statement = format!(
        "UPDATE {} SET {} WHERE {}",
        source(shape, facts),
        assignments.join(", "),
        conditions.join(" AND ")
    );
    checked(&statement, 1, shape, before)
}

fn source(shape: &Shape, facts: &Facts) -> String {
    if facts.whole { shape.table.to_string() } else { format!("ONLY {}", shape.table) }
}

/// The key, as its index finds it.
fn key(shape: &Shape, fields: &Fields) -> Vec<String> {
    let pair = |&place: &usize| {
        let (column, value) = (shape.columns.get(place)?, fields.get(place)?.as_deref()?);
        Some(format!("{} = {}", ident(&column.name), literal(value)))
    };
    shape.key.iter().filter_map(pair).collect()
}

/// Conditions that hold only of a row that has these very values: by the texts of their output functions, which tell apart
/// what is equal to an operator. A cast to text would not do: that of `inet` or `boolean` spells otherwise.
fn as_it_was(shape: &Shape, facts: &Facts, fields: &Fields, places: &[usize]) -> Vec<String> {
    let condition = |&place: &usize| {
        let (column, value) = (shape.columns.get(place)?, fields.get(place)?);
        if facts.generated.contains(&column.name) {
            return None;
        }
        let name = ident(&column.name);
        Some(match value {
            None => format!("pg_catalog.num_nulls({name}) = 1"),
            Some(text) => format!(
                "pg_catalog.num_nulls({name}) = 0 AND pg_catalog.format('%s', {name}) COLLATE \"C\" = {}",
                literal(text)
            ),
        })
    };
    places.iter().filter_map(condition).collect()
}

fn checked(statement: &str, count: u64, shape: &Shape, fields: &Fields) -> String {
    format!(
        "WITH hit AS ({statement} RETURNING 1) SELECT pg_temp.expect({count}, count(*), {}) FROM hit;\n",
        literal(&label(shape, fields))
    )
}

/// How a message names a row.
fn label(shape: &Shape, fields: &Fields) -> String {
    let mut label = format!("table {}", shape.table);
    for &place in &shape.key {
        if let (Some(column), Some(value)) = (shape.columns.get(place), fields.get(place)) {
            // Writing to a string does not fail.
            let _ = write!(label, ", {} {}", column.name, value.as_deref().unwrap_or("NULL"));
        }
    }
    common::records::human::plain(&label)
}

fn spelled(value: Option<&str>) -> String {
    value.map_or_else(|| "NULL".to_owned(), literal)
}
