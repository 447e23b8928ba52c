//! Where migrations come from: the one interface that everything else sees.
//!
//! A source only reads files. It knows no database, no history, and runs nothing. What it gives is in the order in which
//! it is meant to run; who applies it does not sort.

mod conventions;
mod detect;
mod directory;
mod next;
pub(crate) mod order;
mod placeholders;
mod script;
mod squash;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use conventions::{CommittedHeader, atlas_sums};
pub(crate) use detect::baseline;
pub(crate) use detect::open;
pub(crate) use next::next;
pub(crate) use placeholders::variable as placeholder_variable;
pub(crate) use squash::{replaced, script as squashed, wants_none};

use common::error::Result;
use common::records::Warning;
use std::path::PathBuf;

/// A set of migrations.
pub(crate) trait Source {
    /// The convention's name, as `--convention` takes it.
    fn convention(&self) -> &'static str;

    /// All migrations, in the order in which they are meant to run; repeatable ones last.
    fn migrations(&self) -> Result<Vec<Migration>>;

    /// What lies there and is not run: whoever reads the migrations tells of it.
    fn warnings(&self) -> &[Warning];
}

/// One migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Migration {
    /// What it is known by in the history: the version as the convention writes it, without leading zeros where the
    /// convention compares numbers; the description of a repeatable one.
    pub(crate) version: String,
    /// What people call it, may be empty.
    pub(crate) name: String,
    /// When it runs.
    pub(crate) kind: MigrationKind,
    /// What applies it.
    pub(crate) up: Script,
    /// What takes it back, where there is such a script.
    pub(crate) down: Option<Script>,
}

/// When a migration runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum MigrationKind {
    /// Once.
    Versioned,
    /// Whenever its text has changed, after all others.
    Repeatable,
    /// On an empty history in place of all versions up to its own.
    Baseline,
}

/// SQL text out of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Script {
    /// The file, for messages: as it would be opened from here.
    pub(crate) path: PathBuf,
    /// The text that is run, with placeholders replaced: the whole file, or its section.
    pub(crate) text: Vec<u8>,
    /// The line of the file that the text begins on, from 1.
    pub(crate) first_line: u64,
    /// Whether directives ask for a transaction.
    pub(crate) transaction: Transaction,
    /// Parts of `text` that the convention says are one statement, whatever semicolons are in them; in order, not overlapping.
    pub(crate) single: Vec<std::ops::Range<usize>>,
    /// Parts of `text` that came from the environment and may be secrets: no record, message or log shows them.
    pub(crate) secret: Vec<std::ops::Range<usize>>,
    /// The text before placeholders were replaced, where any was. What was applied once is known by this, so that
    /// another value of a placeholder is no edit; a repeatable one by `text`.
    pub(crate) written: Option<Vec<u8>>,
}

/// What the convention's directives say about a transaction around a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transaction {
    /// Nothing: one transaction, unless the statements cannot run in one.
    Unsaid,
    /// None.
    No,
    /// The script has its own BEGIN and COMMIT.
    Own,
}
