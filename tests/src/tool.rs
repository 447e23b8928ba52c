//! A tool about to be run: arguments, environment, standard input. It sees nothing of whoever runs the tests.

use crate::{Database, Outcome, TempDir, binary};
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longer than any test takes: what is not done by then hangs.
const PATIENCE: Duration = Duration::from_mins(5);

/// What a tool keeps of the environment of the tests, beside `PGRUNBOOK_*`.
const KEPT_VARIABLES: [&str; 4] = ["PATH", "TMPDIR", "RUST_BACKTRACE", "LD_LIBRARY_PATH"];

/// A tool and what it is given.
#[derive(Debug)]
pub struct Tool {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    input: Option<Vec<u8>>,
    directory: Option<PathBuf>,
    raw: bool,
    home: TempDir,
}

impl Tool {
    /// `pgsnap SUBCOMMAND`.
    pub fn pgsnap(subcommand: &str) -> Self {
        Self::named("pgsnap").arg(subcommand)
    }

    /// The tool of that name, without arguments.
    pub fn named(tool: &str) -> Self {
        Self::at(&binary::find(tool))
    }

    /// A program, without arguments.
    pub fn at(program: &Path) -> Self {
        let environment = std::env::vars_os().filter(|(name, _)| {
            let name = name.to_string_lossy();
            KEPT_VARIABLES.contains(&name.as_ref()) || name.starts_with("PGRUNBOOK_")
        });
        let tool = Self {
            program: program.to_owned(),
            arguments: Vec::new(),
            environment: environment.collect(),
            input: None,
            directory: None,
            raw: false,
            home: TempDir::new(),
        };
        let home = tool.home.path().to_owned();
        tool.env("HOME", home)
            .env("XDG_CACHE_HOME", cache())
            .env("LC_ALL", "C")
            .env("PGRUNBOOK_TEST_CLUSTERS", kept_clusters())
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    /// Adds `-d` and the way to `database`.
    #[must_use]
    pub fn database(self, database: &Database) -> Self {
        self.arg("-d").arg(database.connection())
    }

    /// Adds `--store DIRECTORY`.
    #[must_use]
    pub fn store(self, directory: &Path) -> Self {
        self.arg("--store").arg(directory)
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// What it can read from standard input; without this there is nothing.
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = Some(input.into());
        self
    }

    /// Where it runs; without this in its home, which is empty.
    #[must_use]
    pub fn directory(mut self, directory: &Path) -> Self {
        self.directory = Some(directory.to_owned());
        self
    }

    /// Its standard output is not records, even if it looks like them.
    #[must_use]
    pub fn raw(mut self) -> Self {
        self.raw = true;
        self
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Its home, which is empty: for `.pgpass`, services and certificates.
    pub fn home(&self) -> &TempDir {
        &self.home
    }

    /// Lets `program` with `arguments` start it: they come before the tool's own name and arguments. What has to be said to a
    /// shell finds them in `"$0" "$@"`.
    #[must_use]
    pub fn under<A: AsRef<OsStr>>(mut self, program: &str, arguments: impl IntoIterator<Item = A>) -> Self {
        let tool = std::mem::replace(&mut self.program, program.into());
        let before: Vec<OsString> =
            arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect();
        self.arguments.insert(0, tool.into());
        self.arguments.splice(0..0, before);
        self
    }

    /// Runs it to its end.
    pub fn run(self) -> Outcome {
        self.start().finish()
    }

    /// Starts it, to be signalled or waited for.
    pub fn start(self) -> Started {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.directory.as_deref().unwrap_or(self.home.path()));
        command.stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        if let Some((stdin, input)) = child.stdin.take().zip(self.input.clone()) {
            write_all(stdin, input);
        }
        let stdout = read_all(child.stdout.take().unwrap());
        let stderr = read_all(child.stderr.take().unwrap());
        Started { child: Some(child), stdout: Some(stdout), stderr: Some(stderr), tool: self }
    }

    fn shown(&self) -> String {
        let words = std::iter::once(self.program.file_name().unwrap_or_default())
            .chain(self.arguments.iter().map(OsString::as_os_str));
        let shown: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
        as_typed(&shown)
    }
}

/// A tool that runs; it is killed when the value goes.
#[derive(Debug)]
pub struct Started {
    child: Option<Child>,
    stdout: Option<JoinHandle<Vec<u8>>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
    tool: Tool,
}

impl Started {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Sends it a signal, such as `rustix::process::Signal::INT`.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(self.child.as_ref().unwrap());
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().unwrap().try_wait().unwrap().is_none()
    }

    /// Waits until `condition` holds while it runs; the test fails when it ends before, or hangs.
    pub fn wait_until(&mut self, what: &str, mut condition: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition() {
            assert!(self.is_running(), "{} ended before {what}", self.tool.shown());
            assert!(Instant::now() < deadline, "{} runs, but not: {what}", self.tool.shown());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        let mut hangs = false;
        while self.is_running() {
            if Instant::now() > deadline {
                hangs = true;
                self.child.as_mut().unwrap().kill().unwrap();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let status = self.child.take().unwrap().wait().unwrap();
        let [stdout, stderr] =
            [self.stdout.take(), self.stderr.take()].map(|stream| stream.unwrap().join().unwrap());
        let outcome = Outcome::new(self.tool.shown(), status, stdout, &stderr, self.tool.raw);
        assert!(!hangs, "did not end after {} s: {outcome}", PATIENCE.as_secs());
        outcome
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

fn write_all(mut stdin: ChildStdin, input: Vec<u8>) {
    // A tool may end without reading all of it.
    std::thread::spawn(move || drop(stdin.write_all(&input)));
}

fn read_all(mut stream: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// Where `scripts/get-postgres` put servers and clients, for a tool whose home is elsewhere.
fn cache() -> PathBuf {
    let home = || std::env::home_dir().unwrap_or_default().join(".cache");
    std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from)
}

fn as_typed(words: &[String]) -> String {
    let plain = |word: &str| !word.is_empty() && !word.contains([' ', '\'', '"', '$', '\\', '|', '&', ';']);
    let shown = words
        .iter()
        .map(|word| if plain(word) { word.clone() } else { format!("'{}'", word.replace('\'', "'\\''")) });
    shown.collect::<Vec<_>>().join(" ")
}

/// Where fresh clusters are kept for all tests, to be copied; every user's server may write there.
pub(crate) fn kept_clusters() -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let user = rustix::process::geteuid().as_raw();
    let directory = std::env::temp_dir().join(format!("testkit-clusters-{user}"));
    if std::fs::create_dir(&directory).is_ok() {
        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o1777)).unwrap();
    }
    directory
}
