//! Sandboxes with real servers: what they are while they live, and that nothing is left of them.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what a test cannot do, it fails with")]

use common::cli::signals;
use common::pg::programs;
use common::sandbox::{MAJORS, Options, Sandbox};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Tells this test binary, run again, where to say that its sandbox is up.
const REPORT: &str = "SANDBOX_TEST_REPORT";

/// A directory of our own for sandboxes, so that other tests' do not disturb the count.
struct Parent(PathBuf);

impl Parent {
    fn new(case: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sandbox-test-{}-{case}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        Self(path.canonicalize().unwrap())
    }

    /// A directory in it whose path leaves no room for a socket's name.
    fn deep(&self) -> PathBuf {
        let deep = self.0.join("d".repeat(120));
        fs::create_dir(&deep).unwrap();
        deep
    }

    fn options(&self) -> Options {
        Options { parent: Some(self.0.clone()), ..Options::default() }
    }

    fn sandboxes(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.display().to_string().contains("/pgrunbook-")).collect()
    }

    fn assert_empty(&self) {
        assert_eq!(self.sandboxes(), Vec::<PathBuf>::new());
    }
}

impl Drop for Parent {
    fn drop(&mut self) {
        let removed = fs::remove_dir_all(&self.0);
        if !std::thread::panicking() {
            removed.unwrap();
        }
    }
}

/// What may stay behind outside of a sandbox's directory: who runs in it, and which memory it has.
struct Traces {
    name: String,
    memory: Option<String>,
}

impl Traces {
    fn of(data: &Path) -> Self {
        let postmaster = fs::read_to_string(data.join("postmaster.pid")).unwrap();
        let home = data.parent().unwrap();
        let memory =
            postmaster.lines().nth(6).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        Self { name: home.file_name().unwrap().to_str().unwrap().to_owned(), memory }
    }

    fn processes(&self) -> Vec<String> {
        let listed = Command::new("ps").args(["-A", "-ww", "-o", "pid=,command="]).output().unwrap().stdout;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        listed.lines().filter(|line| line.contains(&self.name)).map(str::to_owned).collect()
    }

    fn assert_running(&self) {
        assert!(self.processes().len() > 1, "{:?}", self.processes());
    }

    fn assert_gone(&self) {
        assert_eq!(self.processes(), Vec::<String>::new());
        if let (Some(memory), Ok(segments)) = (&self.memory, fs::read_to_string("/proc/sysvipc/shm")) {
            let listed =
                segments.lines().map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
            assert_eq!(listed.filter(|segment| segment == memory).count(), 0, "{memory}");
        }
    }
}

fn psql(sandbox: &Sandbox, sql: &str) -> String {
    let mut psql = programs::client("psql", 12).unwrap().start();
    sandbox.lead(&mut psql, "postgres");
    let output = psql.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql]).output().unwrap();
    assert!(output.status.success(), "{sql}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status().unwrap();
    assert!(sent.success());
}

#[test]
fn every_installed_major_starts_answers_and_leaves_nothing() {
    let majors: BTreeSet<u32> = programs::servers()
        .iter()
        .map(|server| server.major)
        .filter(|major| MAJORS.contains(major))
        .collect();
    assert!(!majors.is_empty(), "scripts/get-postgres brings some");
    for major in majors {
        let parent = Parent::new(&format!("major-{major}"));
        let sandbox = Sandbox::start(&Options { major: Some(major), ..parent.options() }).unwrap();
        assert_eq!(sandbox.major(), major);
        let version: u32 = psql(&sandbox, "SHOW server_version_num").parse().unwrap();
        assert_eq!(version / 10_000, major);
        psql(&sandbox, "CREATE TABLE t AS SELECT g FROM generate_series(1, 1000) g");
        psql(&sandbox, "CREATE INDEX ON t (g)");
        assert_eq!(psql(&sandbox, "SELECT sum(g) FROM t"), "500500");
        let maps = fs::read_to_string(format!("/proc/{}/maps", sandbox.postmaster_pid())).unwrap_or_default();
        assert!(!maps.contains("/dev/shm/PostgreSQL."), "a kill would leave a file: {maps}");
        let traces = Traces::of(&sandbox.data_directory());
        traces.assert_running();
        sandbox.stop().unwrap();
        traces.assert_gone();
        parent.assert_empty();
    }
}

#[test]
fn nothing_listens_on_tcp_and_nobody_else_can_enter() {
    let parent = Parent::new("private");
    let sandbox = Sandbox::start(&parent.options()).unwrap();
    assert_eq!(psql(&sandbox, "SHOW listen_addresses"), "");
    if let Ok(opened) = fs::read_dir(format!("/proc/{}/fd", sandbox.postmaster_pid())) {
        let links = opened.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
        let links: Vec<String> = links.map(|link| link.display().to_string()).collect();
        assert!(links.iter().any(|link| link.starts_with("socket:[")), "{links:?}");
        let tcp =
            ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).unwrap_or_default());
        let inodes =
            tcp.iter().flat_map(|table| table.lines()).filter_map(|line| line.split_whitespace().nth(9));
        let open: Vec<String> = inodes.map(|inode| format!("socket:[{inode}]")).collect();
        assert!(!links.iter().any(|link| open.contains(link)), "{links:?}");
    }
    for closed in [sandbox.socket_directory(), &sandbox.data_directory()] {
        assert_eq!(fs::metadata(closed).unwrap().permissions().mode() & 0o077, 0, "{}", closed.display());
    }
    let home = sandbox.data_directory().parent().unwrap().to_owned();
    assert_eq!(
        fs::metadata(&home).unwrap().permissions().mode() & 0o066,
        0,
        "not listed, not written by others"
    );
}

#[test]
fn two_at_once_do_not_meet() {
    let parent = Parent::new("two");
    let start = || Sandbox::start(&parent.options()).unwrap();
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(start);
        (start(), first.join().unwrap())
    });
    psql(&first, "CREATE TABLE only_here ()");
    assert_eq!(psql(&second, "SELECT count(*) FROM pg_class WHERE relname = 'only_here'"), "0");
    let traces = Traces::of(&second.data_directory());
    first.stop().unwrap();
    traces.assert_running();
    second.stop().unwrap();
    traces.assert_gone();
}

#[test]
fn nothing_is_left_after_a_panic() {
    let parent = Parent::new("panic");
    let panicked = std::thread::scope(|scope| {
        let panicking = scope.spawn(|| {
            let sandbox = Sandbox::start(&parent.options()).unwrap();
            let traces = Traces::of(&sandbox.data_directory());
            traces.assert_running();
            std::panic::panic_any(traces);
        });
        panicking.join().unwrap_err()
    });
    panicked.downcast::<Traces>().unwrap().assert_gone();
    parent.assert_empty();
}

#[test]
fn nothing_is_left_when_the_server_was_killed() {
    let parent = Parent::new("server-killed");
    let sandbox = Sandbox::start(&parent.options()).unwrap();
    let traces = Traces::of(&sandbox.data_directory());
    signal("KILL", sandbox.postmaster_pid());
    sandbox.stop().unwrap();
    traces.assert_gone();
    parent.assert_empty();
}

#[test]
fn the_next_start_sweeps_up_what_a_killed_owner_left() {
    let parent = Parent::new("owner-killed");
    let mut owner = Owner::start(&parent.0, "holds_a_sandbox_until_it_is_killed", None);
    let traces = Traces::of(&owner.data());
    owner.kill();
    traces.assert_running();
    let next = Sandbox::start(&parent.options()).unwrap();
    traces.assert_gone();
    assert_eq!(parent.sandboxes(), [next.data_directory().parent().unwrap()]);
}

#[test]
fn nothing_is_left_of_a_program_that_is_interrupted_or_told_to_end() {
    for name in ["INT", "TERM"] {
        let parent = Parent::new(name);
        let mut owner = Owner::start(&parent.0, "holds_a_sandbox_until_it_is_asked_to_stop", None);
        let traces = Traces::of(&owner.data());
        signal(name, owner.child.id());
        assert!(owner.child.wait().unwrap().success());
        traces.assert_gone();
        parent.assert_empty();
    }
}

#[test]
fn a_kept_cluster_stays_until_it_is_stopped() {
    let parent = Parent::new("kept");
    // With a directory for its socket, and without.
    for directory in [parent.0.clone(), parent.deep()] {
        let mut owner = Owner::start(&directory, "keeps_its_sandbox", None);
        let traces = Traces::of(&owner.data());
        assert!(owner.child.wait().unwrap().success());
        let options = Options { parent: Some(directory), ..Options::default() };
        Sandbox::start(&options).unwrap().stop().unwrap();
        traces.assert_running();
        let postmaster = fs::read_to_string(owner.data().join("postmaster.pid")).unwrap();
        let [pid, _, _, _, sockets] = postmaster.lines().take(5).collect::<Vec<_>>()[..] else {
            panic!("{postmaster}")
        };
        assert!(Path::new(sockets).join(".s.PGSQL.5432").exists(), "{sockets}");
        signal("INT", pid.parse().unwrap());
        let deadline = Instant::now() + Duration::from_mins(1);
        while !traces.processes().is_empty() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        Sandbox::start(&options).unwrap().stop().unwrap();
        traces.assert_gone();
        assert!(!owner.data().exists() && !Path::new(sockets).exists());
    }
}

#[test]
fn an_unprivileged_user_has_one_too() {
    // Who is not root proves it with every other test.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let parent = Parent::new("unprivileged");
    let program = parent.0.join("test-program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut owner = Owner::start(&parent.0, "stops_its_sandbox", Some(&program));
    assert!(owner.child.wait().unwrap().success());
    parent.assert_empty();
}

#[test]
fn too_little_space_is_refused_before_anything_is_made() {
    let parent = Parent::new("space");
    let options = Options { space_needed_bytes: Some(1 << 60), ..parent.options() };
    let error = Sandbox::start(&options).unwrap_err();
    assert_eq!((error.code(), error.class().exit_code()), ("disk_full", 3));
    assert!(error.to_string().contains("MiB are needed"), "{error}");
    parent.assert_empty();
}

#[test]
fn a_server_that_does_not_start_is_quoted_and_gone() {
    let parent = Parent::new("broken");
    let settings = vec![("shared_buffers".to_owned(), "nonsense".to_owned())];
    let error = Sandbox::start(&Options { settings, ..parent.options() }).unwrap_err();
    assert!(error.to_string().contains("invalid value for parameter \"shared_buffers\""), "{error}");
    parent.assert_empty();
}

#[test]
fn a_start_that_is_told_to_stop_leaves_nothing() {
    let parent = Parent::new("stopped");
    let error = Sandbox::start(&Options { stop: Some(|| true), ..parent.options() }).unwrap_err();
    assert_eq!(error.code(), "interrupted");
    parent.assert_empty();
}

#[test]
fn a_version_that_is_too_old_is_a_usage_error() {
    let error = Sandbox::start(&Options { major: Some(11), ..Options::default() }).unwrap_err();
    assert_eq!(error.class().exit_code(), 2, "{error}");
}

#[test]
fn a_long_directory_still_has_a_socket() {
    let parent = Parent::new("long");
    let deep = parent.deep();
    let sandbox = Sandbox::start(&Options { parent: Some(deep.clone()), ..Options::default() }).unwrap();
    assert!(sandbox.data_directory().starts_with(&deep));
    let sockets = sandbox.socket_directory().to_owned();
    assert_eq!(psql(&sandbox, "SELECT 1"), "1");
    sandbox.stop().unwrap();
    assert!(!sockets.parent().unwrap().exists());
}

#[test]
fn a_restart_keeps_the_data_and_takes_settings() {
    let parent = Parent::new("restart");
    let mut sandbox = Sandbox::start(&parent.options()).unwrap();
    assert_eq!(psql(&sandbox, "SHOW wal_level"), "minimal");
    psql(&sandbox, "CREATE TABLE t AS SELECT 7 AS x");
    sandbox.restart(&[("wal_level".into(), "logical".into())]).unwrap();
    assert_eq!(psql(&sandbox, "SHOW wal_level"), "logical");
    assert_eq!(psql(&sandbox, "SELECT x FROM t"), "7");
}

#[test]
fn the_template_databases_have_the_encoding_and_provider_that_were_chosen() {
    let parent = Parent::new("locale");
    let latin = Sandbox::start(&Options { encoding: "LATIN1".into(), ..parent.options() }).unwrap();
    let asked = "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'template1'";
    assert_eq!(psql(&latin, asked), "LATIN1");
    if let Some(newest) = programs::servers().last().filter(|server| server.major >= 17) {
        let locale_provider = Some(("builtin".to_owned(), "C.UTF-8".to_owned()));
        let options = Options { major: Some(newest.major), locale_provider, ..parent.options() };
        let builtin = Sandbox::start(&options).unwrap();
        let asked = "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'template1'";
        assert_eq!(psql(&builtin, asked), "b|C.UTF-8");
    }
}

/// This test binary, run again as one of the ignored tests below, which owns a sandbox.
struct Owner {
    child: Child,
    report: PathBuf,
}

impl Owner {
    fn start(directory: &Path, test: &str, program: Option<&Path>) -> Self {
        let report = directory.join("report");
        let mut command =
            Command::new(program.map_or_else(|| std::env::current_exe().unwrap(), Path::to_owned));
        command.args(["--exact", test, "--ignored"]).env(REPORT, &report);
        if program.is_some() {
            command.uid(65534).gid(65534).current_dir("/");
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let owner = Self { child, report };
        let deadline = Instant::now() + Duration::from_mins(2);
        while !owner.report.exists() {
            assert!(Instant::now() < deadline, "{test} has no sandbox");
            std::thread::sleep(Duration::from_millis(20));
        }
        owner
    }

    fn data(&self) -> PathBuf {
        PathBuf::from(fs::read_to_string(&self.report).unwrap())
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Starts a sandbox where the report is to be, and writes the report.
fn sandbox_of_owner() -> Sandbox {
    let report = PathBuf::from(std::env::var_os(REPORT).expect("another test runs this one"));
    let options = Options { parent: report.parent().map(Path::to_owned), ..Options::default() };
    let sandbox = Sandbox::start(&options).unwrap();
    let unfinished = report.with_extension("unfinished");
    fs::write(&unfinished, sandbox.data_directory().to_str().unwrap()).unwrap();
    fs::rename(unfinished, report).unwrap();
    sandbox
}

#[test]
#[ignore = "another test runs it, and kills it"]
fn holds_a_sandbox_until_it_is_killed() {
    let _sandbox = sandbox_of_owner();
    std::thread::sleep(Duration::from_mins(5));
}

#[test]
#[ignore = "another test runs it, and signals it"]
fn holds_a_sandbox_until_it_is_asked_to_stop() {
    signals::install().unwrap();
    let _sandbox = sandbox_of_owner();
    while !signals::stop_requested() {
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
#[ignore = "another test runs it"]
fn keeps_its_sandbox() {
    let kept = sandbox_of_owner().keep().unwrap();
    assert_eq!(kept.stop_command, format!("kill -INT {}", kept.pid));
}

#[test]
#[ignore = "another test runs it, as another user"]
fn stops_its_sandbox() {
    let sandbox = sandbox_of_owner();
    assert_eq!(psql(&sandbox, "SELECT current_user"), "postgres");
    sandbox.stop().unwrap();
}
