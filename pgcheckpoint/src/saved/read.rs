//! Reads a recorded run.

use super::Found;
use crate::records::{CheckRecord, Measure};
use common::error::{Class, Context, Error, Result};
use common::records::Upstream;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// What was found, by its key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorded {
    /// When it ended.
    pub(crate) time: Option<Timestamp>,
    pub(crate) checks: BTreeMap<String, CheckRecord>,
    pub(crate) measures: BTreeMap<String, Measure>,
}

impl Recorded {
    /// Reads a file that `run --save` wrote, or any stream of records with those of a run in it.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let file = File::open(path)
            .context(|| format!("cannot read {shown}"))
            .map_err(|error| error.class_is(Class::Usage))?;
        let stream = Upstream::read(BufReader::new(file), |_| {})
            .map_err(|error| error.context(format!("in {shown}")))?;
        stream.last_result().map_err(|error| error.context(format!("in {shown}")))?;
        let end: Option<Value> = stream.lines().last().map(common::records::Line::decode).transpose()?;
        let time = end.as_ref().and_then(|line| line.get("time")?.as_str()?.parse().ok());
        let mut recorded = Self { time, ..Self::default() };
        for check in stream.all::<CheckRecord>("pgcheckpoint", "check")? {
            recorded.put(Found::Check(check));
        }
        for measure in stream.all::<Measure>("pgcheckpoint", "measure")? {
            recorded.put(Found::Measure(measure));
        }
        if recorded.checks.is_empty() {
            return Err(Error::refused("no_checks", format!("{shown} holds no check of pgcheckpoint's"))
                .hint("`pgcheckpoint run --save FILE` records a run"));
        }
        Ok(recorded)
    }

    /// The databases that it tells of.
    pub(crate) fn databases(&self) -> BTreeSet<&str> {
        let measured = self.measures.values().map(|measure| measure.database.as_str());
        self.checks.values().filter_map(|record| record.database.as_deref()).chain(measured).collect()
    }

    /// Adds what was found.
    pub(crate) fn put(&mut self, found: Found) {
        match found {
            Found::Check(record) => drop(self.checks.insert(record.key.clone(), record)),
            Found::Measure(measure) => drop(self.measures.insert(measure.key.clone(), measure)),
            Found::Unmeasured(_) => {}
        }
    }
}
