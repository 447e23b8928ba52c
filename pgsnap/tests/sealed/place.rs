//! An encrypted store of a test, the machine that writes into it, and people with keys.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use testkit::{Cluster, Database, Outcome, Person, TempDir, Tool, newest_major};

/// A directory with a store, the state of the machine that writes into it, and keys.
pub(crate) struct Place {
    pub(crate) directory: TempDir,
    pub(crate) alice: Person,
}

impl Place {
    pub(crate) fn new() -> Self {
        let directory = TempDir::new();
        let alice = Person::new(&directory, "alice");
        Self { directory, alice }
    }

    pub(crate) fn person(&self, name: &str) -> Person {
        Person::new(&self.directory, name)
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.directory.join("store")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.directory.join("state")
    }

    /// A subcommand of pgsnap on the machine that makes backups, which has no private key.
    pub(crate) fn host(&self, subcommand: &str) -> Tool {
        Tool::pgsnap(subcommand).store(&self.store()).env("PGSNAP_STATE", self.state())
    }

    /// A subcommand of pgsnap on Alice's machine.
    pub(crate) fn reader(&self, subcommand: &str) -> Tool {
        Tool::pgsnap(subcommand).store(&self.store()).arg("--identity").arg(&self.alice.file)
    }

    /// `pgsnap create` for Alice.
    pub(crate) fn create(&self, database: &Database) -> Tool {
        self.host("create").database(database).args(["--encrypt-to", &self.alice.public])
    }

    /// `pgsnap cat latest TABLE`, to be given a key.
    pub(crate) fn cat(&self, table: &str) -> Tool {
        Tool::pgsnap("cat").store(&self.store()).args(["latest", table]).raw()
    }

    /// Every file of the store, below it.
    pub(crate) fn files(&self) -> Vec<String> {
        let files = self.directory.files();
        files.iter().filter_map(|name| name.strip_prefix("store/").map(str::to_owned)).collect()
    }

    /// The names of the blocks.
    pub(crate) fn blocks(&self) -> Vec<String> {
        self.files().into_iter().filter(|name| name.starts_with("blocks/")).collect()
    }

    pub(crate) fn flip(&self, file: &str) {
        let path = self.store().join(file);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        std::fs::write(path, bytes).unwrap();
    }
}

/// The role of [`ledger`], one for all, since roles belong to the cluster.
pub(crate) const ROLE: &str = "planted_role";

/// A small database with words that nobody shall see.
pub(crate) fn ledger(name: &str) -> Database {
    let database = Cluster::shared(newest_major()).database(name);
    database.run(
        "DO $$BEGIN CREATE ROLE planted_role LOGIN PASSWORD 'planted password'; \
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END$$",
    );
    database.run(
        "CREATE TABLE planted_table (planted_column int PRIMARY KEY, v text); \
         COMMENT ON TABLE planted_table IS 'planted comment'; ALTER TABLE planted_table OWNER TO planted_role; \
         INSERT INTO planted_table SELECT g, 'planted value ' || g FROM generate_series(1, 3000) g; \
         CREATE VIEW planted_view AS SELECT 'planted literal' AS x FROM planted_table; \
         CREATE SEQUENCE planted_sequence; SELECT nextval('planted_sequence'); \
         SELECT lo_from_bytea(4711, 'planted object')",
    );
    database
}

/// The code of the error that it ended with.
pub(crate) fn code(outcome: &Outcome) -> String {
    outcome.record("error")["code"].as_str().unwrap().to_owned()
}

/// The number in a field of the result.
pub(crate) fn number(outcome: &Outcome, field: &str) -> u64 {
    outcome.result()[field].as_u64().unwrap_or_else(|| panic!("{field}: {outcome}"))
}

/// Whether a program that a test needs is there. Where nothing may be left out it has to be.
pub(crate) fn have(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).any(|place| Path::new(&place).join(program).is_file());
    assert!(there || std::env::var("CI").as_deref() != Ok("true"), "there is no {program}");
    if !there {
        std::io::stderr().write_all(format!("SKIPPED: there is no {program}\n").as_bytes()).unwrap();
    }
    there
}
