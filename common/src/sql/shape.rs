//! Whether a semicolon ends the statement, and whether rows follow it: what psql keeps track of (`psqlscan.l`).
//!
//! psql counts every BEGIN in CREATE FUNCTION, so that a function of that name never ends; here it is BEGIN ATOMIC.

use super::lexer::{Kind, is};

/// What is known of a statement so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    parentheses: usize,
    bodies: usize,
    head: Head,
    last: Last,
    copies_in: bool,
}

/// What the statement began with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Head {
    #[default]
    Nothing,
    Create,
    CreateOr,
    Routine,
    Copy,
    Other,
}

/// What came last, as far as it matters for the next word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Other,
    Begin,
    From,
}

impl Shape {
    /// A semicolon here ends the statement.
    pub(super) fn is_outermost(&self) -> bool {
        self.parentheses == 0 && self.bodies == 0
    }

    /// Rows follow the statement: it is COPY … FROM STDIN.
    pub(super) fn copies_in(&self) -> bool {
        self.copies_in
    }

    /// Takes the next token that is neither space nor comment.
    pub(super) fn take(&mut self, kind: Kind, token: &[u8]) {
        let last = std::mem::take(&mut self.last);
        match kind {
            Kind::Open => self.parentheses += 1,
            Kind::Close => self.parentheses = self.parentheses.saturating_sub(1),
            Kind::Word => {
                self.advance(token);
                if self.parentheses == 0 {
                    self.word(last, token);
                }
            }
            _ => {}
        }
        if self.head == Head::Nothing {
            self.head = Head::Other;
        }
    }

    fn advance(&mut self, word: &[u8]) {
        self.head = match self.head {
            Head::Nothing if is(word, "create") => Head::Create,
            Head::Nothing if is(word, "copy") => Head::Copy,
            Head::Create if is(word, "or") => Head::CreateOr,
            Head::CreateOr if is(word, "replace") => Head::Create,
            Head::Create if is(word, "function") || is(word, "procedure") => Head::Routine,
            head @ (Head::Routine | Head::Copy) => head,
            _ => Head::Other,
        };
    }

    fn word(&mut self, last: Last, word: &[u8]) {
        match self.head {
            Head::Routine if is(word, "begin") => self.last = Last::Begin,
            Head::Routine if last == Last::Begin && self.bodies == 0 && is(word, "atomic") => self.bodies = 1,
            Head::Routine if self.bodies > 0 && is(word, "case") => self.bodies += 1,
            Head::Routine if is(word, "end") => self.bodies = self.bodies.saturating_sub(1),
            Head::Copy if is(word, "from") => self.last = Last::From,
            // The server takes one word for the other.
            Head::Copy if last == Last::From && (is(word, "stdin") || is(word, "stdout")) => {
                self.copies_in = true;
            }
            _ => {}
        }
    }
}
