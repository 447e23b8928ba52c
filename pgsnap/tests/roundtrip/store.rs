//! A store of a test, and pgsnap at work on it.

use common::format::manifest::Manifest;
use serde_json::Value;
use std::path::{Path, PathBuf};
use testkit::{Database, Outcome, TempDir, Tool};

/// A store of its own, gone with its value.
pub(crate) struct Store {
    directory: TempDir,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self { directory: TempDir::new() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.join("store")
    }

    /// `pgsnap create`, to be given more.
    pub(crate) fn create(&self, database: &Database) -> Tool {
        Tool::pgsnap("create").store(&self.path()).database(database)
    }

    /// `pgsnap create` by another user than the superuser.
    pub(crate) fn create_as(&self, user: &str, database: &Database) -> Tool {
        Tool::pgsnap("create").store(&self.path()).arg("-d").arg(connection_of(user, database))
    }

    /// A snapshot that must succeed.
    #[track_caller]
    pub(crate) fn take(&self, database: &Database) -> Snapshot {
        self.taken(self.create(database).run())
    }

    /// The snapshot that a run of `create` made.
    #[track_caller]
    pub(crate) fn taken(&self, outcome: Outcome) -> Snapshot {
        let outcome = valid(outcome).success();
        let id = text(&outcome.result()["snapshot"]);
        assert_eq!(text(&outcome.record("snapshot")["snapshot"]), id);
        let json = std::fs::read(self.path().join(format!("snapshots/{id}.json"))).unwrap();
        let manifest = Manifest::decode(&id, &json).unwrap();
        Snapshot { id, manifest, outcome }
    }

    /// `pgsnap restore` of this snapshot into a database that is there, to be given more.
    pub(crate) fn restore(&self, snapshot: &Snapshot, into: &Database) -> Tool {
        Tool::pgsnap("restore").arg(&snapshot.id).store(&self.path()).database(into)
    }

    /// Restores into a new database of that name beside `original`; it must be proved.
    #[track_caller]
    pub(crate) fn copy(&self, snapshot: &Snapshot, original: &Database) -> Database {
        let copy = original.cluster().existing(&format!("{} copy", original.name()));
        proved(self.restore(snapshot, &copy).arg("--create").run());
        copy
    }

    /// A file beside the store.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        self.directory.write(name, content)
    }

    /// The names of its snapshots.
    pub(crate) fn snapshots(&self) -> Vec<String> {
        let names = self.directory.files();
        names.into_iter().filter(|name| Path::new(name).starts_with("store/snapshots")).collect()
    }
}

/// The way to `database` for that user.
pub(crate) fn connection_of(user: &str, database: &Database) -> String {
    database.connection().replace(" user=postgres ", &format!(" user={user} "))
}

/// A snapshot: its manifest, and the run that made it.
pub(crate) struct Snapshot {
    pub(crate) id: String,
    pub(crate) manifest: Manifest,
    pub(crate) outcome: Outcome,
}

impl Snapshot {
    /// A number of the result of the run that made it.
    #[track_caller]
    pub(crate) fn number(&self, field: &str) -> u64 {
        number(&self.outcome, field)
    }
}

/// A number of the result.
#[track_caller]
pub(crate) fn number(outcome: &Outcome, field: &str) -> u64 {
    outcome.result()[field].as_u64().unwrap_or_else(|| panic!("no {field}: {outcome}"))
}

/// Asserts that a restore succeeded, and that it was proved.
#[track_caller]
pub(crate) fn proved(outcome: Outcome) -> Outcome {
    let outcome = valid(outcome).success();
    assert_eq!(outcome.result()["proved"], true, "{outcome}");
    outcome
}

/// Asserts that it wrote records; the harness holds each of them against its published schema.
#[track_caller]
pub(crate) fn valid(outcome: Outcome) -> Outcome {
    assert!(!outcome.records().is_empty(), "no records: {outcome}");
    outcome
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
