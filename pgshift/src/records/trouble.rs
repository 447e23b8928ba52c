//! What is in the way: somebody else's lock, or a contradiction.

use crate::history::kind_word;
use crate::lock::Blocker;
use crate::state::Conflict;
use common::records::{Cell, Record, Row, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// Somebody holds what a migration waits for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Blocked {
    /// The version of the migration that waits.
    pub(crate) version: String,
    /// The lock that is waited for, such as `AccessExclusiveLock`.
    pub(crate) mode: String,
    /// What it is on: a table, or a kind of lock such as `virtualxid`.
    pub(crate) object: String,
    /// The server process that holds it; 0 for a prepared transaction.
    pub(crate) pid: i32,
    /// What that one calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) application: Option<String>,
    /// Its role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    /// `active`, `idle in transaction` and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    /// How old its transaction is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transaction_seconds: Option<f64>,
    /// With --show-queries: the beginning of its statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) query: Option<String>,
}

/// A file that contradicts the history.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ConflictRecord {
    /// `edited`, `vanished`, `late`, `half_applied` or `half_reverted`; of Django also `leaves` (two last migrations),
    /// `inconsistent` (applied before what it depends on), `renamed`, `unrecorded` (applied, and Django has no record),
    /// `recorded` (Django has a record, and it is half applied), `faked` (Django has a record, and what it makes is not
    /// there) and `models` (changes without a migration).
    pub(crate) conflict: String,
    /// The migration's version.
    pub(crate) version: String,
    /// `versioned`, `repeatable`, `baseline` or `django`.
    pub(crate) kind: String,
    /// Its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: String,
}

impl Blocked {
    /// Who is in the way; what it runs may hold secrets and is shown on demand only.
    pub(crate) fn by(blocker: &Blocker, version: &str, show_query: bool) -> Self {
        let blocker = blocker.clone();
        Self {
            version: version.to_owned(),
            mode: blocker.mode,
            object: blocker.object,
            pid: blocker.pid,
            application: blocker.application,
            user: blocker.user,
            state: blocker.state,
            transaction_seconds: blocker.seconds,
            query: blocker.query.filter(|_| show_query),
        }
    }
}

impl From<&Conflict> for ConflictRecord {
    fn from(conflict: &Conflict) -> Self {
        Self {
            conflict: conflict.kind.word().to_owned(),
            version: conflict.version.clone(),
            kind: kind_word(conflict.of).to_owned(),
            file: conflict.file.clone(),
            message: conflict.message.clone(),
            hint: conflict.hint.clone(),
        }
    }
}

impl Record for Blocked {
    const TYPE: &'static str = "blocked";
    /// None: people read it on stderr.
    fn row(&self) -> Option<Row> {
        None
    }
}

impl Record for ConflictRecord {
    const TYPE: &'static str = "conflict";
    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("version", Cell::text(&self.version))
                .with("conflict", Cell::Status(self.conflict.clone(), Tone::Bad))
                .with("what", Cell::text(&self.message))
                .with("what to do", Cell::text(&self.hint)),
        )
    }
}
