//! The last record of every run.

use super::{CheckRecord, State};
use common::error::Error;
use common::records::{Cell, Format, Outcome, Page, Record, ResultRecord, Row, Status};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::Instant;

/// The last record of every run.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct CheckpointResult {
    /// How it ended.
    pub(crate) status: Status,
    /// What the process exits with.
    pub(crate) exit_code: u8,
    /// How long it took.
    pub(crate) seconds: f64,
    /// The worst that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) worst: Option<State>,
    /// How many checks were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) checks: Option<u64>,
    /// How many records say that all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ok: Option<u64>,
    /// How many are worth knowing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) info: Option<u64>,
    /// How many warn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warn: Option<u64>,
    /// How many are critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crit: Option<u64>,
    /// How many could not be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unknown: Option<u64>,
    /// Changes that count as regressions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) regressions: Option<u64>,
    /// What is worse than before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) worse: Option<u64>,
    /// What was not there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) new: Option<u64>,
    /// What can no longer be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lost: Option<u64>,
    /// What there is more or less of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) changed: Option<u64>,
    /// What is better than before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) better: Option<u64>,
    /// What is not there any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gone: Option<u64>,
    /// How often `watch` has looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rounds: Option<u64>,
    /// What counts as what could not be told.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) unknown_is: Option<State>,
    /// When the run began.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) begun: Option<Instant>,
    /// Hosts and ports that were to be looked at.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) servers: BTreeSet<String>,
    /// Whether its page was written to a file.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) is_written: bool,
    /// What the run said, kept for the formats that show it as one page.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) kept: Vec<CheckRecord>,
}

impl CheckpointResult {
    /// How long the run has taken so far, in seconds.
    pub(crate) fn elapsed(&self) -> f64 {
        self.begun.map_or(0.0, |begun| begun.elapsed().as_secs_f64())
    }

    /// Counts a record.
    pub(crate) fn count(&mut self, record: &CheckRecord) {
        for place in [&mut self.ok, &mut self.info, &mut self.warn, &mut self.crit, &mut self.unknown] {
            place.get_or_insert(0);
        }
        let place = match record.status {
            State::Ok => &mut self.ok,
            State::Info => &mut self.info,
            State::Warn => &mut self.warn,
            State::Crit => &mut self.crit,
            State::Unknown => &mut self.unknown,
        };
        *place.get_or_insert(0) += 1;
        self.worst = self.worst.max(Some(record.status));
    }
}

impl ResultRecord for CheckpointResult {
    fn set_outcome(&mut self, outcome: Outcome) {
        (self.status, self.exit_code, self.seconds) = (outcome.status, outcome.exit_code, outcome.seconds);
    }

    fn page(&self, format: Format, error: Option<&Error>) -> Option<Page> {
        if self.is_written { None } else { crate::formats::page(self, format, error) }
    }
}

impl Record for CheckpointResult {
    const TYPE: &'static str = "result";
    fn row(&self) -> Option<Row> {
        let mut row = Row::default();
        if let Some(worst) = self.worst {
            row = row.with("worst", Cell::Status(worst.word().to_owned(), worst.tone()));
        }
        for (heading, count) in [
            ("checks", self.checks),
            ("ok", self.ok),
            ("info", self.info),
            ("warn", self.warn),
            ("crit", self.crit),
            ("unknown", self.unknown),
            ("rounds", self.rounds),
            ("regressions", self.regressions),
            ("worse", self.worse),
            ("new", self.new),
            ("lost", self.lost),
            ("changed", self.changed),
            ("better", self.better),
            ("gone", self.gone),
        ] {
            row = row.with(heading, Cell::maybe(count.filter(|count| *count > 0), Cell::Count));
        }
        Some(row.with("took", Cell::Seconds(self.seconds)))
    }
}
