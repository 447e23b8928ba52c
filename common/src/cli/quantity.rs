//! Times and sizes as people type them: one spelling for all tools.

use std::time::Duration;

/// Seconds in a unit of time, as it is written behind a number; none is seconds.
pub fn unit_of_time(name: &str) -> Option<f64> {
    Some(match name.trim().to_ascii_lowercase().as_str() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return None,
    })
}

/// The power of two that a unit of size is; none is bytes.
pub fn unit_of_size(name: &str) -> Option<u8> {
    Some(match name.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" => 10,
        "m" | "mb" => 20,
        "g" | "gb" => 30,
        "t" | "tb" => 40,
        _ => return None,
    })
}

/// A number and what is written behind it.
pub fn parts(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    Some((number.parse().ok()?, unit))
}

/// A time that is not negative: `5s`, `300ms`, `1.5h`, or a number of seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    parts(text)
        .and_then(|(number, unit)| Duration::try_from_secs_f64(number * unit_of_time(unit)?).ok())
        .ok_or_else(|| "it is a number with ms, s, m, h or d, such as 5s".to_owned())
}

/// The same, in seconds.
pub fn seconds(text: &str) -> Result<f64, String> {
    duration(text).map(|time| time.as_secs_f64())
}

/// A whole number of bytes, at least one: `20M`, `1GB`.
pub fn bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = text.get(digits.len()..).and_then(unit_of_size);
    let number = digits.parse::<u64>().ok().filter(|number| *number > 0);
    number
        .zip(unit)
        .and_then(|(number, unit)| number.checked_mul(1 << unit))
        .ok_or_else(|| "it is a number with k, M, G or T, such as 20M".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let all = ["300ms", "5s", "5", "1.5m", "2min", "2 h", "1d", "0"];
        let read = all.map(|text| duration(text).unwrap().as_millis());
        assert_eq!(read, [300, 5000, 5000, 90_000, 120_000, 7_200_000, 86_400_000, 0]);
        for text in ["", "s", "-1s", "5x", "1e999", "1.2.3", "inf", "nan", "99999999999999999999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let read = ["1", "20M", "20mb", "1 GB", "3k", "1T"].map(|text| bytes(text).unwrap());
        assert_eq!(read, [1, 20 << 20, 20 << 20, 1 << 30, 3 << 10, 1 << 40]);
        for text in ["", "0", "1.5M", "M", "-1k", "5x", "99999999999T"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
