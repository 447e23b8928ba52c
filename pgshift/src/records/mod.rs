//! What pgshift says. Dumb wire types: a change here changes what users read.

mod created;
mod finding;
mod result;
pub(crate) mod sarif;
mod stats;

pub(crate) use created::Created;
pub(crate) use finding::{FindingRecord, RuleRecord};
pub(crate) use result::ShiftResult;
pub(crate) use stats::{ColumnStats, ConstraintStats, DatabaseStats, IndexStats, RelationStats, ViewStats};
