//! How a script is recognised again: a hash over its tokens. Comments, white space and line ends do not count, nor does
//! a missing last semicolon; everything else does, the case of letters too.

use super::parse::{Parsed, parse};
use super::statement::Statement;
use crate::source::Script;
use common::sql::lexer::{self, Dialect, Kind};

/// A hash in hexadecimal digits.
pub(crate) type Fingerprint = String;

/// Of the whole script.
pub(crate) fn of_script(script: &Parsed<'_>) -> Fingerprint {
    of_first(script, script.statements.len())
}

/// Of its first statements.
pub(crate) fn of_first(script: &Parsed<'_>, count: usize) -> Fingerprint {
    let mut hash = blake3::Hasher::new();
    for statement in script.statements.iter().take(count) {
        tokens(&mut hash, script.text(statement));
        if let Some(rows) = script.rows(statement) {
            hash.update(b"\x01");
            lines(&mut hash, rows);
        }
        // No token begins with it.
        hash.update(b"\0");
    }
    finish(&hash)
}

/// Of a script as it is written, with placeholders in it: the same as without them, where there are none.
pub(crate) fn of_written(script: &Script, written: &[u8]) -> Fingerprint {
    let written =
        Script { text: written.to_owned(), single: Vec::new(), secret: Vec::new(), ..script.clone() };
    match parse(&written) {
        Ok(parsed) => of_script(&parsed),
        // A placeholder may stand where a semicolon or a quote is missing without it.
        Err(_) => of_text(&written.text),
    }
}

/// Of one statement as it is shown, so that nobody can guess at what is not.
pub(crate) fn of_statement(script: &Parsed<'_>, statement: &Statement) -> Fingerprint {
    of_text(script.shown(statement).as_bytes())
}

fn of_text(text: &[u8]) -> Fingerprint {
    let mut hash = blake3::Hasher::new();
    tokens(&mut hash, text);
    finish(&hash)
}

fn finish(hash: &blake3::Hasher) -> Fingerprint {
    hash.finalize().to_hex().as_str().get(..32).unwrap_or_default().to_owned()
}

fn tokens(hash: &mut blake3::Hasher, text: &[u8]) {
    let mut last: Option<(Kind, u8)> = None;
    let mut apart = false;
    for (kind, token) in lexer::tokens(text, Dialect::default()) {
        if matches!(kind, Kind::Space | Kind::Comment) {
            apart = true;
            continue;
        }
        let first = token.first().copied().unwrap_or_default();
        // Where it matters whether something is between them: `< =` is no `<=`, and `1 e5` no `1e5`.
        let joined = match (last, kind) {
            (Some((Kind::Other, before)), Kind::Other) => is_operator(before) && is_operator(first),
            (Some((Kind::Number, _)), Kind::Word) => true,
            _ => false,
        };
        hash.update(if joined && !apart { b"\x03" } else { b"\x02" });
        lines(hash, token);
        last = Some((kind, first));
        apart = false;
    }
}

fn is_operator(byte: u8) -> bool {
    b"+-*/<>=~!@#%^&|`?:".contains(&byte)
}

/// The text with line ends as Unix has them.
fn lines(hash: &mut blake3::Hasher, text: &[u8]) {
    let mut rest = text;
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let (line, tail) = rest.split_at(end);
        hash.update(line);
        rest = tail.get(1..).unwrap_or_default();
    }
    hash.update(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_server_reads_counts() {
        let same = of_text(b"SELECT a -- note\n FROM t WHERE x<=1");
        for text in ["SELECT a\r\nFROM t\tWHERE x <= 1", "/* licence */ SELECT a FROM t WHERE x<= 1"] {
            assert_eq!(of_text(text.as_bytes()), same, "{text}");
        }
        for text in
            ["select a FROM t WHERE x<=1", "SELECT a FROM t WHERE x< =1", "SELECT a FROM t WHERE x<=1 ;"]
        {
            assert_ne!(of_text(text.as_bytes()), same, "{text}");
        }
        assert_eq!(of_text(b"DO $$a\r\nb$$"), of_text(b"DO $$a\nb$$"));
        assert_ne!(of_text(b"DO $$a b$$"), of_text(b"DO $$a  b$$"));
    }
}
