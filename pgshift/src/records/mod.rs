//! What pgshift says. Dumb wire types: a change here changes what users read.

mod adopted;
mod created;
mod migration;
mod result;
mod trouble;

pub(crate) use adopted::AdoptedRecord;
pub(crate) use created::Created;
pub(crate) use migration::{MigrationRecord, StatementRecord};
pub(crate) use result::ShiftResult;
pub(crate) use trouble::{Blocked, ConflictRecord};
