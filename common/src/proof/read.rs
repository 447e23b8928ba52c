//! Reads rows as COPY text and hashes each.

use crate::error::{Error, Result};
use crate::format::fingerprint::{Fingerprint, RowHash};
use crate::format::manifest::{Column, Table};
use crate::name::{ident, literal};
use crate::pg::session::Session;

/// A run of a table's pages; without an end it goes on to the last page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pages {
    /// The first page.
    pub first: u64,
    /// The page behind the last one.
    pub end: Option<u64>,
}

/// What rows add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The copied columns.
    pub copied: Fingerprint,
    /// The copied columns with the generated ones at their end; of tables that have such.
    pub with_generated: Option<Fingerprint>,
}

impl Totals {
    /// Counts all rows of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.copied.merge(&other.copied);
        if let Some(full) = &other.with_generated {
            self.with_generated.get_or_insert_default().merge(full);
        }
    }
}

/// The statement that reads the rows of `table` in `pages`, in the bytes of `encoding`.
pub fn copy_out(table: &Table, pages: Option<Pages>, encoding: &str) -> String {
    let name = table.qualified();
    let options = format!("TO STDOUT WITH (ENCODING {})", literal(encoding));
    let condition = table.condition.as_deref().unwrap_or_default();
    if pages.is_none() && table.generated.is_empty() && condition.is_empty() {
        return format!("COPY {name}{} {options}", in_parentheses(&table.columns));
    }
    let columns = list(table.columns.iter().chain(&table.generated));
    let range = pages.map_or(String::new(), |pages| {
        let end = pages.end.map_or(String::new(), |end| format!(" AND ctid < '({end},0)'::pg_catalog.tid"));
        format!(" WHERE ctid >= '({},0)'::pg_catalog.tid{end}", pages.first)
    });
    format!("COPY (SELECT {columns} FROM ONLY {name}{range} {condition}) {options}")
}

/// The statement that takes the rows of `table`, into it or through its root; `options` go on behind the encoding.
pub fn copy_in(table: &Table, encoding: &str, options: &str) -> String {
    let name = table.load_through.clone().unwrap_or_else(|| table.qualified());
    let columns = in_parentheses(&table.columns);
    format!("COPY {name}{columns} FROM STDIN WITH (ENCODING {}{options})", literal(encoding))
}

/// Columns for the head of a COPY; a table without columns has no list.
fn in_parentheses(columns: &[Column]) -> String {
    if columns.is_empty() { String::new() } else { format!(" ({})", list(columns.iter())) }
}

/// Columns for a SELECT.
pub fn list<'a>(columns: impl Iterator<Item = &'a Column>) -> String {
    columns.map(|column| ident(&column.name)).collect::<Vec<_>>().join(", ")
}

/// Reads the rows that `sql` gives. `generated` says after how many fields the generated columns begin, if there
/// are any. `each` gets a row without them, with its newline, and its hash.
pub fn rows(
    session: &mut Session,
    sql: &str,
    generated: Option<usize>,
    mut each: impl FnMut(&[u8], RowHash) -> Result<()>,
) -> Result<Totals> {
    let mut totals =
        Totals { with_generated: generated.map(|_| Fingerprint::default()), ..Totals::default() };
    let mut copied = Vec::new();
    let mut copy = session.copy_out(sql)?;
    while let Some(line) = copy.next_row()? {
        let row = match (&mut totals.with_generated, generated) {
            (Some(full), Some(fields)) => {
                full.add(RowHash::of(line), line.len());
                cut(line, fields, &mut copied)?;
                copied.as_slice()
            }
            _ => line,
        };
        let hash = RowHash::of(row);
        totals.copied.add(hash, row.len());
        each(row, hash)?;
    }
    Ok(totals)
}

/// The first `fields` fields of `line`, as a line.
fn cut(line: &[u8], fields: usize, into: &mut Vec<u8>) -> Result<()> {
    into.clear();
    if fields > 0 {
        let mut tabs = line.iter().enumerate().filter(|(_, byte)| **byte == b'\t');
        let (end, _) =
            tabs.nth(fields - 1).ok_or_else(|| Error::failed("protocol", "a row has too few fields"))?;
        into.extend_from_slice(line.get(..end).unwrap_or_default());
    }
    into.push(b'\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_columns_are_cut_off_behind_the_copied_ones() {
        let mut line = Vec::new();
        cut(b"1\ta\t2\t3\n", 2, &mut line).unwrap();
        assert_eq!(line, b"1\ta\n");
        cut(b"7\n", 0, &mut line).unwrap();
        assert_eq!(line, b"\n");
        assert!(cut(b"1\n", 1, &mut line).is_err());
    }
}
