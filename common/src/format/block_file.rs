//! A block's file name: what it is called, how it is compressed, and whether it is sealed.
//!
//! `<id>[.<sum>][.zst|.gz][.age]`. The name of a sealed block tells the XXH3-64 of the file's bytes, so that damage is
//! found without a key; its id tells nothing to who has no key.

use super::frame::Codec;
use super::id::BlockId;
use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// What a block's file name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BlockFile {
    /// The BLAKE3 of its bytes; of a sealed block, a name made of that and a key.
    pub id: BlockId,
    /// Of a sealed block: the XXH3-64 of the file.
    pub sum: Option<u64>,
    /// How it is compressed.
    pub codec: Codec,
}

impl fmt::Display for BlockFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, ending) = (self.id, self.codec.ending());
        match self.sum {
            None => write!(out, "{id}{ending}"),
            Some(sum) => write!(out, "{id}.{sum:016x}{ending}.age"),
        }
    }
}

impl FromStr for BlockFile {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let strange = || Error::failed("damaged", format!("{name:?} is not a block's file name"));
        let (rest, sealed) = name.strip_suffix(".age").map_or((name, false), |rest| (rest, true));
        let (stem, codec) = match rest.rsplit_once('.') {
            Some((stem, "zst")) => (stem, Codec::Zstd),
            Some((stem, "gz")) => (stem, Codec::Gzip),
            _ => (rest, Codec::None),
        };
        let (id, sum) = match (sealed, stem.split_once('.')) {
            (false, None) => (stem, None),
            (true, Some((id, sum))) if sum.len() == 16 => {
                (id, Some(u64::from_str_radix(sum, 16).map_err(|_| strange())?))
            }
            _ => return Err(strange()),
        };
        let file = Self { id: id.parse().map_err(|_| strange())?, sum, codec };
        // A name has one spelling.
        if file.to_string() == name { Ok(file) } else { Err(strange()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_survives_the_round_trip() {
        let id = BlockId::of(b"row\n");
        for codec in [Codec::Zstd, Codec::Gzip, Codec::None] {
            for sum in [None, Some(7), Some(u64::MAX)] {
                let file = BlockFile { id, sum, codec };
                assert_eq!(file.to_string().parse::<BlockFile>().unwrap(), file);
            }
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let id = BlockId::of(b"row\n");
        for name in [
            format!("{id}.lz4"),
            format!("{id}.zst.age"),
            format!("{id}.0000000000000007.zst"),
            format!("{id}.+00000000000000f.zst.age"),
            format!("{id}.000000000000000F.zst.age"),
            format!("{id}.zst#1"),
            "zz.zst".to_owned(),
            String::new(),
        ] {
            assert!(name.parse::<BlockFile>().is_err(), "{name}");
        }
    }
}
