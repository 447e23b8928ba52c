//! From the time of a restore into a private cluster to that of a real one.

use crate::records::VerifyResult;
use common::cli::Session;

/// How much longer a restore takes on a server with ordinary settings on the same machine: a rule of thumb with a wide margin, since
/// disks differ in what a sync costs.
const EXPECTED: f64 = 1.3;
const LOW: f64 = 1.0;
const HIGH: f64 = 2.5;

pub(super) fn tell(session: &Session<VerifyResult>, restored: f64) {
    let mut result = session.result();
    result.estimate_seconds = Some(restored * EXPECTED);
    result.estimate_low_seconds = Some(restored * LOW);
    result.estimate_high_seconds = Some(restored * HIGH);
}
