//! Where something is in a file, for messages.

use std::fmt;
use std::path::Path;

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    /// The file.
    pub(crate) path: &'a Path,
    /// The line, from 1.
    pub(crate) line: u64,
    /// The column in characters, from 1.
    pub(crate) column: u64,
}

impl fmt::Display for Place<'_> {
    /// As compilers write it, so that editors can jump there.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

/// The line and column of `offset` in `text`, when the text begins at `line` and `column`.
pub(crate) fn at(text: &[u8], offset: usize, (line, column): (u64, u64)) -> (u64, u64) {
    let before = text.get(..offset).unwrap_or(text);
    let breaks = lines(before);
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let characters = width(before.get(start..).unwrap_or_default());
    if breaks == 0 { (line, column + characters) } else { (line + breaks, 1 + characters) }
}

/// The offset of the character that the server counts as `position`, from 1.
pub(crate) fn offset_of(text: &[u8], position: u32) -> usize {
    let mut characters = 0;
    let begins = |byte: &u8| byte & 0xC0 != 0x80;
    for (offset, byte) in text.iter().enumerate() {
        if begins(byte) {
            characters += 1;
            if characters == position {
                return offset;
            }
        }
    }
    text.len()
}

fn lines(text: &[u8]) -> u64 {
    text.split(|byte| *byte == b'\n').count() as u64 - 1
}

fn width(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        let text = "SELECT 'ä',\n 'ö' x y".as_bytes();
        let offset = offset_of(text, 20);
        assert_eq!(text.get(offset), Some(&b'y'));
        assert_eq!(at(text, offset, (7, 3)), (8, 8));
        assert_eq!(at(text, 7, (7, 3)), (7, 10));
    }
}
