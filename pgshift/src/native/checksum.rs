//! The checksums of the tools that have any, over files as they lie there.

use common::error::{Context as _, Result};
use sha2::Digest as _;
use siphasher::sip::SipHasher13;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher as _};
use std::path::Path;

/// A file as it lies there.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).context(|| format!("cannot read {}", path.display()))
}

/// As hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Flyway's: CRC-32 of the lines without what ends them, and without a byte order mark.
pub(super) fn of_lines(text: &[u8]) -> i32 {
    let text = text.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(text);
    let mut all = crc32fast::Hasher::new();
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        all.update(line);
    }
    all.finalize().cast_signed()
}

/// refinery's: SipHash-1-3 of name, version and text as Rust hashes them. Its versions have 32 or 64 bits, as it was built.
pub(super) fn of_parts(name: &str, version: i64, sql: &str) -> Vec<String> {
    let hash = |write: &dyn Fn(&mut SipHasher13)| {
        let mut all = SipHasher13::new();
        name.hash(&mut all);
        write(&mut all);
        sql.hash(&mut all);
        all.finish().to_string()
    };
    let narrow = i32::try_from(version).ok().map(|version| hash(&|all| version.hash(all)));
    narrow.into_iter().chain([hash(&|all| version.hash(all))]).collect()
}

/// SHA-1, as sqitch has it.
pub(super) fn sha1(bytes: &[u8]) -> String {
    hex(&sha1::Sha1::digest(bytes))
}

/// SHA-256, as Prisma has it.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&sha2::Sha256::digest(bytes))
}

/// SHA-384, as sqlx has it.
pub(super) fn sha384(bytes: &[u8]) -> String {
    hex(&sha2::Sha384::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_summed_without_their_ends() {
        // Python: zlib.crc32(b"SELECT 1;SELECT 2;")
        let expected = -1_665_099_012;
        assert_eq!(of_lines(b"SELECT 1;\nSELECT 2;\n"), expected);
        assert_eq!(of_lines(b"\xEF\xBB\xBFSELECT 1;\r\nSELECT 2;"), expected);
        assert_ne!(of_lines(b"SELECT 1;\nSELECT 3;\n"), expected);
    }

    #[test]
    fn parts_are_hashed_as_the_standard_library_hashes_them() {
        // It uses the same algorithm, which nothing promises for ever: that is why refinery brings its own.
        let mut std = std::hash::DefaultHasher::new();
        "add_users".hash(&mut std);
        7_i32.hash(&mut std);
        "SELECT 1;\n".hash(&mut std);
        assert_eq!(of_parts("add_users", 7, "SELECT 1;\n").first(), Some(&std.finish().to_string()));
        assert_eq!(of_parts("a", 20_240_101_000_000, "").len(), 1);
    }

    #[test]
    fn digests_are_in_hexadecimal() {
        // printf 'SELECT 1;\n' | sha1sum, sha256sum, sha384sum
        assert_eq!(sha1(b"SELECT 1;\n"), "d30d858bf9fa5d8979af2d32c3be5e09b07da877");
        assert_eq!(
            sha256(b"SELECT 1;\n"),
            "b4e0497804e46e0a0b0b8c31975b062152d551bac49c3c2e80932567b4085dcd"
        );
        assert_eq!(
            sha384(b"SELECT 1;\n"),
            "24454095d8d7876ca8e842f34296ca645c83e0f7b50f048c99db4b2ff4da659267afc4ef3e994f3d74e18c741165d931"
        );
    }
}
