//! `pgshift schema`: the JSON Schemas of all records that pgshift writes.

use crate::records::{
    AdoptedRecord, BackfillRecord, Blocked, CarriedRecord, ColumnStats, ConflictRecord, ConstraintStats,
    Created, DatabaseStats, FindingRecord, IndexStats, LockRecord, LossRecord, MigrationRecord,
    OperationRecord, OutageRecord, RelationStats, RuleRecord, ShiftResult, SquashRecord, StatementRecord,
    TraceRecord, TrialRecord, ViewStats, WindowRecord, WorstRecord,
};
use common::cli::Session;
use common::error::{Context as _, Result};
use common::records::Registry;
use std::io::Write;

pub(crate) fn run(session: &Session<ShiftResult>) -> Result<()> {
    let registry = Registry::new::<ShiftResult>("pgshift")
        .with::<Created>()
        .with::<FindingRecord>()
        .with::<RuleRecord>()
        .with::<DatabaseStats>()
        .with::<RelationStats>()
        .with::<ColumnStats>()
        .with::<ConstraintStats>()
        .with::<IndexStats>()
        .with::<ViewStats>()
        .with::<AdoptedRecord>()
        .with::<MigrationRecord>()
        .with::<StatementRecord>()
        .with::<OperationRecord>()
        .with::<LossRecord>()
        .with::<SquashRecord>()
        .with::<CarriedRecord>()
        .with::<TrialRecord>()
        .with::<TraceRecord>()
        .with::<LockRecord>()
        .with::<OutageRecord>()
        .with::<WorstRecord>()
        .with::<WindowRecord>()
        .with::<BackfillRecord>()
        .with::<Blocked>()
        .with::<ConflictRecord>();
    session.data().write_all(registry.to_json().as_bytes()).context(|| "cannot write to stdout".to_owned())
}
