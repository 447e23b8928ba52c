//! Seals a block's bytes into a frame (compresses them) and opens it again.
//!
//! A block's name proves its bytes, but not every bit of a compressed file matters to them: decoders pass over some. So a
//! frame ends with a footer that does: a checksum of all before it, in a form that every decoder takes for nothing.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::{Read, Write};
use std::str::FromStr;
use xxhash_rust::xxh3::xxh3_128;

/// How a block's bytes are compressed. The file's ending tells, so blocks of several kinds live in one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// One zstd frame, and a skippable one.
    Zstd,
    /// One gzip member, and an empty one.
    Gzip,
    /// As it is.
    None,
}

/// A codec and how hard it tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression {
    /// The codec.
    pub codec: Codec,
    /// Its level.
    pub level: i32,
}

impl Default for Compression {
    fn default() -> Self {
        Self { codec: Codec::Zstd, level: 1 }
    }
}

impl FromStr for Compression {
    type Err = String;

    /// `zstd[:LEVEL]`, `gzip[:LEVEL]` or `none`.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (name, level) = text.split_once(':').map_or((text, None), |(name, level)| (name, Some(level)));
        let (codec, default, range) = match name {
            "zstd" => (Codec::Zstd, 1, -7..=22),
            "gzip" => (Codec::Gzip, 6, 1..=9),
            "none" => (Codec::None, 0, 0..=0),
            _ => return Err("it is zstd[:LEVEL], gzip[:LEVEL] or none".to_owned()),
        };
        let level = level.map_or(Ok(default), str::parse).map_err(|_| "the level is a number".to_owned())?;
        if range.contains(&level) {
            return Ok(Self { codec, level });
        }
        Err(format!("the level of {name} goes from {} to {}", range.start(), range.end()))
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.codec {
            Codec::Zstd => write!(out, "zstd:{}", self.level),
            Codec::Gzip => write!(out, "gzip:{}", self.level),
            Codec::None => out.write_str("none"),
        }
    }
}

impl Codec {
    /// The ending of a block's file name, with its dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Zstd => ".zst",
            Self::Gzip => ".gz",
            Self::None => "",
        }
    }
}

/// Bytes that a sealer keeps between blocks: room for the frame of any but a huge row's.
const SCRATCH: usize = 8 << 20;

/// Seals blocks one after another, reusing its memory.
pub struct Sealer {
    compression: Compression,
    zstd: Option<zstd::bulk::Compressor<'static>>,
    /// Where a frame is made: its final size is known only then.
    scratch: Vec<u8>,
}

impl Sealer {
    /// A sealer of this compression.
    pub fn new(compression: Compression) -> Result<Self> {
        let zstd = match compression.codec {
            Codec::Zstd => {
                Some(zstd::bulk::Compressor::new(compression.level).map_err(|error| cannot(&error))?)
            }
            _ => None,
        };
        Ok(Self { compression, zstd, scratch: Vec::new() })
    }

    /// The codec that it seals with.
    pub fn codec(&self) -> Codec {
        self.compression.codec
    }

    /// The frame of these bytes.
    pub fn seal(&mut self, bytes: &[u8]) -> Result<Vec<u8>> {
        match (&mut self.zstd, self.compression.codec) {
            (Some(zstd), _) => {
                self.scratch.clear();
                self.scratch.reserve(zstd::zstd_safe::compress_bound(bytes.len()));
                zstd.compress_to_buffer(bytes, &mut self.scratch).map_err(|error| cannot(&error))?;
                let mut frame = Vec::with_capacity(self.scratch.len() + ZSTD_FOOTER.len());
                frame.extend_from_slice(&self.scratch);
                end(&mut frame, ZSTD_FOOTER);
                // What one huge row blew up is given back.
                self.scratch.shrink_to(SCRATCH);
                Ok(frame)
            }
            (None, Codec::Gzip) => {
                let level = flate2::Compression::new(u32::try_from(self.compression.level).unwrap_or(6));
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                let mut frame = encoder
                    .write_all(bytes)
                    .and_then(|()| encoder.finish())
                    .map_err(|error| cannot(&error))?;
                end(&mut frame, GZIP_FOOTER);
                Ok(frame)
            }
            (None, _) => Ok(bytes.to_vec()),
        }
    }
}

/// How long the checksum in a footer is, and where it stands in it: XXH3-128, lowest byte first.
const CHECKSUM: usize = 16;

/// A skippable frame that holds the checksum.
const ZSTD_FOOTER: &[u8] = b"\x50\x2a\x4d\x18\x10\0\0\0................";

/// A member without content whose extra field holds the checksum.
const GZIP_FOOTER: &[u8] =
    b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x14\0XX\x10\0................\x03\0\0\0\0\0\0\0\0\0";

/// Where the checksum of a footer stands.
fn checksum_in(footer: &[u8]) -> std::ops::Range<usize> {
    let start = footer.iter().position(|byte| *byte == b'.').unwrap_or_default();
    start..start + CHECKSUM
}

/// Adds the footer.
fn end(frame: &mut Vec<u8>, footer: &[u8]) {
    let checksum = xxh3_128(frame).to_le_bytes();
    let start = frame.len();
    frame.extend_from_slice(footer);
    let place = checksum_in(footer);
    frame[start + place.start..start + place.end].copy_from_slice(&checksum);
}

/// Whether the footer, if there is one, fits what stands before it. Blocks of a format before 1.1 have none.
fn is_intact(codec: Codec, frame: &[u8]) -> bool {
    let footer = match codec {
        Codec::Zstd => ZSTD_FOOTER,
        Codec::Gzip => GZIP_FOOTER,
        Codec::None => return true,
    };
    let Some(start) = frame.len().checked_sub(footer.len()) else { return true };
    let (head, tail) = frame.split_at(start);
    let place = checksum_in(footer);
    let differing: u32 = (0..footer.len())
        .filter(|byte| !place.contains(byte))
        .map(|byte| (footer[byte] ^ tail[byte]).count_ones())
        .sum();
    // A footer with one bit flipped is a damaged one, not none.
    differing > 1 || (differing == 0 && tail[place] == xxh3_128(head).to_le_bytes())
}

fn cannot(error: &std::io::Error) -> Error {
    Error::failed("compression", "cannot compress a block").cause(error.to_string())
}

/// Opens a frame that must hold exactly `bytes` bytes; `None` when it doesn't.
pub fn open(codec: Codec, frame: Vec<u8>, bytes: u64) -> Option<Vec<u8>> {
    let limit = usize::try_from(bytes).ok()?;
    if !is_intact(codec, &frame) {
        return None;
    }
    let mut plain = Vec::new();
    match codec {
        Codec::Zstd => plain = zstd::bulk::decompress(&frame, limit).ok()?,
        Codec::Gzip => {
            let decoder = flate2::read::MultiGzDecoder::new(frame.as_slice());
            decoder.take(bytes.saturating_add(1)).read_to_end(&mut plain).ok()?;
        }
        Codec::None => plain = frame,
    }
    (plain.len() == limit).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_to_the_same_bytes() {
        let bytes = b"1\talice\n2\tbob\n".repeat(1000);
        for compression in ["zstd", "zstd:19", "gzip:1", "none"] {
            let compression: Compression = compression.parse().unwrap();
            let frame = Sealer::new(compression).unwrap().seal(&bytes).unwrap();
            assert_eq!(open(compression.codec, frame.clone(), bytes.len() as u64).unwrap(), bytes);
            assert!(open(compression.codec, frame, bytes.len() as u64 - 1).is_none());
        }
    }

    #[test]
    fn no_bit_of_a_frame_can_be_flipped() {
        for compression in ["zstd", "gzip"] {
            let compression: Compression = compression.parse().unwrap();
            for bytes in [b"1\talice\n".to_vec(), b"1\talice\n2\tbob\n".repeat(50)] {
                let frame = Sealer::new(compression).unwrap().seal(&bytes).unwrap();
                for bit in 0..frame.len() * 8 {
                    let mut damaged = frame.clone();
                    damaged[bit / 8] ^= 1 << (bit % 8);
                    assert_eq!(
                        open(compression.codec, damaged, bytes.len() as u64),
                        None,
                        "{compression}: bit {bit}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_frame_of_an_older_format_has_no_footer() {
        let bytes = b"1\talice\n2\tbob\n".repeat(50);
        for (compression, footer) in [("zstd", ZSTD_FOOTER), ("gzip", GZIP_FOOTER)] {
            let compression: Compression = compression.parse().unwrap();
            let mut frame = Sealer::new(compression).unwrap().seal(&bytes).unwrap();
            frame.truncate(frame.len() - footer.len());
            assert_eq!(open(compression.codec, frame, bytes.len() as u64), Some(bytes.clone()));
        }
    }

    #[test]
    fn nonsense_is_refused() {
        assert!("lz4".parse::<Compression>().is_err());
        assert!("gzip:10".parse::<Compression>().unwrap_err().contains("1 to 9"));
        assert!(open(Codec::Zstd, b"junk".to_vec(), 10).is_none());
    }
}
