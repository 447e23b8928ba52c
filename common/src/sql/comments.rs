//! What the comments before a statement say.

use super::lexer::{Dialect, Kind, tokens};

/// The lines of the comments in `lead`, without their marks; comments that a blank line parts are parted by an empty line.
pub fn lines(lead: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    for (kind, token) in tokens(lead, Dialect::default()) {
        let text = String::from_utf8_lossy(token);
        match kind {
            Kind::Comment if token.starts_with(b"--") => {
                lines.push(text.trim_start_matches('-').trim().to_owned());
            }
            Kind::Comment => {
                let inner = text.trim_start_matches("/*").trim_end_matches("*/");
                lines.extend(inner.lines().map(|line| line.trim().trim_start_matches('*').trim().to_owned()));
            }
            _ if text.matches('\n').count() > 1 => lines.push(String::new()),
            _ => {}
        }
    }
    lines
}

/// The first line of the last comment that belongs together.
pub fn headline(lead: &[u8]) -> Option<String> {
    let lines = lines(lead);
    let mut blocks = lines.split(String::is_empty).filter(|block| !block.is_empty());
    blocks.next_back().and_then(|block| block.first().cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_comment_names_a_statement_by_its_first_line() {
        let head = |lead: &str| headline(lead.as_bytes());
        assert_eq!(head("-- file\n\n-- no orphans\n-- since 2020\n"), Some("no orphans".into()));
        assert_eq!(head("/* a\n * b\n */\n"), Some("a".into()));
        assert_eq!(head("-----\n-- boxed\n-----\n"), Some("boxed".into()));
        assert_eq!(head("\n \n--\n"), None);
    }
}
