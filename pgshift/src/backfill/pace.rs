//! How large the next batch is: as large as can be done in less than a second, and half of it when somebody was in the way.

use std::time::Duration;

/// A batch should not be shorter.
const SHORT: Duration = Duration::from_millis(500);

/// Nor longer.
const LONG: Duration = Duration::from_secs(1);

/// What is aimed at.
const AIM: f64 = 0.75;

/// No batch is larger, however fast it goes.
const LARGEST: u64 = 100_000;

/// The size of the next batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    rows: u64,
}

impl Pace {
    /// Begins with so many rows.
    pub(crate) fn new(rows: u64) -> Self {
        Self { rows: rows.max(1) }
    }

    /// Rows of the next batch.
    pub(crate) fn rows(self) -> u64 {
        self.rows
    }

    /// A batch of so many rows took so long. One that was cut short by the end of the table tells nothing.
    pub(crate) fn took(&mut self, rows: u64, time: Duration) {
        if rows < self.rows || (SHORT..=LONG).contains(&time) {
            return;
        }
        // Never more than twice as large: what was fast may have been so because nothing had to be changed.
        let doubled = self.rows.saturating_mul(2);
        let wanted = if time < SHORT.mul_f64(0.75) {
            doubled
        } else {
            // Shares of a thousand, so that no float becomes a count.
            let share = (AIM / time.as_secs_f64().max(0.001) * 1000.0).clamp(1.0, 2000.0);
            let thousandths = Duration::from_secs_f64(share).as_secs();
            (self.rows.saturating_mul(thousandths) / 1000).min(doubled)
        };
        self.rows = wanted.clamp(1, self.rows.max(LARGEST));
    }

    /// Somebody was in the way.
    pub(crate) fn halve(&mut self) {
        self.rows = (self.rows / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(rows: u64, milliseconds: u64) -> u64 {
        let mut pace = Pace::new(rows);
        pace.took(rows, Duration::from_millis(milliseconds));
        pace.rows()
    }

    #[test]
    fn the_size_follows_the_time() {
        assert_eq!(after(1000, 10), 2000);
        assert_eq!(after(1000, 700), 1000);
        assert_eq!(after(1000, 3000), 250);
        assert_eq!([after(1, 60_000), after(100_000, 1)], [1, 100_000]);
        let mut pace = Pace::new(1);
        pace.halve();
        assert_eq!(pace.rows(), 1);
    }

    #[test]
    fn a_last_batch_tells_nothing() {
        let mut pace = Pace::new(1000);
        pace.took(3, Duration::from_millis(1));
        assert_eq!(pace.rows(), 1000);
    }
}
