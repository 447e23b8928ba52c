//! One token of SQL text, told as the server's own scanner does (`src/backend/parser/scan.l`).
//!
//! Coarse: what matters is where quotes, comments and words begin and end. Operators and what is no SQL at all come
//! byte by byte.

use super::Encoding;
use memchr::{memchr, memchr2, memmem};

/// How the text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// `standard_conforming_strings`: a backslash in `'…'` is a backslash.
    pub standard_strings: bool,
    /// `client_encoding`.
    pub encoding: Encoding,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { standard_strings: true, encoding: Encoding::Plain }
    }
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// White space.
    Space,
    /// `-- …`, without the end of its line, or `/* … */`.
    Comment,
    /// An identifier without quotes, or a keyword.
    Word,
    /// `"…"` or `U&"…"`.
    Quoted,
    /// A string of any kind, all its continuations included.
    String,
    /// Digits.
    Number,
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `;`.
    Semicolon,
    /// `\`, which no SQL has outside of quotes: psql's.
    Backslash,
    /// Anything else, one byte or one character.
    Other,
}

/// What is at the head of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// A token of so many bytes.
    Token(Kind, usize),
    /// More text is needed to tell.
    More,
    /// The text has ended inside of this.
    Open(&'static str),
    /// The text has ended.
    End,
}

/// The token at the head of `text`; `whole` says that no text follows.
pub fn scan(text: &[u8], whole: bool, dialect: Dialect) -> Scan {
    let found = Head { text, whole, dialect }.token();
    match found {
        Ok((kind, length)) => Scan::Token(kind, length),
        Err(None) if text.is_empty() && whole => Scan::End,
        Err(Some(what)) if whole => Scan::Open(what),
        Err(_) => Scan::More,
    }
}

/// All tokens of a whole text. One that is not closed goes to the end.
pub fn tokens(text: &[u8], dialect: Dialect) -> impl Iterator<Item = (Kind, &[u8])> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (kind, length) = match scan(rest, true, dialect) {
            Scan::Token(kind, length) => (kind, length.min(rest.len())),
            Scan::Open(_) => (Kind::Other, rest.len()),
            Scan::More | Scan::End => return None,
        };
        let (token, tail) = rest.split_at_checked(length)?;
        rest = tail;
        Some((kind, token))
    })
}

/// A length, or what is open at the end of the text; `None` when only the next bytes are wanted.
type Found<T> = Result<T, Option<&'static str>>;

struct Head<'a> {
    text: &'a [u8],
    whole: bool,
    dialect: Dialect,
}

impl Head<'_> {
    fn token(&self) -> Found<(Kind, usize)> {
        let first = self.text.first().copied().ok_or(None)?;
        Ok(match first {
            _ if is_space(first) => (Kind::Space, self.run(0, is_space)),
            b'-' if self.at(1)? == Some(b'-') => (Kind::Comment, self.line_comment(0)?),
            b'/' if self.at(1)? == Some(b'*') => (Kind::Comment, self.block_comment()?),
            b'\'' => (Kind::String, self.string(1, !self.dialect.standard_strings)?),
            b'E' | b'e' if self.at(1)? == Some(b'\'') => (Kind::String, self.string(2, true)?),
            b'B' | b'b' | b'X' | b'x' if self.at(1)? == Some(b'\'') => (Kind::String, self.string(2, false)?),
            b'U' | b'u' if self.at(1)? == Some(b'&') => match self.at(2)? {
                Some(b'\'') => (Kind::String, self.string(3, false)?),
                Some(b'"') => (Kind::Quoted, self.quoted(3)?),
                _ => (Kind::Word, 1),
            },
            b'"' => (Kind::Quoted, self.quoted(1)?),
            b'$' => match self.tag()? {
                Some(tag) => (Kind::String, self.dollar(tag)?),
                None => (Kind::Other, 1),
            },
            b'(' => (Kind::Open, 1),
            b')' => (Kind::Close, 1),
            b';' => (Kind::Semicolon, 1),
            b'\\' => (Kind::Backslash, 1),
            b'0'..=b'9' => (Kind::Number, self.run(0, |byte| byte.is_ascii_digit())),
            _ if begins_word(first) => (Kind::Word, self.word()?),
            _ => (Kind::Other, 1),
        })
    }

    /// The byte there, `None` behind the end of a whole text.
    fn at(&self, index: usize) -> Found<Option<u8>> {
        match self.text.get(index) {
            Some(byte) => Ok(Some(*byte)),
            None if self.whole => Ok(None),
            None => Err(None),
        }
    }

    fn from(&self, index: usize) -> &[u8] {
        self.text.get(index..).unwrap_or_default()
    }

    /// Where the bytes that `belong` end; they may go on in the text that follows.
    fn run(&self, from: usize, belong: fn(u8) -> bool) -> usize {
        self.from(from).iter().position(|byte| !belong(*byte)).map_or(self.text.len(), |length| from + length)
    }

    fn word(&self) -> Found<usize> {
        let mut at = 0;
        while let Some(byte) = self.at(at)? {
            if !begins_word(byte) && !byte.is_ascii_digit() && byte != b'$' {
                break;
            }
            at += self.width(at, None)?;
        }
        Ok(at.min(self.text.len()))
    }

    fn width(&self, at: usize, open: Option<&'static str>) -> Found<usize> {
        match self.dialect.encoding.width(self.from(at)) {
            Some(width) if at + width <= self.text.len() || self.whole => Ok(width),
            None if self.whole => Ok(1),
            _ => Err(open),
        }
    }

    fn line_comment(&self, from: usize) -> Found<usize> {
        match memchr2(b'\n', b'\r', self.from(from)) {
            Some(length) => Ok(from + length),
            None if self.whole => Ok(self.text.len()),
            None => Err(None),
        }
    }

    fn block_comment(&self) -> Found<usize> {
        let open = Some("a comment /* …");
        let mut depth = 1_usize;
        let mut at = 2;
        while depth > 0 {
            at += self.find(at, b'*', b'/', open)?;
            match self.from(at) {
                [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
                [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
                [_, _, ..] => at += 1,
                _ => return Err(open),
            }
        }
        Ok(at)
    }

    /// How far it is from `at` to the next of two ASCII bytes that is a character of its own.
    fn find(&self, at: usize, one: u8, other: u8, open: Option<&'static str>) -> Found<usize> {
        if self.dialect.encoding == Encoding::Plain {
            return memchr2(one, other, self.from(at)).ok_or(open);
        }
        let mut ahead = 0;
        loop {
            let byte = *self.text.get(at + ahead).ok_or(open)?;
            if byte == one || byte == other {
                return Ok(ahead);
            }
            ahead += self.width(at + ahead, open)?;
        }
    }

    /// A string whose text begins at `at`, and what continues it on later lines.
    fn string(&self, mut at: usize, escapes: bool) -> Found<usize> {
        let open = Some("a string '…");
        loop {
            at += self.find(at, b'\'', if escapes { b'\\' } else { b'\'' }, open)?;
            if self.text.get(at) == Some(&b'\\') {
                // Whatever stands behind it, all of its character.
                at += 1;
                if at >= self.text.len() {
                    return Err(open);
                }
                at += self.width(at, open)?;
            } else if self.at(at + 1)? == Some(b'\'') {
                at += 2;
            } else {
                match self.continuation(at + 1)? {
                    Some(next) => at = next,
                    None => return Ok(at + 1),
                }
            }
        }
    }

    /// Where the text of a string goes on, when only white space with a line's end in it is between: one string to the server.
    fn continuation(&self, mut at: usize) -> Found<Option<usize>> {
        let mut next_line = false;
        while let Some(byte) = self.at(at)? {
            match byte {
                b'\n' | b'\r' => (next_line, at) = (true, at + 1),
                b'\'' if next_line => return Ok(Some(at + 1)),
                b'-' if self.at(at + 1)? == Some(b'-') => at = self.line_comment(at)?,
                _ if is_space(byte) => at += 1,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    fn quoted(&self, mut at: usize) -> Found<usize> {
        loop {
            at += self.find(at, b'"', b'"', Some("a name \"…"))?;
            if self.at(at + 1)? != Some(b'"') {
                return Ok(at + 1);
            }
            at += 2;
        }
    }

    /// The length of `$tag$` at the head, if that is what is there.
    fn tag(&self) -> Found<Option<usize>> {
        let mut at = 1;
        while let Some(byte) = self.at(at)? {
            match byte {
                b'$' => return Ok(Some(at + 1)),
                _ if begins_word(byte) || (at > 1 && byte.is_ascii_digit()) => at += self.width(at, None)?,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    fn dollar(&self, tag: usize) -> Found<usize> {
        let open = Some("a string $…$…");
        let delimiter = self.text.get(..tag).unwrap_or_default();
        if self.dialect.encoding == Encoding::Plain {
            return memmem::find(self.from(tag), delimiter).map(|length| 2 * tag + length).ok_or(open);
        }
        let mut at = tag;
        loop {
            at += self.find(at, b'$', b'$', open)?;
            if self.from(at).starts_with(delimiter) {
                return Ok(at + tag);
            }
            at += 1;
        }
    }
}

/// As `space` and `newline` of the server; the vertical tab is one since PostgreSQL 16, and no SQL before.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C)
}

fn begins_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Whether the first of two is the second, whatever the case of its letters.
pub fn is(word: &[u8], keyword: &str) -> bool {
    word.eq_ignore_ascii_case(keyword.as_bytes())
}

/// The position of the end of the line at the head of `text`.
pub(super) fn line_end(text: &[u8]) -> Option<usize> {
    memchr(b'\n', text)
}
