//! A store with several snapshots of one small database.

use common::format::attestation::Attestation;
use common::store::{Location, Store};
use std::path::{Path, PathBuf};
use testkit::{Cluster, Database, Outcome, Person, TempDir, Tool, newest_major};

pub(crate) struct Stored {
    directory: TempDir,
    pub(crate) database: Database,
    pub(crate) snapshots: Vec<String>,
    reader: Option<Person>,
}

impl Stored {
    /// So many snapshots; each has rows of its own, some that all have, and the tag `n` and its number.
    pub(crate) fn with(snapshots: usize) -> Self {
        let directory = TempDir::new();
        Self::of(snapshots, directory, None)
    }

    /// The same, encrypted.
    pub(crate) fn sealed(snapshots: usize) -> Self {
        let directory = TempDir::new();
        let reader = Person::new(&directory, "reader");
        Self::of(snapshots, directory, Some(reader))
    }

    fn of(snapshots: usize, directory: TempDir, reader: Option<Person>) -> Self {
        let database = Cluster::shared(newest_major()).database("kept");
        database.run("CREATE TABLE same AS SELECT -1 AS i; CREATE TABLE moving (i int)");
        let mut stored = Self { directory, database, snapshots: Vec::new(), reader };
        for number in 0..snapshots {
            stored.database.run(&format!("TRUNCATE moving; INSERT INTO moving VALUES ({number})"));
            stored.take(&format!("n{number}"));
        }
        stored
    }

    pub(crate) fn take(&mut self, tag: &str) {
        let made = self.create().args(["--tag", tag]).run().success();
        self.snapshots.push(made.result()["snapshot"].as_str().unwrap().to_owned());
    }

    pub(crate) fn create(&self) -> Tool {
        self.create_at(&self.path())
    }

    /// `pgsnap create` into another store, for the same reader, on the same machine.
    pub(crate) fn create_at(&self, store: &Path) -> Tool {
        let create = Tool::pgsnap("create").store(store).database(&self.database);
        let create = create.env("PGSNAP_STATE", self.directory.join("state"));
        match &self.reader {
            Some(reader) => create.args(["--encrypt-to", &reader.public]),
            None => create,
        }
    }

    /// Who may read, if it is encrypted.
    pub(crate) fn reader(&self) -> &Person {
        self.reader.as_ref().unwrap()
    }

    pub(crate) fn person(&self, name: &str) -> Person {
        Person::new(&self.directory, name)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.join("store")
    }

    pub(crate) fn run(&self, command: &str, arguments: &[&str]) -> Outcome {
        self.tool(command, arguments).run()
    }

    pub(crate) fn tool(&self, command: &str, arguments: &[&str]) -> Tool {
        Tool::pgsnap(command).store(&self.path()).args(arguments)
    }

    /// The names below a directory of the store.
    pub(crate) fn files(&self, below: &str) -> Vec<String> {
        let names = self.directory.files();
        names.into_iter().filter(|name| Path::new(name).starts_with(format!("store/{below}"))).collect()
    }

    pub(crate) fn write(&self, name: &str, content: &str) -> PathBuf {
        self.directory.write(format!("store/{name}"), content)
    }

    /// The snapshots that are listed.
    pub(crate) fn listed(&self) -> Vec<String> {
        let listed = self.run("list", &[]).success();
        let names = listed.records_of("snapshot").into_iter();
        names.map(|record| record["snapshot"].as_str().unwrap().to_owned()).collect()
    }

    /// Asserts that every snapshot is whole, and that no block is there that none of them needs.
    pub(crate) fn is_sound_and_swept(&self) {
        self.is_sound();
        let left = self.run("sweep", &["--dry-run"]).success();
        assert_eq!(left.result()["blocks_removed"], 0, "{left}");
    }

    pub(crate) fn is_sound(&self) {
        self.is_sound_at(&self.path());
    }

    /// The same of another store with the same reader.
    pub(crate) fn is_sound_at(&self, store: &Path) {
        let check = || Tool::pgsnap("check").store(store).arg("--read-data");
        drop(check().run().success());
        if let Some(reader) = &self.reader {
            drop(check().arg("--identity").arg(&reader.file).run().success());
        }
    }

    /// Says of a snapshot what pgverify says.
    pub(crate) fn attest(&self, snapshot: &str, proved: bool) {
        let store = Store::open(&Location::Directory(self.path())).unwrap();
        let id = store.find(snapshot).unwrap();
        let attestation = Attestation {
            format: Attestation::FORMAT,
            manifest: store.manifest_digest(&id).unwrap(),
            snapshot: id,
            verified: jiff::Timestamp::now().to_string(),
            proved,
            tool: "test".to_owned(),
            run: "0".to_owned(),
            server_version: "1".to_owned(),
            tables: 2,
            rows: 2,
            bytes: 4,
            sequences: 0,
            large_objects: 0,
            objects: 3,
            differences: u64::from(!proved),
            skipped: 0,
            restore_seconds: 1.0,
            proof_seconds: 1.0,
        };
        store.attest(&attestation).unwrap();
    }
}

/// A field of records, as text.
pub(crate) fn field(outcome: &Outcome, kind: &str, field: &str) -> Vec<String> {
    let records = outcome.records_of(kind).into_iter();
    records.map(|record| record[field].as_str().unwrap().to_owned()).collect()
}
