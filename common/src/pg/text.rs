//! Names as the server spells them, kept in Rust strings without loss.
//!
//! Sessions that read catalogs use UTF-8, so nearly every name arrives as UTF-8. In a SQL_ASCII database the
//! server passes bytes through, and a name may hold any. Such bytes become characters of a private-use
//! range, one each, and turn back into the same bytes on the way to the server.

/// The private-use characters U+10FF00 … U+10FFFF stand for the bytes 0x00 … 0xFF.
const ESCAPE: u32 = 0x0010_FF00;

/// The text of `bytes`; what is not UTF-8 (or looks like an escape) is escaped byte by byte.
pub fn decode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if u32::from(character) >= ESCAPE {
                let mut buffer = [0; 4];
                text.extend(character.encode_utf8(&mut buffer).bytes().filter_map(escaped));
            } else {
                text.push(character);
            }
        }
        text.extend(chunk.invalid().iter().copied().filter_map(escaped));
    }
    text
}

/// The bytes that [`decode`] made `text` from.
pub fn encode(text: &str) -> Vec<u8> {
    if !text.bytes().any(|byte| byte == 0xF4) {
        return text.as_bytes().to_vec();
    }
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(u32::from(character).wrapping_sub(ESCAPE)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

fn escaped(byte: u8) -> Option<char> {
    char::from_u32(ESCAPE + u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_survive_the_round_trip() {
        let escape_itself = "\u{10FFAB}".as_bytes();
        for bytes in [&b"plain"[..], "Zoë 🐘".as_bytes(), b"caf\xe9 \xff\x80", escape_itself] {
            assert_eq!(encode(&decode(bytes)), bytes);
        }
        assert_eq!(decode("Zoë".as_bytes()), "Zoë");
    }
}
