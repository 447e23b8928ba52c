//! Numbers, durations and words as people read them: the one place that decides how.

use std::fmt::Write;

/// A record's time in a table: its date, and the time to the minute.
pub fn minute(time: &str) -> String {
    time.get(..16).unwrap_or_default().replace('T', " ")
}

/// Bytes as `pg_size_pretty` shows them: units of 1,024, no decimals, at least two digits where there is a choice.
///
/// Source: `src/backend/utils/adt/dbsize.c`, `size_pretty_units`.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 10 * 1024 {
        return format!("{bytes} bytes");
    }
    let mut halves = bytes >> 9;
    let mut units = UNITS.iter().peekable();
    while let Some(unit) = units.next() {
        if halves < 20 * 1024 - 1 || units.peek().is_none() {
            return format!("{} {unit}", halves.div_ceil(2));
        }
        halves >>= 10;
    }
    format!("{bytes} bytes")
}

/// A count with thousands separators: `6,001,215`.
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and its noun, in the plural unless it is one: `1 table`, `2 tables`, `3 matches`.
pub fn plural(number: u64, noun: &str) -> String {
    let sibilant = ["s", "x", "z", "ch", "sh"].iter().any(|end| noun.ends_with(end));
    let consonant_y = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match (number, consonant_y) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{} {stem}ies", count(number)),
        _ if sibilant => format!("{} {noun}es", count(number)),
        _ => format!("{} {noun}s", count(number)),
    }
}

/// A duration given in seconds: `40 ms`, `1.25 s`, `42.5 s`, `3 min 20 s`, `2 h 05 min`, `1 d 3 h`.
pub fn seconds(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "unknown".to_owned();
    }
    match seconds {
        s if s < 0.9995 => format!("{:.0} ms", s * 1000.0),
        s if s < 9.995 => format!("{s:.2} s"),
        s if s < 59.95 => format!("{s:.1} s"),
        s => {
            let whole = std::time::Duration::from_secs_f64(s.min(1e15) + 0.5).as_secs();
            match whole {
                0..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
                3600..86400 => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
                _ => format!("{} d {} h", whole / 86400, whole % 86400 / 3600),
            }
        }
    }
}

/// Text that may stand on a terminal: control characters, which could move the cursor or hide text, are shown escaped.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => plain.push_str("\\n"),
            '\t' => plain.push_str("\\t"),
            '\r' => plain.push_str("\\r"),
            // Bidirectional overrides reorder what is shown: CVE-2021-42574.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => escape(&mut plain, character),
            _ if character.is_control() => escape(&mut plain, character),
            _ => plain.push(character),
        }
    }
    plain
}

fn escape(into: &mut String, character: char) {
    // Writing to a String cannot fail.
    let _ = write!(into, "\\u{{{:x}}}", u32::from(character));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_as_pg_size_pretty_says() {
        // Taken from a PostgreSQL 15 server.
        let said = [
            (0, "0 bytes"),
            (1, "1 bytes"),
            (10_239, "10239 bytes"),
            (10_240, "10 kB"),
            (10_751, "10 kB"),
            (10_752, "11 kB"),
            (10_485_247, "10239 kB"),
            (10_485_248, "10 MB"),
            (926_941_184, "884 MB"),
            (10_736_893_951, "10239 MB"),
            (10_736_893_952, "10 GB"),
            (1 << 50, "1024 TB"),
            (i64::MAX as u64, "8192 PB"),
        ];
        for (number, text) in said {
            assert_eq!(bytes(number), text, "{number}");
        }
    }

    #[test]
    fn counts_have_thousands_separators() {
        let shown: Vec<_> = [0, 999, 1_000, 6_001_215].into_iter().map(count).collect();
        assert_eq!(shown, ["0", "999", "1,000", "6,001,215"]);
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(plural(1, "table"), "1 table");
        assert_eq!(plural(0, "table"), "0 tables");
        assert_eq!(plural(1_200, "index"), "1,200 indexes");
        assert_eq!(plural(2, "query"), "2 queries");
        assert_eq!(plural(2, "key"), "2 keys");
    }

    #[test]
    fn durations_keep_to_what_matters() {
        let shown: Vec<_> = [0.0, 0.04, 0.9999, 1.25, 9.999, 42.51, 59.99, 200.0, 3599.7, 7500.0, 97_200.0]
            .into_iter()
            .map(seconds)
            .collect();
        assert_eq!(
            shown,
            [
                "0 ms",
                "40 ms",
                "1.00 s",
                "1.25 s",
                "10.0 s",
                "42.5 s",
                "1 min 00 s",
                "3 min 20 s",
                "1 h 00 min",
                "2 h 05 min",
                "1 d 3 h"
            ]
        );
        assert_eq!(seconds(f64::NAN), "unknown");
    }

    #[test]
    fn names_cannot_drive_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\nc\u{202e}d 🐘"), "a\\u{1b}[2Jb\\nc\\u{202e}d 🐘");
    }
}
