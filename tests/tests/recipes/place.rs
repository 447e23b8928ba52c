//! A machine as the recipes expect it: a server with a database `shop`, a store, migrations that wait, the programs in PATH.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use testkit::{Cluster, TempDir, newest_major, program};

pub(crate) struct Place {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) directory: TempDir,
}

/// The workspace.
pub(crate) fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

pub(crate) fn read(name: &str) -> String {
    std::fs::read_to_string(home().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

impl Place {
    pub(crate) fn new() -> Self {
        let cluster = Cluster::start(newest_major(), &[]);
        let postgres = cluster.existing("postgres");
        postgres.run("CREATE DATABASE shop TEMPLATE template0");
        cluster.existing("shop").run(
            "CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL);
             INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(1, 500) AS i",
        );
        let directory = TempDir::new();
        let migrations = directory.path().join("migrations");
        std::fs::create_dir(&migrations).unwrap();
        std::fs::write(migrations.join("0001_email.sql"), "ALTER TABLE customers ADD COLUMN email text;\n")
            .unwrap();
        Self { cluster, directory }
    }

    /// A program, led to the cluster.
    pub(crate) fn command(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        self.cluster.sandbox().lead(&mut command, "postgres");
        let psql = self.cluster.client("psql", "postgres");
        let tools = program("pgsnap");
        let programs = [Path::new(psql.get_program()).parent(), tools.parent()];
        let path = std::env::var_os("PATH").unwrap_or_default();
        let places = programs.into_iter().flatten().map(PathBuf::from).chain(std::env::split_paths(&path));
        command
            .env("PATH", std::env::join_paths(places).unwrap())
            .env("HOME", self.directory.path())
            .env("PGSNAP_STORE", self.directory.path().join("store"))
            .env("TO_VERSION", newest_major().to_string())
            .env_remove("PGDATABASE")
            .current_dir(self.directory.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs a script as somebody would who types it, and stops at the first line that fails.
    #[track_caller]
    pub(crate) fn types(&self, script: &str) -> String {
        said(&self.command("bash").args(["-e", "-c", script]).output().unwrap(), script)
    }
}

/// What it wrote to stdout; the test fails when it did not end with 0.
#[track_caller]
pub(crate) fn said(output: &Output, what: &str) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{}\n{what}\n--- stdout\n{stdout}\n--- stderr\n{stderr}", output.status);
    stdout
}
