//! Recorded runs: what `run --save` writes and `diff` reads. They are streams of records like any other.

mod read;
mod write;

pub(crate) use read::Recorded;
pub(crate) use write::Save;

use crate::records::{CheckRecord, Measure};
use common::error::Error;

/// What a round hands on.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// What a check found.
    Check(CheckRecord),
    /// What was measured to be compared later.
    Measure(Measure),
    /// Why nothing could be measured.
    Unmeasured(Error),
}
