//! What a check's values count, and how people read and write them.

use common::cli::{human, quantity};
use std::str::FromStr;

/// What a value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Count,
    /// From 0 to 1, as a share; more where it can be.
    Ratio,
    Bytes,
    Seconds,
    /// Transactions.
    Xids,
}

const NAMES: [(Unit, &str); 5] = [
    (Unit::Count, "count"),
    (Unit::Ratio, "ratio"),
    (Unit::Bytes, "bytes"),
    (Unit::Seconds, "seconds"),
    (Unit::Xids, "xids"),
];

impl FromStr for Unit {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(unit, _)| *unit).ok_or(())
    }
}

impl Unit {
    /// Its name in records.
    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(unit, _)| *unit == self).map_or("", |(_, name)| name)
    }

    /// The value as people read it.
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::Count | Self::Xids => {
                if value < 0.0 || value.fract() != 0.0 {
                    return format!("{value:.2}");
                }
                human::count(whole(value))
            }
            Self::Ratio => {
                let percent = value * 100.0;
                if percent.fract().abs() < 0.05 {
                    format!("{percent:.0} %")
                } else {
                    format!("{percent:.1} %")
                }
            }
            Self::Bytes if value < 0.0 => format!("-{}", human::bytes(whole(-value))),
            Self::Bytes => human::bytes(whole(value)),
            Self::Seconds => human::seconds(value),
        }
    }

    /// The value as people write a threshold: in the largest unit that leaves a whole number, `26 h` and `1 GB`.
    pub(crate) fn threshold(self, value: f64) -> String {
        let units: &[(&str, f64)] = match self {
            Self::Bytes => &[("GB", 1_073_741_824.0), ("MB", 1_048_576.0), ("kB", 1024.0)],
            Self::Seconds => &[("d", 86400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 0.001)],
            Self::Count | Self::Ratio | Self::Xids => &[],
        };
        let whole = |(_, size): &&(&str, f64)| value >= *size && (value / size).fract() == 0.0;
        match units.iter().find(whole) {
            Some((unit, size)) => format!("{} {unit}", value / size),
            None => self.show(value),
        }
    }

    /// The value that people write: `80%`, `10GB`, `5min`, or a plain number.
    pub(crate) fn parse(self, text: &str) -> Option<f64> {
        let (number, unit) = quantity::parts(text)?;
        let factor = match (self, unit.trim()) {
            (Self::Seconds, unit) => quantity::unit_of_time(unit)?,
            (Self::Bytes, unit) => 2_f64.powi(i32::from(quantity::unit_of_size(unit)?)),
            (_, "") => 1.0,
            (Self::Ratio, "%") => 0.01,
            _ => return None,
        };
        Some(number * factor).filter(|value| value.is_finite())
    }
}

/// The nearest whole number that is not negative.
fn whole(value: f64) -> u64 {
    // Seconds are the one thing of the standard library that rounds a float into an integer without a cast.
    std::time::Duration::try_from_secs_f64(value.max(0.0) + 0.5).map_or(u64::MAX, |rounded| rounded.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_and_read_as_people_do() {
        assert_eq!(Unit::Ratio.parse("80%"), Some(0.8));
        assert_eq!(Unit::Bytes.parse("1.5GB"), Some(1_610_612_736.0));
        assert_eq!(Unit::Seconds.parse("5min"), Some(300.0));
        assert_eq!(Unit::Count.parse("3"), Some(3.0));
        assert_eq!(
            (Unit::Count.parse("5min"), Unit::Seconds.parse("x"), Unit::Bytes.parse("5%")),
            (None, None, None)
        );
        assert_eq!(Unit::Ratio.show(0.971), "97.1 %");
        assert_eq!(Unit::Ratio.show(0.5), "50 %");
        assert_eq!(Unit::Count.show(12345.0), "12,345");
        assert_eq!(Unit::Bytes.show(-20480.0), "-20 kB");
        assert_eq!(
            [
                Unit::Seconds.threshold(93_600.0),
                Unit::Bytes.threshold(1_073_741_824.0),
                Unit::Ratio.threshold(0.9)
            ],
            ["26 h", "1 GB", "90 %"]
        );
    }
}
