//! How far back, in restic's words: `2y5m7d3h`; `w` for weeks, too.

use common::error::Error;
use jiff::tz::TimeZone;
use std::fmt;
use std::str::FromStr;

/// A length of time by the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    text: String,
    span: [i64; 5],
}

/// The units: their limits are those of what jiff counts.
const UNITS: [(char, i64); 5] =
    [('y', 9_999), ('m', 99_999), ('w', 99_999), ('d', 999_999), ('h', 9_999_999)];

impl Span {
    /// So long before `time`; the beginning of time when that is longer ago.
    pub(crate) fn before(&self, time: jiff::Timestamp) -> jiff::Timestamp {
        let [years, months, weeks, days, hours] = self.span;
        jiff::Span::new()
            .try_years(years)
            .and_then(|span| span.try_months(months))
            .and_then(|span| span.try_weeks(weeks))
            .and_then(|span| span.try_days(days))
            .and_then(|span| span.try_hours(hours))
            .and_then(|span| time.to_zoned(TimeZone::UTC).checked_sub(span))
            .map_or(jiff::Timestamp::MIN, |zoned| zoned.timestamp())
    }
}

impl FromStr for Span {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::usage("it is numbers with y, m, w, d or h, such as 2y5m7d3h");
        let mut span = [0; 5];
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.find(|next: char| !next.is_ascii_digit()).ok_or_else(wrong)?;
            let number: i64 = rest[..digits].parse().map_err(|_| wrong())?;
            let unit = rest[digits..].chars().next().ok_or_else(wrong)?;
            let index = UNITS.iter().position(|(name, _)| *name == unit).ok_or_else(wrong)?;
            if span[index] != 0 || number > UNITS[index].1 {
                return Err(wrong());
            }
            span[index] = number;
            rest = &rest[digits + 1..];
        }
        if span == [0; 5] {
            return Err(wrong());
        }
        Ok(Self { text: text.to_owned(), span })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}
