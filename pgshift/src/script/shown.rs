//! A statement as people may see it: passwords are not shown.

use common::sql::lexer::{self, Dialect, Kind, is};

/// How much of a statement an error shows, in characters.
const HEAD: usize = 80;

/// What stands for what is not shown.
const MASK: &str = "'…'";

/// The statement with passwords and connection strings masked.
pub(crate) fn shown(text: &[u8]) -> String {
    let mut shown = String::new();
    let mut secret = false;
    for (kind, token) in lexer::tokens(text, Dialect::default()) {
        match kind {
            Kind::String if secret => shown.push_str(MASK),
            _ => shown.push_str(&String::from_utf8_lossy(token)),
        }
        match kind {
            Kind::Space | Kind::Comment => {}
            Kind::Word => secret = ["password", "connection"].iter().any(|word| is(token, word)),
            // PASSWORD = '…' as in options of some extensions.
            Kind::Other if token == b"=" => {}
            _ => secret = false,
        }
    }
    shown
}

/// Its beginning on one line.
pub(crate) fn head(text: &[u8]) -> String {
    let shown = shown(text);
    let words: Vec<&str> = shown.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(HEAD) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(shown(b"CREATE ROLE a LOGIN PASSWORD 's3cret' VALID UNTIL 'x'"), "CREATE ROLE a LOGIN PASSWORD '…' VALID UNTIL 'x'");
        assert!(!shown(b"CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'u', password 's3cret')").contains("s3cret"));
        assert!(!shown(b"CREATE SUBSCRIPTION s CONNECTION 'password=s3cret' PUBLICATION p").contains("s3cret"));
        assert_eq!(head(b"SELECT 1,\n   2"), "SELECT 1, 2");
    }
}
