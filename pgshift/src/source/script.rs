//! Scripts out of files and sections of files.

use super::directory::File;
use super::placeholders::Replaced;
use super::text;
use super::{Script, Transaction};
use common::error::Result;
use common::name::literal;
use common::sql::lexer::{self, Dialect};
use common::sql::split::{Event, Splitter};
use std::ops::Range;

impl Script {
    /// A whole file.
    pub(crate) fn whole(file: &File) -> Result<Self> {
        let text = file.text()?;
        Self::section(file, 0..text.len())
    }

    /// A part of a file's text.
    pub(crate) fn section(file: &File, at: Range<usize>) -> Result<Self> {
        let all = file.text()?;
        let first_line = 1 + text::breaks(all.get(..at.start).unwrap_or_default());
        let text = all.get(at).unwrap_or_default().to_vec();
        Ok(Self::new(file, text, first_line))
    }

    /// Text that begins on a line of a file.
    pub(crate) fn new(file: &File, text: Vec<u8>, first_line: u64) -> Self {
        let transaction = transaction_in(&text);
        Self {
            path: file.path.clone(),
            text,
            first_line,
            transaction,
            single: Vec::new(),
            secret: Vec::new(),
            written: None,
        }
    }

    /// The same, with what directives of the convention say when they ask for no transaction. A script's own BEGIN is
    /// stronger: it runs the same whoever runs it.
    pub(crate) fn without_transaction(mut self, asked: bool) -> Self {
        if asked && self.transaction == Transaction::Unsaid {
            self.transaction = Transaction::No;
        }
        self
    }

    /// The same, after settings that the tool makes before each script. They are no part of what it is known by, and no
    /// line of the file.
    pub(crate) fn with_settings(mut self, settings: &[(String, String)]) -> Self {
        if settings.is_empty() {
            return self;
        }
        let set = |(name, value): &(String, String)| {
            format!("pg_catalog.set_config({}, {}, false)", literal(name), literal(value))
        };
        let all: Vec<String> = settings.iter().map(set).collect();
        let before = format!("SELECT {};", all.join(", ")).replace(['\n', '\r'], " ") + "\n";
        let written = self.text.clone();
        self.text.splice(0..0, before.bytes());
        self.first_line = self.first_line.saturating_sub(1);
        for range in self.single.iter_mut().chain(&mut self.secret) {
            *range = range.start + before.len()..range.end + before.len();
        }
        self.written.get_or_insert(written);
        self
    }

    /// The same, with placeholders replaced.
    pub(crate) fn with_values(mut self, replaced: Replaced) -> Self {
        if replaced.any {
            self.written = Some(std::mem::replace(&mut self.text, replaced.text));
            self.secret = replaced.secret;
        }
        self
    }
}

/// What a script says of transactions by itself: `-- pgshift: no-transaction` in its head, or a BEGIN among its statements.
fn transaction_in(script: &[u8]) -> Transaction {
    if begins(script) {
        return Transaction::Own;
    }
    let asks = |comment: &str| {
        comment.strip_prefix("pgshift:").is_some_and(|rest| rest.trim_start().starts_with("no-transaction"))
    };
    if text::header(script).any(|(_, comment)| asks(comment)) { Transaction::No } else { Transaction::Unsaid }
}

/// Whether a statement begins a transaction. Nobody cuts every script for the sake of a word that most do not have.
fn begins(script: &[u8]) -> bool {
    if !text::mentions(script, "begin") && !text::mentions(script, "start") {
        return false;
    }
    let mut splitter = Splitter::new(script);
    loop {
        match splitter.event() {
            Ok(Event::Statement(statement)) if begins_transaction(statement.text) => return true,
            // Whoever runs it says what is wrong with it, and where.
            Ok(Event::End(_)) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

fn begins_transaction(statement: &[u8]) -> bool {
    let mut words = lexer::tokens(statement, Dialect::default())
        .filter(|(kind, _)| *kind == lexer::Kind::Word)
        .map(|(_, word)| word);
    match words.next() {
        Some(first) if lexer::is(first, "begin") => true,
        Some(first) if lexer::is(first, "start") => {
            words.next().is_some_and(|second| lexer::is(second, "transaction"))
        }
        _ => false,
    }
}
