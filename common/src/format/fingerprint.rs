//! What proves that two sets of rows are the same: count, bytes, and the sum of the rows' hashes.
//!
//! Independent of the order of rows, and unlike an exclusive or it counts duplicates.
//! It finds accidents, not forgeries: xxh3 is no cryptographic hash.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3::xxh3_128;

/// The hash of one row: xxh3-128 of its COPY text line without the newline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowHash(u128);

impl RowHash {
    /// The hash of `line`; a newline at its end does not count.
    pub fn of(line: &[u8]) -> Self {
        Self(xxh3_128(line.strip_suffix(b"\n").unwrap_or(line)))
    }

    /// All of it.
    pub fn value(self) -> u128 {
        self.0
    }

    /// 64 well mixed bits.
    pub fn low(self) -> u64 {
        u64::try_from(self.0 & u128::from(u64::MAX)).unwrap_or_default()
    }
}

/// The fingerprint of a set of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// How many rows.
    pub rows: u64,
    /// Bytes of their COPY text lines, newlines included.
    pub bytes: u64,
    /// The sum of the rows' hashes mod 2^128, as 32 hexadecimal digits.
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    pub sum: u128,
}

impl Fingerprint {
    /// Counts one row of `bytes` bytes.
    pub fn add(&mut self, hash: RowHash, bytes: usize) {
        self.rows += 1;
        self.bytes += bytes as u64;
        self.sum = self.sum.wrapping_add(hash.0);
    }

    /// Counts all rows of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.bytes += other.bytes;
        self.sum = self.sum.wrapping_add(other.sum);
    }

    /// The fingerprint of whole lines.
    pub fn of_lines(lines: &[u8]) -> Self {
        let mut fingerprint = Self::default();
        for line in lines.split_inclusive(|&byte| byte == b'\n') {
            fingerprint.add(RowHash::of(line), line.len());
        }
        fingerprint
    }
}

fn to_hex<S: Serializer>(sum: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{sum:032x}"))
}

fn from_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
    let text = String::deserialize(deserializer)?;
    u128::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_count_but_duplicates_do() {
        let there = Fingerprint::of_lines(b"a\nb\nb\n");
        assert_eq!(there, Fingerprint::of_lines(b"b\na\nb\n"));
        assert_ne!(there, Fingerprint::of_lines(b"a\na\nb\n"));
        assert_ne!(Fingerprint::of_lines(b"a\na\n").sum, Fingerprint::of_lines(b"b\nb\n").sum);
    }
}
