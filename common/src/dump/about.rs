//! What a dump tells of where it comes from.

use crate::pg::archive::Contents;
use crate::sql::comments;
use crate::sql::lexer::{Dialect, Kind, is, tokens};
use crate::sql::split::{Event, Splitter};

/// What a dump tells of where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The source's version.
    pub server: Option<String>,
    /// Its major version.
    pub server_major: Option<u32>,
    /// The version of the program that wrote it.
    pub pg_dump: Option<String>,
    /// When, by the clock of the machine that it was written on.
    pub created: Option<jiff::Timestamp>,
    /// The database.
    pub database: Option<String>,
    /// The encoding that the dump is written in: the database's own, if nobody chose another.
    pub encoding: Option<String>,
}

impl About {
    /// Of an archive's head.
    pub(super) fn archive(contents: &Contents) -> Self {
        Self {
            database: Some(contents.database.clone()).filter(|name| !name.is_empty()),
            pg_dump: Some(contents.pg_dump.clone()).filter(|version| !version.is_empty()),
            created: contents.created,
            ..Self::default().dumped_from(&contents.server)
        }
    }

    /// Of the beginning of a plain dump.
    pub(super) fn plain(head: &[u8]) -> Self {
        let mut about = Self::default();
        let mut splitter = Splitter::new(head);
        // The head may end in the middle of something.
        while let Ok(event) = splitter.event() {
            match event {
                Event::Statement(statement) => {
                    about.comments(statement.lead);
                    about.encoding = about.encoding.or_else(|| client_encoding(statement.text));
                }
                Event::Meta(meta) => about.comments(meta.lead),
                Event::End(lead) => {
                    about.comments(lead);
                    break;
                }
                Event::CopyData(_) | Event::CopyEnd => {}
            }
            if about.server.is_some() && about.pg_dump.is_some() && about.encoding.is_some() {
                break;
            }
        }
        about
    }

    fn comments(&mut self, lead: &[u8]) {
        for line in comments::lines(lead) {
            if let Some(version) = line.strip_prefix("Dumped from database version ")
                && self.server.is_none()
            {
                *self = std::mem::take(self).dumped_from(version);
            }
            if let Some(version) = line.strip_prefix("Dumped by pg_dump version ")
                && self.pg_dump.is_none()
            {
                self.pg_dump = Some(version.to_owned());
            }
        }
    }

    fn dumped_from(self, version: &str) -> Self {
        let digits = version.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
        Self { server: Some(version.to_owned()), server_major: digits.parse().ok(), ..self }
    }
}

/// The value of `SET client_encoding = '…'`.
pub(super) fn client_encoding(statement: &[u8]) -> Option<String> {
    let mut tokens = tokens(statement, Dialect::default()).filter(|(kind, _)| *kind != Kind::Space);
    let mut next_is = |word: &str| tokens.next().is_some_and(|(_, token)| is(token, word));
    if !next_is("set") || !next_is("client_encoding") {
        return None;
    }
    let value = String::from_utf8_lossy(tokens.nth(1)?.1).trim_matches('\'').to_owned();
    Some(value)
        .filter(|value| value.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_dump_tells_its_server_and_its_encoding() {
        let head = b"--\n-- PostgreSQL database dump\n--\n\n\\restrict x\n\n-- Dumped from database version 15.3 (Debian)\n\
                     -- Dumped by pg_dump version 18.1\n\nSET statement_timeout = 0;\nSET client_encoding = 'LATIN1';\nCOPY t FROM";
        let about = About::plain(head);
        assert_eq!((about.server_major, about.encoding.as_deref()), (Some(15), Some("LATIN1")));
        assert_eq!(about.server.as_deref(), Some("15.3 (Debian)"));
        assert_eq!(about.pg_dump.as_deref(), Some("18.1"));
        assert_eq!(About::plain(b"CREATE TABLE t ();"), About::default());
    }
}
