//! Real servers for tests: private clusters of the major versions that are to be tested.

use crate::Database;
use crate::fresh::{self, of_major};
use common::pg::programs;
use common::sandbox::{MAJORS, Options, Sandbox};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// The major versions to test on, lowest first.
///
/// `PGRUNBOOK_TEST_MAJORS="15 18"` names them. Otherwise those that are installed: the two newest, or all with
/// `PGRUNBOOK_TEST_ALL=1`.
pub fn majors() -> Vec<u32> {
    let named = std::env::var("PGRUNBOOK_TEST_MAJORS").unwrap_or_default();
    let mut majors: Vec<u32> =
        named.split_whitespace().map(|major| major.parse().expect("a major version")).collect();
    if majors.is_empty() {
        majors = programs::servers()
            .iter()
            .map(|server| server.major)
            .filter(|major| MAJORS.contains(major))
            .collect();
        majors.dedup();
        if !is_long() {
            majors.drain(..majors.len().saturating_sub(2));
        }
    }
    majors.sort_unstable();
    assert!(!majors.is_empty(), "no PostgreSQL server is installed: scripts/get-postgres brings some");
    majors
}

/// Whether this is the long run, `scripts/test --all`: `PGRUNBOOK_TEST_ALL=1`.
pub fn is_long() -> bool {
    std::env::var("PGRUNBOOK_TEST_ALL").as_deref() == Ok("1")
}

/// The highest of the major versions to test on.
pub fn newest_major() -> u32 {
    majors().pop().unwrap()
}

/// The lowest of the major versions to test on.
pub fn oldest_major() -> u32 {
    majors().remove(0)
}

/// A running server of a test; it stops when the last test that uses it has ended.
#[derive(Debug)]
pub struct Cluster {
    sandbox: Sandbox,
    databases: AtomicU32,
}

impl Cluster {
    /// A server of `major` that tests of this program share while they run at the same time.
    ///
    /// It admits replicas and logical decoding, as servers in production do.
    pub fn shared(major: u32) -> Arc<Self> {
        static SHARED: Mutex<BTreeMap<u32, Weak<Cluster>>> = Mutex::new(BTreeMap::new());
        // A test that failed to start one does not spoil it for the others.
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.get(&major).and_then(Weak::upgrade) {
            return running;
        }
        let started = Self::start(major, &[]);
        shared.insert(major, Arc::downgrade(&started));
        started
    }

    /// A server of its own, with these settings.
    pub fn start(major: u32, settings: &[(&str, &str)]) -> Arc<Self> {
        Self::of(fresh::start(major, production_like(settings)))
    }

    /// A server of its own.
    pub fn start_with(options: &Options) -> Arc<Self> {
        Self::of(Sandbox::start(options).unwrap_or_else(|error| panic!("{error}")))
    }

    /// A standby of this server, streaming from it.
    pub fn replica(&self) -> Arc<Self> {
        let primary =
            format!("host={} port={} user=postgres", self.sandbox.socket_directory().display(), self.port());
        let options = Options {
            settings: production_like(&[("primary_conninfo", &primary), ("hot_standby", "on")]),
            ..of_major(self.major())
        };
        let sandbox = Sandbox::start_on(&options, |data| {
            let mut copy = self.client("pg_basebackup", "postgres");
            copy.args(["--checkpoint=fast", "--no-sync", "--pgdata"]).arg(data);
            output(&mut copy, "");
            std::fs::write(data.join("standby.signal"), "").unwrap();
            Ok(())
        });
        Self::of(sandbox.unwrap_or_else(|error| panic!("{error}")))
    }

    /// This server after a stop in which `edit` changed its files, on a copy of them; it is to be used no more.
    pub fn edited(self: Arc<Self>, edit: impl FnOnce(&Path)) -> Arc<Self> {
        let data = fresh::stop(&self.sandbox);
        let options = Options { settings: production_like(&[]), ..of_major(self.major()) };
        let sandbox = Sandbox::start_on(&options, |copy| {
            fresh::copy(&data, copy);
            edit(copy);
            Ok(())
        });
        Self::of(sandbox.unwrap_or_else(|error| panic!("{error}")))
    }

    /// Waits until this standby has replayed all that `primary` has written so far.
    pub fn catch_up_with(self: &Arc<Self>, primary: &Arc<Self>) {
        let (primary, standby) = (primary.existing("postgres"), self.existing("postgres"));
        let written = primary.scalar("SELECT pg_current_wal_insert_lsn()");
        let behind = format!("SELECT coalesce(pg_last_wal_replay_lsn() < '{written}', true)");
        let deadline = Instant::now() + Duration::from_mins(2);
        while standby.scalar(&behind) == "t" {
            assert!(Instant::now() < deadline, "the standby does not reach {written}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn of(sandbox: Sandbox) -> Arc<Self> {
        Arc::new(Self { sandbox, databases: AtomicU32::new(0) })
    }

    /// A new, empty database; its name begins with `hint` and needs no quotes if `hint` does not.
    pub fn database(self: &Arc<Self>, hint: &str) -> Database {
        self.database_with(hint, "TEMPLATE template0")
    }

    /// A new database with more to say to `CREATE DATABASE`.
    pub fn database_with(self: &Arc<Self>, hint: &str, clauses: &str) -> Database {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("{hint}_{number}");
        let quoted = common::name::ident(&name);
        // As before 15: files that nobody syncs are copied in a third of the time that it takes to log them.
        let strategy = if self.major() >= 15 { "STRATEGY file_copy" } else { "" };
        self.existing("postgres").run(&format!("CREATE DATABASE {quoted} {clauses} {strategy}"));
        self.existing(&name)
    }

    /// A database that is there.
    pub fn existing(self: &Arc<Self>, name: &str) -> Database {
        Database::new(Arc::clone(self), name)
    }

    /// The server's major version.
    pub fn major(&self) -> u32 {
        self.sandbox.major()
    }

    /// The directory of its socket.
    pub fn host(&self) -> &Path {
        self.sandbox.socket_directory()
    }

    /// The port that names its socket.
    pub fn port(&self) -> u16 {
        self.sandbox.port()
    }

    /// What is behind it.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// A client program that is led to `database`, and fit for this server.
    pub fn client(&self, name: &str, database: &str) -> Command {
        let program = programs::client(name, self.major()).unwrap_or_else(|error| panic!("{error}"));
        let mut command = program.start();
        self.sandbox.lead(&mut command, database);
        command.env("LC_ALL", "C").env("PGCLIENTENCODING", "UTF8");
        command
    }
}

fn production_like(settings: &[(&str, &str)]) -> Vec<(String, String)> {
    let usual = [
        ("wal_level", "logical"),
        ("max_wal_senders", "10"),
        ("max_prepared_transactions", "10"),
        // A replica gets what is committed at once, not when the server next wakes up.
        ("synchronous_commit", "on"),
    ];
    usual.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What a program says when given `input`; the test fails when it fails.
pub(crate) fn output(command: &mut Command, input: &str) -> String {
    use std::io::Write as _;
    use std::process::Stdio;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()));
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // A program that ends before it has read everything says why itself.
        scope.spawn(move || drop(stdin.write_all(input.as_bytes())));
        child.wait_with_output().unwrap()
    });
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let (program, arguments) = (command.get_program().display(), command.get_args().collect::<Vec<_>>());
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}\n{input}\n{stdout}\n{stderr}",
        output.status
    );
    stdout
}
