//! The names of blocks and snapshots; one cannot be taken for the other.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The BLAKE3 of a block's uncompressed bytes; of a sealed one, a name of as many bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BlockId([u8; 32]);

impl BlockId {
    /// The id of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for BlockId {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl TryFrom<String> for BlockId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<BlockId> for String {
    fn from(id: BlockId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for BlockId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for BlockId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl FromStr for BlockId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let digits = text.as_bytes();
        let mut id = [0; 32];
        if digits.len() != 64 {
            return Err(Error::failed("damaged", format!("{text:?} is not a block's name")));
        }
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = [pair[0], pair[1]].map(nibble);
            match (high, low) {
                (Some(high), Some(low)) => *byte = high << 4 | low,
                _ => return Err(Error::failed("damaged", format!("{text:?} is not a block's name"))),
            }
        }
        Ok(Self(id))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// A snapshot's name: when it began (UTC, to the millisecond) and six random digits, so that names sort by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SnapshotId(String);

impl SnapshotId {
    /// The name of a snapshot that began at `moment`; `random` tells it from others of that second.
    pub fn new(moment: jiff::Timestamp, random: u32) -> Self {
        Self(format!("{}-{:06x}", moment.strftime("%Y%m%dT%H%M%S%3fZ"), random & 0x00FF_FFFF))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a person who typed `prefix` can have meant this one: the start of the name, or of its random digits.
    pub fn starts_with(&self, prefix: &str) -> bool {
        let digits = self.0.rsplit_once('-').map_or("", |(_, digits)| digits);
        self.0.starts_with(prefix) || (prefix.len() >= 2 && digits.starts_with(prefix))
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for SnapshotId {
    type Err = Error;

    /// Only what could have been made here: a name never leads out of its directory.
    fn from_str(text: &str) -> Result<Self> {
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if !text.is_empty() && text.len() <= 64 && text.bytes().all(harmless) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::usage(format!("{text:?} is not a snapshot's name")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_name_survives_the_round_trip() {
        let id = BlockId::of(b"row\n");
        assert_eq!(id.to_string().parse::<BlockId>().unwrap(), id);
        assert!("zz".parse::<BlockId>().is_err());
    }

    #[test]
    fn a_snapshot_is_found_by_the_start_of_its_time_or_its_digits() {
        let id = SnapshotId::new(jiff::Timestamp::UNIX_EPOCH, 0xabc);
        assert_eq!(id.as_str(), "19700101T000000000Z-000abc");
        assert!(id.starts_with("1970") && id.starts_with("000a"));
        assert!(!id.starts_with("abc") && "../x".parse::<SnapshotId>().is_err());
    }
}
