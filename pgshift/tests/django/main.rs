//! Django projects: what pgshift tells and does beside what Django's own commands tell and do, on an old and a new Django.
//!
//! The virtualenvs are brought by `scripts/test`; `PGRUNBOOK_DJANGO` names the directory that they are in.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]
#![expect(clippy::print_stderr, reason = "who reads the log has to see what was not tried")]

mod apply;
mod conflicts;
mod crm;
mod kills;
mod lint;
mod locks;
mod rehearsal;
mod revert;
mod squash;
mod trouble;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::{Cluster, Database, TempDir, Tool, is_long, newest_major};

/// A Django that the tests run on.
#[derive(Clone, Debug)]
struct Python(PathBuf);

impl Python {
    /// The major version of Django.
    fn django(&self) -> u32 {
        let output = Command::new(&self.0).args(["-m", "django", "--version"]).output().unwrap();
        let version = String::from_utf8(output.stdout).unwrap();
        version.split('.').next().unwrap().parse().unwrap()
    }
}

/// The newest and the oldest Django that are here, and with `--all` those between; none, and said so, where there are none.
fn pythons() -> Vec<Python> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map_or_else(|| std::env::home_dir().unwrap_or_default().join(".cache"), PathBuf::from);
    let place =
        std::env::var_os("PGRUNBOOK_DJANGO").map_or_else(|| cache.join("pgrunbook/django"), PathBuf::from);
    let wanted: &[&str] = if is_long() { &["newest", "oldest", "5.2", "4.2"] } else { &["newest", "oldest"] };
    let found: Vec<Python> = wanted
        .iter()
        .map(|name| place.join(name).join("bin/python"))
        .filter(|path| path.exists())
        .map(Python)
        .collect();
    if found.len() < wanted.len() {
        let told = format!(
            "SKIPPED: not all virtualenvs with Django are in {}: scripts/test brings them",
            place.display()
        );
        assert!(std::env::var_os("CI").is_none(), "{told}");
        eprintln!("{told}");
    }
    found
}

/// The newest Django.
fn python() -> Option<Python> {
    pythons().into_iter().next()
}

/// A project of its own and a database for it.
struct Shop {
    name: &'static str,
    python: Python,
    database: Database,
    directory: TempDir,
}

impl Shop {
    fn new(python: &Python) -> Self {
        Self::named(python, "shop")
    }

    /// Another one of the projects beside these tests.
    fn named(python: &Python, name: &'static str) -> Self {
        let directory = TempDir::new();
        let projects = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/django/projects");
        copy(&projects.join(name), directory.path());
        let database = Cluster::shared(newest_major()).database(name);
        Self { name, python: python.clone(), database, directory }
    }

    /// What the project's settings read.
    fn env(&self, database: &Database) -> [(String, OsString); 3] {
        let cluster = database.cluster();
        let name = |what: &str| format!("{}_{what}", self.name.to_uppercase());
        [
            (name("HOST"), cluster.host().into()),
            (name("PORT"), cluster.port().to_string().into()),
            (name("DATABASE"), database.name().into()),
        ]
    }

    /// The same project on another database.
    fn another_database(&self) -> Database {
        self.database.cluster().database("other")
    }

    /// pgshift on this project, which finds its database by its settings.
    fn tool(&self, command: &str) -> Tool {
        let tool = Tool::named("pgshift").arg(command);
        self.lead(
            tool.arg("--django").arg(self.directory.join("manage.py")).arg("--python").arg(&self.python.0),
        )
    }

    /// The tool with what the settings read.
    fn lead(&self, tool: Tool) -> Tool {
        self.env(&self.database).into_iter().fold(tool, |tool, (name, value)| tool.env(name, value))
    }

    fn apply(&self) -> Tool {
        self.tool("apply").arg("--no-gate")
    }

    /// Applies what others bring, and of its own app up to this migration.
    fn up_to(&self, own: &str) {
        self.apply().args(["--to", "auth"]).run().success();
        if own != "0000" {
            self.apply().args(["--to", &format!("shop.{own}")]).run().success();
        }
    }

    /// Ends all that a killed run left in its database.
    fn end_sessions(&self) {
        let ours = "datname = current_database() AND application_name = 'pgshift'";
        self.database.run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}"));
        while self.database.scalar(&format!("SELECT count(*) FROM pg_stat_activity WHERE {ours}")) != "0" {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// The project's own manage.py; what it says on both streams, and whether it succeeded.
    fn manage(&self, database: &Database, arguments: &[&str]) -> (bool, String) {
        let output = Command::new(&self.python.0)
            .arg(self.directory.join("manage.py"))
            .args(arguments)
            .envs(self.env(database))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].map(|stream| String::from_utf8_lossy(&stream).into_owned());
        (output.status.success(), said.concat())
    }

    /// More lines of one of the project's files.
    fn append(&self, file: &str, lines: &str) {
        let text = std::fs::read_to_string(self.directory.join(file)).unwrap();
        self.directory.write(file, format!("{text}\n{lines}"));
    }

    /// A migration of the project's own app.
    fn migration(&self, name: &str, body: &str) {
        self.directory.write(format!("shop/migrations/{name}.py"), body);
    }

    fn states(&self) -> Vec<(String, String)> {
        let status = self.tool("status").run().success();
        let text = |record: &serde_json::Value, field: &str| record[field].as_str().unwrap().to_owned();
        status
            .records_of("migration")
            .into_iter()
            .map(|record| (text(record, "version"), text(record, "state")))
            .collect()
    }

    /// What Django has recorded of the app.
    fn recorded(&self) -> Vec<String> {
        self.recorded_of("shop")
    }

    fn recorded_of(&self, app: &str) -> Vec<String> {
        let query = format!("SELECT name FROM django_migrations WHERE app = '{app}' ORDER BY id");
        self.database.rows(&query).concat()
    }

    /// The database is the one that Django's own migrate makes, and Django finds nothing to do in it.
    fn is_as_django_makes_it(&self) {
        self.is_as_django_makes_it_but_for(&[]);
    }

    /// The same of what was made by several runs: which number a content type has follows the order of their signals.
    fn is_as_django_makes_it_in_one_run(&self) {
        self.is_as_django_makes_it_but_for(&["-T", "auth_permission", "-T", "django_content_type"]);
    }

    fn is_as_django_makes_it_but_for(&self, tables: &[&str]) {
        let other = self.another_database();
        let (worked, said) = self.manage(&other, &["migrate", "-v", "0"]);
        assert!(worked, "{said}");
        for database in [&other, &self.database] {
            // Everybody has a time of their own.
            database.run("UPDATE django_migrations SET applied = 'epoch'");
        }
        Tool::named("pgverify")
            .arg("compare")
            .arg(other.connection())
            .arg(self.database.connection())
            .args(["-N", "pgshift"])
            .args(tables)
            .run()
            .success();
        let (worked, said) = self.manage(&self.database, &["migrate", "--check"]);
        assert!(worked, "{said}");
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
