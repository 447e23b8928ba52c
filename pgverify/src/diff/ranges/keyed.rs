//! Some rows of a table by their keys, from both sides.

use super::INDEXES;
use super::face::Face;
use super::lines::{Lines, differences};
use super::statements::{self, Key, Statements};
use crate::diff::{Fields, RowDifference, Shape};
use common::error::Result;
use common::pg::session::Session;
use std::collections::HashSet;

/// The values of a key's columns as text.
pub(crate) type Values = Key;

/// Asks both sides for rows of one table.
pub(crate) struct Keyed {
    sides: [Statements; 2],
    order: Vec<usize>,
}

impl Keyed {
    /// For the table of `shape`, on the servers of these sessions.
    pub(crate) fn of(shape: &Shape, a: &mut Session, b: &mut Session) -> Result<Self> {
        a.execute(INDEXES)?;
        b.execute(INDEXES)?;
        let (here, there) = (Face::of(a, shape)?, Face::of(b, shape)?);
        let sides = [Statements::new(shape, &here, &there)?, Statements::new(shape, &there, &here)?];
        Ok(Self { sides, order: statements::order(shape) })
    }

    /// Tells `each` what differs between the rows of these keys, until it has heard enough.
    pub(crate) fn differences(
        &self,
        shape: &Shape,
        (a, b): (&mut Session, &mut Session),
        keys: &[Values],
        stop: fn() -> bool,
        mut each: impl FnMut(RowDifference) -> Result<bool>,
    ) -> Result<()> {
        let count = shape.key.len();
        let read = |session: &mut Session, side: &Statements| {
            Lines::read(session, &side.by_key(keys), count, usize::MAX, stop)
        };
        let (here, there) = (read(a, &self.sides[0])?, read(b, &self.sides[1])?);
        // A server may take other values for equal as well: 1.0 and 1.00, or what a collation says.
        let asked: HashSet<&Values> = keys.iter().collect();
        differences(shape, &self.order, (&here, &there), |row| {
            let fields = row.a.as_ref().or(row.b.as_ref());
            match fields.map(|fields| key_of(shape, fields)) {
                Some(key) if asked.contains(&key) => each(row),
                _ => Ok(true),
            }
        })
    }
}

/// The key of a row; its columns are never NULL.
pub(crate) fn key_of(shape: &Shape, fields: &Fields) -> Values {
    shape.key.iter().map(|place| fields.get(*place).cloned().flatten().unwrap_or_default()).collect()
}
