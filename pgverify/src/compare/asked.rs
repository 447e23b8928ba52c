//! Large tables of two live databases: the servers are asked for digests, and only rows that differ come over.

use super::again::Again;
use super::pairs::{Pair, What};
use super::sheet::Holding;
use super::sums::{Known, judge};
use super::tables::{Tables, key, record};
use crate::diff::Counts;
use crate::diff::ranges::{Live, Ranges};
use crate::records::Verdict;
use common::cli::signals::stop_requested;
use common::error::Result;
use common::proof::read::Totals;

impl Tables<'_> {
    /// Compares `pair`, if its sides and its key allow it; otherwise nothing was told of it.
    pub(super) fn ask<'p>(&self, pair: &'p Pair<'p>, again: Option<&Again<'p>>) -> Result<bool> {
        let (Some(a), Some(b)) = (self.a.live(), self.b.live()) else { return Ok(false) };
        let all = |parts: &[&Holding]| parts.iter().all(|part| part.table.condition.is_none());
        if pair.what != What::Table || pair.shape.key.is_empty() || !all(&pair.a) || !all(&pair.b) {
            return Ok(false);
        }
        let [a_throttle, b_throttle] = self.throttles;
        let ranges = Ranges {
            shape: &pair.shape,
            a: Live { open: &|| a.join(), throttle: a_throttle },
            b: Live { open: &|| b.join(), throttle: b_throttle },
            jobs: self.jobs,
            stop: stop_requested,
            sink: again.map_or(self.teller, |again| again.sink(&pair.shape)),
            advanced: &|bytes| self.teller.advanced(bytes),
        };
        let Some(counts) = ranges.compare()? else { return Ok(false) };
        match again.filter(|_| !counts.equal()) {
            Some(again) => again.differs(pair, counts),
            None => self.tell_counts(pair, &counts, None),
        }
        Ok(true)
    }

    /// Tells of a table whose rows were told already; `in_flight` of them did not differ any longer at a second look.
    pub(super) fn tell_counts(&self, pair: &Pair<'_>, counts: &Counts, in_flight: Option<u64>) {
        let known = Known { a: None, b: None, with_generated: false };
        let mut equal = judge(self.teller, pair, &known, &Totals::default(), &Totals::default());
        if !counts.equal() {
            let Counts { a_rows, b_rows, missing, extra, changed, .. } = counts;
            let found = format!("{b_rows} rows: {missing} missing, {extra} extra, {changed} changed");
            self.teller.differs(&pair.describe(), "rows", &format!("{a_rows} rows"), &found);
            equal = false;
        }
        let mut record = record(pair, if equal { Verdict::Equal } else { Verdict::Differs });
        record.key = key(pair);
        record.a_rows = Some(counts.a_rows);
        record.b_rows = Some(counts.b_rows);
        record.missing = Some(counts.missing);
        record.extra = Some(counts.extra);
        record.changed = Some(counts.changed);
        record.in_flight = in_flight;
        record.read_bytes = counts.read_bytes;
        let mut tally = self.teller.tally();
        tally.a_bytes += counts.a_bytes;
        tally.b_bytes += counts.b_bytes;
        drop(tally);
        self.teller.table(&record);
    }
}
