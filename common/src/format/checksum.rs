//! JSON files that know their own checksum: one flipped bit and they are not believed.
//!
//! A sealed file is one object whose first member is `checksum`: the BLAKE3 of the file without that member, that is of
//! `{` and everything behind the member's comma. It finds accidents; it is no signature.

use super::version::FormatVersion;
use crate::error::{Error, Result};

const HEAD: &[u8] = br#"{"checksum":""#;
const DIGITS: usize = 64;

/// The first format whose JSON files are sealed.
const SINCE: FormatVersion = FormatVersion { major: 1, minor: 1 };

/// `json`, an object with at least one member, with its checksum in front.
pub fn seal(json: &[u8]) -> Vec<u8> {
    let rest = json.strip_prefix(b"{").unwrap_or(json);
    let mut sealed = HEAD.to_vec();
    sealed.extend_from_slice(digest(rest).as_bytes());
    sealed.extend_from_slice(b"\",");
    sealed.extend_from_slice(rest);
    sealed
}

/// Fails unless the file `name` is as it was sealed; those of a format before 1.1 have no checksum.
pub fn check(name: &str, json: &[u8], format: FormatVersion) -> Result<()> {
    match sealed(json) {
        Some((told, rest)) if told == digest(rest).as_bytes() => Ok(()),
        None if format < SINCE => Ok(()),
        Some(_) => Err(damaged(name, "its bytes are not those that its checksum tells")),
        None => Err(damaged(name, "its checksum is missing")),
    }
}

fn damaged(name: &str, why: &str) -> Error {
    Error::failed("damaged", format!("{name} is damaged")).cause(why)
}

/// The checksum that a file tells, and what it is of.
fn sealed(json: &[u8]) -> Option<(&[u8], &[u8])> {
    let (told, rest) = json.strip_prefix(HEAD)?.split_at_checked(DIGITS)?;
    Some((told, rest.strip_prefix(b"\",")?))
}

fn digest(rest: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"{").update(rest);
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: FormatVersion = SINCE;

    #[test]
    fn what_is_sealed_is_json_and_checks() {
        let sealed = seal(br#"{"a":1,"b":[2]}"#);
        check("x", &sealed, FORMAT).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&sealed).unwrap();
        assert_eq!((&value["a"], &value["b"][0]), (&1.into(), &2.into()));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let sealed = seal(br#"{"a":1}"#);
        for at in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            assert!(check("x", &flipped, FORMAT).is_err(), "bit {at}");
        }
    }

    #[test]
    fn before_1_1_there_was_no_checksum() {
        let before = FormatVersion { major: 1, minor: 0 };
        assert!(check("x", br#"{"a":1}"#, before).is_ok());
        assert!(check("x", br#"{"a":1}"#, FORMAT).is_err());
        let mut sealed = seal(br#"{"a":1}"#);
        sealed[20] ^= 1;
        assert!(check("x", &sealed, before).is_err(), "what has one must be right");
    }
}
