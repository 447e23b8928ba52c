//! Lines of a script and the comments among them. Bytes, since a script may be in any encoding.

use std::ops::Range;

/// A line.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    /// From 1.
    pub(crate) number: u64,
    /// Where it lies, with its line break.
    pub(crate) at: Range<usize>,
    /// Without its line break, be that LF or CRLF.
    pub(crate) text: &'a [u8],
}

/// The lines of `text`.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive(|byte| *byte == b'\n').zip(1_u64..).map(move |(whole, number)| {
        let at = start..start + whole.len();
        start = at.end;
        let line = whole.strip_suffix(b"\n").unwrap_or(whole);
        Line { number, at, text: line.strip_suffix(b"\r").unwrap_or(line) }
    })
}

impl<'a> Line<'a> {
    /// What a comment line says, for directives: from its first column, without the dashes and the space around it.
    pub(crate) fn comment(&self) -> Option<&'a str> {
        std::str::from_utf8(self.text.strip_prefix(b"--")?).ok().map(str::trim)
    }

    /// Whether nothing is on it, or only a comment.
    pub(crate) fn is_idle(&self) -> bool {
        let trimmed = self.text.trim_ascii();
        trimmed.is_empty() || trimmed.starts_with(b"--")
    }
}

/// The comment lines that a script begins with; empty lines may be among them.
pub(crate) fn header(text: &[u8]) -> impl Iterator<Item = (Line<'_>, &str)> {
    lines(text).take_while(Line::is_idle).filter_map(|line| line.comment().map(|comment| (line, comment)))
}

/// How many lines end in `text`.
pub(crate) fn breaks(text: &[u8]) -> u64 {
    text.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

/// Covers a part of a script with spaces, so that all else keeps its place.
pub(crate) fn blank(text: &mut [u8], at: Range<usize>) {
    for byte in text.get_mut(at).into_iter().flatten().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
        *byte = b' ';
    }
}

/// Whether `text` has `word`, in whatever case.
pub(crate) fn mentions(text: &[u8], word: &str) -> bool {
    text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_unix_or_windows_ends_them_and_keep_their_places() {
        let text = b"one\r\ntwo\n\nlast";
        let all: Vec<(u64, &[u8], Range<usize>)> =
            lines(text).map(|line| (line.number, line.text, line.at)).collect();
        assert_eq!(
            all,
            [(1, &b"one"[..], 0..5), (2, &b"two"[..], 5..9), (3, &b""[..], 9..10), (4, &b"last"[..], 10..14)]
        );
        assert_eq!(breaks(text), 3);
    }

    #[test]
    fn a_header_ends_where_sql_begins() {
        let text = b"-- a\n\n  -- indented\n--b\nselect 1;\n-- c\n";
        let found: Vec<&str> = header(text).map(|(_, comment)| comment).collect();
        assert_eq!(found, ["a", "b"]);
    }
}
