//! What is said over the pipes between pgshift and its helper: one JSON object a line.

use crate::lint::{Place, Remark};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A migration as (app, name).
pub(crate) type Key = (String, String);

/// What the helper shall do, or may.
#[derive(Debug, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Order<'a> {
    /// Load the project; nothing is connected yet.
    Load(Load<'a>),
    /// Tell what there is.
    State { to: Option<&'a str>, changes: bool },
    /// Run Django's system check.
    Check,
    /// Tell the SQL of these migrations; all of them, as if from nothing on.
    Sql { migrations: &'a [Key], all: bool },
    /// Tell what speaks against these migrations.
    Lint { migrations: &'a [Key], all: bool },
    /// Join the branches of apps.
    Merge,
    /// Put migrations of an app together, and tell what would be written.
    Squash { app: &'a str, first: Option<&'a str>, last: &'a str, name: Option<&'a str>, optimize: bool },
    /// Run Django's own migrate on this database of a scratch server: to its end or to this migration, as if the new file were there or not.
    Trial { name: &'a str, to: Option<&'a Key>, squashed: bool },
    /// Write the new file.
    Keep,
    /// Connect, and take this advisory lock.
    Open { lock: [i32; 2] },
    /// Tell what taking back all behind a migration would do.
    Backwards { to: &'a str },
    /// Do what comes before the first migration. The signal behind the last one tells of what is `unsaid`, too.
    Prepare { migrations: &'a [Key], unsaid: &'a [Key], backwards: bool, weak: &'a [&'a str], trace: bool },
    /// Run one migration.
    Migrate(Box<Migrate<'a>>),
    /// Do what comes after the last one.
    Finish,
    /// Ask the database something, in the middle of whatever is under way.
    Look { sql: &'a str },
    /// Go on.
    Go(Leave),
    /// Try again.
    Again,
    /// Give up what is under way.
    Stop,
}

/// Which project, and where it is led.
#[derive(Debug, Serialize)]
pub(crate) struct Load<'a> {
    pub(crate) manage: Option<String>,
    pub(crate) settings: Option<&'a str>,
    pub(crate) database: &'a str,
    /// The database to go to instead of the one of the settings: variables of libpq.
    pub(crate) connection: Option<BTreeMap<String, String>>,
    /// Whether it is a copy, on which the project's other databases stay out of reach.
    pub(crate) copy: bool,
    /// Whether it is a database that nobody else sees: caches and mail stay here, too.
    pub(crate) scratch: bool,
    pub(crate) read_only: bool,
    pub(crate) memory: Option<u64>,
}

/// One migration to run.
#[derive(Debug, Serialize)]
pub(crate) struct Migrate<'a> {
    pub(crate) migration: &'a Key,
    pub(crate) backwards: bool,
    /// Operations of it that are done.
    pub(crate) operations_done: u32,
    /// Statements that these have put off to the end.
    pub(crate) deferred: &'a [String],
    /// What is written together with Django's own record.
    pub(crate) after: Vec<String>,
}

/// How a statement or an operation may go on.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Leave {
    /// It was done before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) skip: bool,
    /// Milliseconds that it may wait for locks; 0 for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lock_timeout: Option<u64>,
    /// What is written before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) before: Vec<String>,
    /// What is written in one transaction with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) together: Vec<String>,
    /// What is written after it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) after: Vec<String>,
}

/// What the helper says.
#[derive(Debug, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub(crate) enum Said {
    Ready {},
    Loaded(Loaded),
    State(Box<Told>),
    Checked,
    Sql(Sql),
    SqlEnd,
    Lint(Box<Outline>),
    LintEnd,
    Merged { made: Vec<Made> },
    Squashed(Box<Squashed>),
    Tried(Tried),
    Kept,
    Backwards { plan: Vec<Back> },
    Connected { pid: i32, announced: i32, held: bool },
    Opened,
    Prepared,
    Operation(Begun),
    OperationDone(Ended),
    Statement(Statement),
    Ran { failed: bool, lost: bool },
    Commit { since: f64, seconds: f64 },
    Rollback {},
    Rows { rows: Vec<Vec<Option<String>>>, error: Option<Failure> },
    Done { seconds: f64, statements: u64 },
    Finished,
    Stopped,
    Failed(Failed),
    Refused { code: String, message: String, causes: Vec<String>, hint: Option<String> },
}

#[derive(Deserialize)]
pub(crate) struct Loaded {
    pub(crate) django: String,
    pub(crate) settings: String,
    pub(crate) connection: BTreeMap<String, String>,
    pub(crate) own_migrate: Option<String>,
}

impl std::fmt::Debug for Loaded {
    /// Without the connection, which has a password.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Loaded({})", self.settings)
    }
}

/// All that there is.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Told {
    pub(crate) migrations: Vec<Migration>,
    pub(crate) unknown: Vec<Unknown>,
    pub(crate) leaves: Vec<Leaves>,
    pub(crate) inconsistent: Option<String>,
    pub(crate) changes: BTreeMap<String, Changes>,
    pub(crate) changes_unknown: Option<String>,
    pub(crate) missing: Vec<Missing>,
    /// Those that are not recorded, and all that they make is there.
    pub(crate) present: Vec<Key>,
    pub(crate) there_unknown: Option<String>,
}

/// What an applied migration makes, and the database does not have.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Missing {
    pub(crate) migration: Key,
    pub(crate) what: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub(crate) struct Migration {
    pub(crate) app: String,
    pub(crate) name: String,
    pub(crate) path: String,
    /// It belongs to the project, and not to a library.
    pub(crate) own: bool,
    pub(crate) checksum: String,
    pub(crate) applied: bool,
    pub(crate) applied_at: Option<String>,
    /// No other one stands in its place.
    pub(crate) in_graph: bool,
    pub(crate) atomic: bool,
    pub(crate) wanted: bool,
    pub(crate) operations: Vec<Operation>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Operation {
    pub(crate) line: u64,
    pub(crate) kind: String,
    pub(crate) text: String,
    /// All that it does is SQL that is known before.
    pub(crate) sql: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Unknown {
    pub(crate) app: String,
    pub(crate) name: String,
    pub(crate) installed: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Leaves {
    pub(crate) app: String,
    pub(crate) branches: Vec<Branch>,
    /// Why they cannot simply be joined.
    pub(crate) overlap: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Branch {
    pub(crate) migrations: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Changes {
    pub(crate) own: bool,
    pub(crate) operations: Vec<String>,
}

/// What an operation will run.
#[derive(Debug, Deserialize)]
pub(crate) struct Sql {
    pub(crate) migration: Key,
    pub(crate) operation: usize,
    pub(crate) statements: Vec<String>,
    /// Why it is not known.
    pub(crate) opaque: Option<String>,
    /// Why it may be something else.
    pub(crate) doubt: Option<String>,
}

/// What is known of a migration from its text and its operations.
#[derive(Debug, Deserialize)]
pub(crate) struct Outline {
    pub(crate) migration: Key,
    /// Of its operations.
    pub(crate) places: Vec<Place>,
    pub(crate) remarks: Vec<Remark>,
    /// About the whole file.
    pub(crate) comments: Vec<String>,
}

/// A migration that would be taken back.
#[derive(Debug, Deserialize)]
pub(crate) struct Back {
    pub(crate) migration: Key,
    /// Operations that cannot be.
    pub(crate) irreversible: Vec<String>,
    pub(crate) losses: Vec<Loss>,
}

/// What would be dropped.
#[derive(Debug, Deserialize)]
pub(crate) struct Loss {
    pub(crate) table: Option<String>,
    pub(crate) column: Option<String>,
    /// An operation of which that cannot be told.
    pub(crate) what: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Made {
    pub(crate) app: String,
    pub(crate) name: String,
    pub(crate) path: String,
}

/// What would be written in the place of migrations.
#[derive(Debug, Deserialize)]
pub(crate) struct Squashed {
    pub(crate) app: String,
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) atomic: bool,
    pub(crate) replaces: Vec<Key>,
    /// The last one that is applied, in each state in which a database can be between them.
    pub(crate) states: Vec<Key>,
    /// How many operations those have.
    pub(crate) before: u64,
    pub(crate) operations: u64,
    pub(crate) carried: Vec<Carried>,
}

impl Squashed {
    /// What it is called in Django, and in our records.
    pub(crate) fn version(&self) -> String {
        format!("{}.{}", self.app, self.name)
    }
}

/// Code of a migration that is replaced.
#[derive(Debug, Deserialize)]
pub(crate) struct Carried {
    pub(crate) migration: Key,
    pub(crate) path: String,
    pub(crate) line: u64,
    pub(crate) text: String,
    pub(crate) how: String,
}

/// What a run of migrate did.
#[derive(Debug, Deserialize)]
pub(crate) struct Tried {
    pub(crate) ran: Vec<String>,
    /// All that Django has a record of now.
    pub(crate) recorded: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Begun {
    pub(crate) operation: u32,
    pub(crate) text: String,
    /// Whether it is in a transaction.
    pub(crate) transaction: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Ended {
    pub(crate) operation: u32,
    /// Its place in the order in which they run.
    pub(crate) position: u32,
    pub(crate) transaction: bool,
    pub(crate) seconds: f64,
    pub(crate) statements: u64,
    pub(crate) memory: u64,
    pub(crate) repeated: Vec<Repeated>,
    pub(crate) deferred: Vec<String>,
}

/// A statement that ran more often than is told one by one.
#[derive(Debug, Deserialize)]
pub(crate) struct Repeated {
    pub(crate) sql: String,
    pub(crate) times: u64,
    pub(crate) seconds: f64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    /// Seconds of which nothing was told before it.
    pub(crate) since: f64,
    /// Outside of a transaction, and the schema's.
    pub(crate) apart: bool,
    pub(crate) transaction: bool,
}

/// An exception.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) server: Option<Server>,
    pub(crate) memory: bool,
    /// The session ended with it.
    #[serde(default)]
    pub(crate) lost: bool,
    pub(crate) places: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Failed {
    pub(crate) operation: Option<usize>,
    pub(crate) statement: Option<String>,
    /// A part of an atomic migration is done all the same: it has ended its transaction by itself.
    #[serde(default)]
    pub(crate) stays: bool,
    #[serde(flatten)]
    pub(crate) failure: Failure,
}

/// What the server said.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Server {
    pub(crate) sqlstate: String,
    pub(crate) message: Option<String>,
    pub(crate) detail: Option<String>,
    pub(crate) hint: Option<String>,
    pub(crate) context: Option<String>,
}
