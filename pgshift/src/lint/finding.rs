//! What a rule found.

use super::cut::Piece;
use crate::facts::Size;
use crate::grammar::Mode;
use crate::script;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Severity {
    /// Worth knowing.
    Note,
    /// May hurt.
    Warning,
    /// Will hurt, or fails.
    Error,
}

impl Severity {
    /// The word of the records.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) rule: String,
    pub(crate) severity: Severity,
    pub(crate) line: u64,
    pub(crate) column: u64,
    /// The statement, in one line.
    pub(crate) statement: String,
    /// What it is about, quoted.
    pub(crate) object: Option<String>,
    pub(crate) lock: Option<Mode>,
    pub(crate) size: Size,
    pub(crate) writes_per_second: Option<f64>,
    /// Whether it rests on what the database says, or on what must be feared without it.
    pub(crate) exact: bool,
    pub(crate) why: String,
    pub(crate) advice: Option<String>,
    /// Statements that do the same safely, one a line.
    pub(crate) recipe: Option<String>,
}

impl Finding {
    /// A finding that does not depend on sizes.
    pub(crate) fn new(rule: &str, severity: Severity, why: impl Into<String>) -> Self {
        Self {
            rule: rule.to_owned(),
            severity,
            line: 0,
            column: 0,
            statement: String::new(),
            object: None,
            lock: None,
            size: Size::UNKNOWN,
            writes_per_second: None,
            exact: true,
            why: why.into(),
            advice: None,
            recipe: None,
        }
    }

    pub(super) fn object(mut self, object: &impl ToString) -> Self {
        self.object = Some(object.to_string());
        self
    }

    pub(super) fn lock(mut self, mode: Mode) -> Self {
        self.lock = Some(mode);
        self
    }

    pub(super) fn recipe(mut self, recipe: String) -> Self {
        self.recipe = Some(recipe);
        self
    }

    pub(super) fn advice(mut self, advice: &str) -> Self {
        self.advice = Some(advice.to_owned());
        self
    }

    pub(super) fn stands_at(&mut self, piece: &Piece) {
        (self.line, self.column) = (piece.line, piece.column);
        self.statement =
            script::shown(piece.text.as_bytes()).split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((end, _)) = self.statement.char_indices().nth(200) {
            self.statement.truncate(end);
            self.statement.push('…');
        }
    }
}
