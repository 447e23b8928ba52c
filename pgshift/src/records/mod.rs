//! What pgshift says. Dumb wire types: a change here changes what users read.

mod adopted;
mod backfill;
mod created;
mod finding;
mod loss;
mod migration;
mod operation;
mod result;
pub(crate) mod sarif;
mod squash;
mod stats;
mod trace;
mod trouble;

pub(crate) use adopted::AdoptedRecord;
pub(crate) use backfill::BackfillRecord;
pub(crate) use created::Created;
pub(crate) use finding::{FindingRecord, RuleRecord};
pub(crate) use loss::LossRecord;
pub(crate) use migration::{MigrationRecord, StatementRecord};
pub(crate) use operation::{OperationRecord, RepeatedStatement};
pub(crate) use result::ShiftResult;
pub(crate) use squash::{CarriedRecord, SquashRecord, TrialRecord};
pub(crate) use stats::{ColumnStats, ConstraintStats, DatabaseStats, IndexStats, RelationStats, ViewStats};
pub(crate) use trace::{LockRecord, OutageRecord, TraceRecord, WindowRecord, WorstRecord};
pub(crate) use trouble::{Blocked, ConflictRecord};
