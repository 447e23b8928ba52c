//! History tables, found by their columns: tools let people name them.

use super::{ALL, Columns, Tool};
use common::error::Result;
use common::name::QualifiedName;
use common::pg::session::Session;

/// The tables that look like some tool's history, with their tools. What can't be read shows all the same: reading it
/// says what is missing.
pub(crate) fn find(session: &mut Session) -> Result<Vec<(&'static dyn Tool, QualifiedName)>> {
    let mut found = Vec::new();
    for row in session.query(include_str!("find.sql"))? {
        let columns = row.text(2).lines().filter_map(|line| line.split_once('\t'));
        let columns = Columns {
            table: QualifiedName::new(row.text(0), row.text(1)),
            all: columns.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect(),
            beside_rails: row.is_true(3),
        };
        if let Some(tool) = ALL.into_iter().find(|tool| tool.owns(&columns)) {
            found.push((tool, columns.table));
        }
    }
    Ok(found)
}
