//! A tar file of pg_dump's, as far as it has to be looked at: whether all of it is there.
//!
//! pg_restore reads the members that it needs and would not miss the others, nor the end.

use crate::error::{Class, Error, Result};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

/// The bytes of a member's head; its content fills blocks of as many.
pub(super) const HEAD: usize = 512;

/// Where in the head the member's length is, and the head's own checksum.
const LENGTH: std::ops::Range<usize> = 124..136;
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// The length of the first member, whose content is then read next. Fails unless every member is whole, and the end is there.
pub(super) fn first_member(file: &mut File) -> Result<u64> {
    let size = file.metadata().map_err(|error| Error::io("cannot tell its size", &error))?.len();
    let mut first = None;
    let mut at = 0_u64;
    loop {
        let head = head(file, at)?;
        if head.iter().all(|byte| *byte == 0) {
            break;
        }
        let length = number(head.get(LENGTH).unwrap_or_default()).ok_or_else(damaged)?;
        if number(head.get(CHECKSUM).unwrap_or_default()) != Some(checksum(&head)) {
            return Err(damaged());
        }
        first.get_or_insert(length);
        at = at
            .saturating_add(HEAD as u64)
            .saturating_add(length.div_ceil(HEAD as u64).saturating_mul(HEAD as u64));
        if at > size {
            return Err(damaged());
        }
    }
    // Two empty heads are the end.
    if head(file, at + HEAD as u64)?.iter().any(|byte| *byte != 0) {
        return Err(damaged());
    }
    file.seek(SeekFrom::Start(HEAD as u64)).map_err(|error| Error::io("cannot read it", &error))?;
    first.ok_or_else(damaged)
}

fn head(file: &mut File, at: u64) -> Result<[u8; HEAD]> {
    let mut head = [0; HEAD];
    let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut head));
    match read {
        Ok(()) => Ok(head),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(damaged()),
        Err(error) => Err(Error::io("cannot read it", &error)),
    }
}

/// Octal digits, or the number itself behind a first byte of 0x80 when it is too long for them.
fn number(field: &[u8]) -> Option<u64> {
    if let [0x80, digits @ ..] = field {
        return Some(digits.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)));
    }
    let digits = String::from_utf8_lossy(field);
    u64::from_str_radix(digits.trim_matches(|letter: char| letter == ' ' || letter == '\0'), 8).ok()
}

/// The sum of the head's bytes, those of the checksum itself taken for spaces.
fn checksum(head: &[u8]) -> u64 {
    let byte = |(index, byte): (usize, &u8)| u64::from(if CHECKSUM.contains(&index) { b' ' } else { *byte });
    head.iter().enumerate().map(byte).sum()
}

fn damaged() -> Error {
    Error::new(Class::No, "damaged", "the tar file is cut off or damaged")
}
