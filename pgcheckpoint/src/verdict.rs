//! From what was found to how the run ends.

use crate::cli::{FailOn, UnknownAs};
use crate::records::{CheckRecord, State};
use common::cli::human;
use common::error::{Class, Error, Result};
use std::collections::BTreeSet;

/// What is no check to be left out: nothing could be asked at all.
const REACHED: [&str; 1] = ["availability.connect"];

/// How many findings an error names; the records tell all.
const SHOWN: usize = 5;

/// What was found, as far as it decides how the run ends.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    bad: Vec<(State, String)>,
    unknown: Vec<String>,
    /// The checks that could not be told, and can be left out.
    untold: BTreeSet<String>,
}

impl Verdict {
    /// Takes note of a record.
    pub(crate) fn count(&mut self, record: &CheckRecord) {
        let what = || format!("{}: {}", record.check, record.message);
        match record.status {
            State::Crit | State::Warn => self.bad.push((record.status, what())),
            State::Unknown => {
                self.unknown.push(what());
                if !REACHED.contains(&record.check.as_str()) {
                    self.untold.insert(record.check.clone());
                }
            }
            State::Ok | State::Info => {}
        }
    }

    /// The exit code's reason: what is bad, then what could not be told.
    pub(crate) fn conclude(self, fail_on: FailOn, unknown_as: UnknownAs) -> Result<()> {
        let least = fail_on.state();
        let mut bad: Vec<String> =
            self.bad.into_iter().filter(|(state, _)| *state >= least).map(|(_, what)| what).collect();
        if unknown_as == UnknownAs::Crit {
            bad.extend(self.unknown.iter().cloned());
        }
        if !bad.is_empty() {
            let what = format!("not healthy: {}", human::plural(bad.len() as u64, "finding"));
            return Err(causes(Error::new(Class::No, "unhealthy", what), bad));
        }
        if unknown_as == UnknownAs::Unknown && !self.unknown.is_empty() {
            let count = human::plural(self.unknown.len() as u64, "thing");
            let error = Error::failed("not_told", format!("{count} could not be told"));
            return Err(causes(error, self.unknown).hint(way_out(&self.untold)));
        }
        Ok(())
    }
}

/// What to do about checks that could not be told: to give the rights, or to do without them for good.
fn way_out(untold: &BTreeSet<String>) -> String {
    let rights = "the hints of these records say what is missing";
    if untold.is_empty() {
        return rights.to_owned();
    }
    let skips: Vec<String> = untold.iter().map(|check| format!("--skip {check}")).collect();
    format!("{rights}; without these checks: {}", skips.join(" "))
}

/// The first few of them.
pub(crate) fn causes(error: Error, found: Vec<String>) -> Error {
    let more = found.len().saturating_sub(SHOWN);
    let error = found.into_iter().take(SHOWN).fold(error, Error::cause);
    if more > 0 { error.cause(format!("and {}", human::plural(more as u64, "other"))) } else { error }
}
