//! The words of a statement, without space and comments.

use common::sql::lexer::{self, Dialect, Kind, is};

/// The tokens of a statement that matter, in order, without space and comments.
#[derive(Clone, Debug)]
pub(crate) struct Words<'a> {
    tokens: Vec<(Kind, &'a [u8])>,
}

impl<'a> Words<'a> {
    /// The tokens of `text`.
    pub(crate) fn of(text: &'a [u8]) -> Self {
        let all = lexer::tokens(text, Dialect::default());
        Self { tokens: all.filter(|(kind, _)| !matches!(kind, Kind::Space | Kind::Comment)).collect() }
    }

    /// The first `count` tokens of `text`: enough to tell what it is.
    pub(crate) fn first(text: &'a [u8], count: usize) -> Self {
        let all = lexer::tokens(text, Dialect::default());
        let real = all.filter(|(kind, _)| !matches!(kind, Kind::Space | Kind::Comment));
        Self { tokens: real.take(count).collect() }
    }

    /// Whether it begins with these keywords.
    pub(crate) fn begins(&self, keywords: &[&str]) -> bool {
        keywords.iter().enumerate().all(|(index, keyword)| self.is(index, keyword))
    }

    /// Whether the token at `index` is this keyword.
    pub(crate) fn is(&self, index: usize, keyword: &str) -> bool {
        matches!(self.tokens.get(index), Some((Kind::Word, word)) if is(word, keyword))
    }

    /// Where this keyword comes first, at `from` or behind it, outside of quotes.
    pub(crate) fn find(&self, from: usize, keyword: &str) -> Option<usize> {
        (from..self.tokens.len()).find(|index| self.is(*index, keyword))
    }

    /// Whether the keyword is anywhere in it.
    pub(crate) fn has(&self, keyword: &str) -> bool {
        self.find(0, keyword).is_some()
    }

    /// The token at `index`.
    pub(crate) fn get(&self, index: usize) -> Option<(Kind, &'a [u8])> {
        self.tokens.get(index).copied()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// A name at `index`, as it is written, with its schema; and the index behind it.
    pub(crate) fn name(&self, index: usize) -> Option<(String, usize)> {
        let mut written = String::new();
        let mut at = index;
        loop {
            let (Kind::Word | Kind::Quoted, part) = self.get(at)? else { return None };
            written.push_str(std::str::from_utf8(part).ok()?);
            at += 1;
            match self.get(at) {
                Some((Kind::Other, b".")) => written.push('.'),
                _ => return Some((written, at)),
            }
            at += 1;
        }
    }
}
