//! A statement as people may see it: passwords are not shown.

use super::parse::Parsed;
use super::statement::Statement;
use common::sql::lexer::{self, Dialect, Kind, is};

/// How much of a statement an error shows, in characters.
const HEAD: usize = 80;

/// What stands for what is not shown.
const MASK: &str = "'…'";

impl Parsed<'_> {
    /// The statement with passwords, connection strings and what came from the environment masked.
    pub(crate) fn shown(&self, statement: &Statement) -> String {
        shown(&self.without_secrets(statement))
    }

    /// Its beginning on one line.
    pub(crate) fn head(&self, statement: &Statement) -> String {
        let shown = self.shown(statement);
        let words: Vec<&str> = shown.split_whitespace().collect();
        let line = words.join(" ");
        match line.char_indices().nth(HEAD) {
            Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
            None => line,
        }
    }

    /// What somebody else says of the script, without what came from the environment.
    pub(crate) fn censored(&self, words: &str) -> String {
        let secrets = self.script.secret.iter().filter_map(|range| {
            let secret = self.script.text.get(range.clone())?;
            std::str::from_utf8(secret).ok().filter(|secret| !secret.trim().is_empty())
        });
        secrets.fold(words.to_owned(), |words, secret| words.replace(secret, "…"))
    }

    fn without_secrets(&self, statement: &Statement) -> Vec<u8> {
        let mut text = Vec::new();
        let mut from = statement.text.start;
        for secret in &self.script.secret {
            if secret.end <= from || secret.start >= statement.text.end {
                continue;
            }
            text.extend_from_slice(self.script.text.get(from..secret.start.max(from)).unwrap_or_default());
            text.extend_from_slice("…".as_bytes());
            from = secret.end.min(statement.text.end);
        }
        text.extend_from_slice(self.script.text.get(from..statement.text.end).unwrap_or_default());
        text
    }
}

/// The text with passwords masked.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Script, Transaction};

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(
            shown(b"CREATE ROLE a LOGIN PASSWORD 's3cret' VALID UNTIL 'x'"),
            "CREATE ROLE a LOGIN PASSWORD '…' VALID UNTIL 'x'"
        );
        assert!(
            !shown(b"CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'u', password 's3cret')")
                .contains("s3cret")
        );
        assert!(
            !shown(b"CREATE SUBSCRIPTION s CONNECTION 'password=s3cret' PUBLICATION p").contains("s3cret")
        );
    }

    #[test]
    fn what_came_from_the_environment_is_not_shown() {
        let text = "SELECT 0; SELECT 'a s3cret b',\n 1;";
        let script = Script {
            path: "a.sql".into(),
            text: text.into(),
            first_line: 1,
            transaction: Transaction::Unsaid,
            single: Vec::new(),
            secret: std::iter::once(20..26).collect(),
            written: None,
        };
        let parsed = crate::script::parse(&script).unwrap();
        assert_eq!(parsed.head(&parsed.statements[1]), "SELECT 'a … b', 1");
        assert_eq!(parsed.censored("value s3cret is wrong"), "value … is wrong");
    }
}
