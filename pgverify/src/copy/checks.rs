//! The assertions that are run on the copy.

use super::Copy;
use crate::cli::Place;
use crate::records::{Check, VerifyResult};
use common::assertions::{self, Assertion, Verdict};
use common::cli::{Session, human, signals};
use common::error::{Class, Error, Result};
use common::pg::session::Session as Connection;
use std::time::Instant;

/// The assertions that were asked for; fails when a file holds none.
pub(crate) fn read(place: &Place) -> Result<Vec<Assertion>> {
    let mut all = Vec::new();
    for path in &place.checks {
        all.extend(assertions::read(path)?);
    }
    Ok(all)
}

/// Runs them all; fails unless all hold.
pub(super) fn run(session: &Session<VerifyResult>, copy: &Copy, assertions: &[Assertion]) -> Result<()> {
    if assertions.is_empty() {
        return Ok(());
    }
    let mut connection = Connection::open(copy.target())?;
    connection.stop_when(signals::stop_requested)?;
    let (mut passed, mut failed, mut unclear) = (0, 0, 0);
    for assertion in assertions {
        let begun = Instant::now();
        let verdict = assertion.run(&mut connection)?;
        match &verdict {
            Verdict::Passed => passed += 1,
            Verdict::Failed { .. } => failed += 1,
            Verdict::Error(_) => unclear += 1,
        }
        session.emit(&record(assertion, &verdict, begun.elapsed().as_secs_f64()));
    }
    let mut result = session.result();
    *result.checks_passed.get_or_insert_default() += passed;
    *result.checks_failed.get_or_insert_default() += failed + unclear;
    match (failed, unclear) {
        (0, 0) => Ok(()),
        (0, _) => {
            let what = format!("{} could not be run", human::plural(unclear, "assertion"));
            Err(Error::failed("checks_unclear", what))
        }
        _ => {
            let verb = if failed == 1 { "does" } else { "do" };
            let what = format!("{} {verb} not hold on the copy", human::plural(failed, "assertion"));
            Err(Error::new(Class::No, "checks_failed", what))
        }
    }
}

fn record(assertion: &Assertion, verdict: &Verdict, seconds: f64) -> Check {
    let (word, violations, message) = match verdict {
        Verdict::Passed => ("passed", None, None),
        Verdict::Failed { violations } => ("failed", *violations, None),
        Verdict::Error(error) => ("error", None, Some(error.to_string())),
    };
    Check {
        name: assertion.name.clone(),
        file: assertion.file.display().to_string(),
        line: assertion.line,
        verdict: word.to_owned(),
        violations,
        message,
        seconds,
    }
}
