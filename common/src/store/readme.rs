//! The README that every store carries: how to restore without pgsnap. Its last line is its own checksum.

use crate::error::{Error, Result};

pub(super) const NAME: &str = "README.md";
const TEXT: &str = include_str!("README.store.md");
const SEAL: &str = "<!-- blake3 of all above: ";

/// The whole file.
pub(super) fn text() -> Vec<u8> {
    let digest = blake3::hash(TEXT.as_bytes()).to_hex();
    format!("{TEXT}{SEAL}{digest} -->\n").into_bytes()
}

/// Fails unless these bytes are as some release wrote them.
pub(super) fn check(bytes: &[u8]) -> Result<()> {
    let seal = bytes.strip_suffix(b" -->\n").and_then(|rest| {
        let (head, digest) = rest.split_at_checked(rest.len().checked_sub(64)?)?;
        Some((head.strip_suffix(SEAL.as_bytes())?, digest))
    });
    match seal {
        Some((text, digest)) if blake3::hash(text).to_hex().as_bytes() == digest => Ok(()),
        _ => Err(Error::failed("damaged", format!("{NAME} is damaged"))
            .cause("its text is not what its checksum tells")
            .hint("remove it: the next `pgsnap create` writes it again")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_is_noticed() {
        let text = text();
        check(&text).unwrap();
        for at in 0..text.len() {
            let mut flipped = text.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(check(&flipped).is_err(), "byte {at}");
        }
        assert!(check(b"").is_err());
    }
}
