//! `:batch` in a statement, and `:batch(alias)`: where the condition goes that picks the rows of one batch.

use crate::script::offset_of;
use common::sql::lexer::{self, Dialect, Kind, is};
use std::ops::Range;

/// A statement with a condition in place of each `:batch`.
#[derive(Clone, Debug)]
pub(crate) struct Filled {
    /// The statement.
    pub(crate) text: Vec<u8>,
    /// Where each condition is now, and where its placeholder was.
    holes: Vec<(Range<usize>, Range<usize>)>,
}

/// One placeholder.
#[derive(Debug)]
struct Place<'a> {
    at: Range<usize>,
    alias: Option<&'a [u8]>,
}

impl Filled {
    /// `text` with the condition for each alias, or for none.
    pub(crate) fn new(text: &[u8], condition: impl Fn(Option<&str>) -> String) -> Self {
        let mut filled = Self { text: Vec::new(), holes: Vec::new() };
        let mut from = 0;
        for place in places(text) {
            filled.text.extend_from_slice(text.get(from..place.at.start).unwrap_or_default());
            let alias = place.alias.map(String::from_utf8_lossy);
            let start = filled.text.len();
            filled.text.extend_from_slice(condition(alias.as_deref()).as_bytes());
            from = place.at.end;
            filled.holes.push((start..filled.text.len(), place.at));
        }
        filled.text.extend_from_slice(text.get(from..).unwrap_or_default());
        filled
    }

    /// Where in `original` is what the server counts as `position` here; both in characters, from 1.
    pub(crate) fn position_in(&self, original: &[u8], position: u32) -> u32 {
        let offset = offset_of(&self.text, position);
        let last = self.holes.iter().rfind(|(now, _)| now.start <= offset);
        let there =
            last.map_or(
                offset,
                |(now, was)| {
                    if offset < now.end { was.start } else { was.end + (offset - now.end) }
                },
            );
        let before = original.get(..there).unwrap_or(original);
        let characters = before.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        u32::try_from(characters + 1).unwrap_or(u32::MAX)
    }
}

/// How many placeholders are in it.
pub(crate) fn count(text: &[u8]) -> usize {
    places(text).len()
}

/// The statement as any parser can read it: with a condition of which nothing is known. All else keeps its place.
pub(crate) fn readable(text: &[u8]) -> Vec<u8> {
    let mut readable = text.to_vec();
    for place in places(text) {
        let condition = b"(1<2)".iter().chain(std::iter::repeat(&b' '));
        for (byte, with) in readable.get_mut(place.at).into_iter().flatten().zip(condition) {
            *byte = *with;
        }
    }
    readable
}

fn places(text: &[u8]) -> Vec<Place<'_>> {
    let mut at = 0;
    let tokens: Vec<(Kind, &[u8], usize)> = lexer::tokens(text, Dialect::default())
        .map(|(kind, token)| {
            at += token.len();
            (kind, token, at)
        })
        .collect();
    let mut places = Vec::new();
    for (index, pair) in tokens.windows(2).enumerate() {
        let [(Kind::Other, b":", colon), (Kind::Word, word, end)] = pair else { continue };
        let cast = index.checked_sub(1).and_then(|before| tokens.get(before));
        if !is(word, "batch") || cast.is_some_and(|(_, token, _)| *token == b":") {
            continue;
        }
        let start = colon - 1;
        places.push(match tokens.get(index + 2..index + 5) {
            Some([(Kind::Open, _, _), (Kind::Word | Kind::Quoted, alias, _), (Kind::Close, _, end)]) => {
                Place { at: start..*end, alias: Some(alias) }
            }
            _ => Place { at: start..*end, alias: None },
        });
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str) -> String {
        let filled = Filled::new(text.as_bytes(), |alias| format!("<{}>", alias.unwrap_or("-")));
        String::from_utf8(filled.text).unwrap()
    }

    #[test]
    fn only_placeholders_are_replaced() {
        assert_eq!(
            fill("DELETE FROM t -- :batch\n WHERE a = ':batch' AND b::batch AND :batch OR :BATCH(\"O o\")"),
            "DELETE FROM t -- :batch\n WHERE a = ':batch' AND b::batch AND <-> OR <\"O o\">"
        );
        assert_eq!(readable(b"a :batch(x) b"), b"a (1<2)     b");
        assert_eq!(count(b"SELECT :batches, \":batch\""), 0);
    }

    #[test]
    fn positions_are_found_in_what_was_written() {
        let text = "ä WHERE :batch AND x".as_bytes();
        let filled = Filled::new(text, |_| "a > 1000".to_owned());
        let position = |of: &str| {
            let all = std::str::from_utf8(&filled.text).unwrap();
            let characters = all[..all.find(of).unwrap()].chars().count();
            filled.position_in(text, u32::try_from(characters + 1).unwrap())
        };
        assert_eq!([position("WHERE"), position("1000"), position("AND"), position("x")], [3, 9, 16, 20]);
    }
}
