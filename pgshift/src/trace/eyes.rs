//! Whoever can look from inside of the transaction that works: our own session, or somebody who asks for us.

use common::error::{Error, Result};
use common::pg::session::Session;
use std::str::FromStr;

/// A row as text.
pub(crate) type Fields = Vec<Option<String>>;

/// Looks from inside of the transaction that works.
pub(crate) trait Eyes {
    /// The rows of a query with so many columns.
    fn rows(&mut self, sql: &str, columns: usize) -> Result<Vec<Fields>>;
}

impl Eyes for Session {
    fn rows(&mut self, sql: &str, columns: usize) -> Result<Vec<Fields>> {
        let rows = self.query(sql)?;
        Ok(rows.iter().map(|row| (0..columns).map(|index| row.owned(index)).collect()).collect())
    }
}

/// The text of a field; empty when it is NULL.
pub(super) fn text(fields: &Fields, index: usize) -> &str {
    fields.get(index).and_then(Option::as_deref).unwrap_or_default()
}

/// The number in a field, unless it is NULL.
pub(super) fn optional<T: FromStr>(fields: &Fields, index: usize) -> Result<Option<T>> {
    let Some(Some(text)) = fields.get(index) else { return Ok(None) };
    let number = text.parse().map(Some);
    number.map_err(|_| Error::failed("protocol", format!("the server says {text:?} where a number is")))
}

/// The number in a field.
pub(super) fn number<T: FromStr>(fields: &Fields, index: usize) -> Result<T> {
    optional(fields, index)?
        .ok_or_else(|| Error::failed("protocol", "the server says nothing where a number is"))
}
