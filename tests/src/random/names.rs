//! Names that break whatever quotes carelessly; no two of them are the same.

use super::rng::Rng;

/// What names are made of.
const STEMS: &[&str] = &[
    "orders",
    "customer_id",
    "Mixed Case",
    "UPPER",
    "select",
    "user",
    "table",
    "a space",
    " leading",
    "trailing ",
    "quote\"inside",
    "apostrophe's",
    "back\\slash",
    "new\nline",
    "tab\there",
    "dot.in.name",
    "semi;colon",
    "100%",
    "dollar$1$$",
    "ünïcödé",
    "🐘",
    "象",
    "--comment",
    "/*comment*/",
    "null",
    "*",
    "'",
    "\"",
    "(paren)",
    "{brace}",
    "[bracket]",
    "1digit",
    "-dash",
    ":colon :'x'",
    "\\.",
    "\\N",
    "@at",
    "~",
    "=",
    "null\u{200b}width",
    "\u{202e}reversed",
    "e\u{301}",
    "like pg_",
    "Public",
];

/// PostgreSQL cuts a longer name.
const MOST_BYTES: usize = 63;

/// Gives names.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: u32,
}

impl Names {
    /// A new name. Every second one is plain, so that scripts stay readable.
    pub(super) fn fresh(&mut self, rng: &mut Rng, plain: &str) -> String {
        self.given += 1;
        let number = self.given;
        if rng.chance(50) {
            return format!("{plain}_{number}");
        }
        let stem = rng.word(STEMS);
        match rng.below(8) {
            // As long as a name may be.
            0 => filled(stem, number),
            1 => format!("{number}{stem}"),
            _ => format!("{stem}{number}"),
        }
    }
}

fn filled(stem: &str, number: u32) -> String {
    let mut name = format!("{number} {stem} ");
    while name.len() < MOST_BYTES {
        name.push(if name.len() + 2 <= MOST_BYTES { 'é' } else { 'x' });
    }
    name
}
