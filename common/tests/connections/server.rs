//! A PostgreSQL server of a test's own, gone when its value is.

use crate::certificates::{Authority, Pair};
use common::error::Result;
use common::pg::session::Session;
use common::pg::target::{ConnectOptions, Target};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A new empty directory, gone with its value.
pub(crate) struct Directory(pub(crate) PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("connections-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// Writes a file that only its owner may read.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a server shall be like.
#[derive(Default)]
pub(crate) struct Setup<'a> {
    /// The certificate it shows; without one it has no TLS.
    pub(crate) certificate: Option<&'a Pair>,
    /// Whose client certificates it trusts.
    pub(crate) clients: Option<&'a Authority>,
    /// Lines of `pg_hba.conf` behind "admin may come in by the socket".
    pub(crate) access: &'a str,
    /// Whether it starts as a standby of nobody.
    pub(crate) is_standby: bool,
    /// Whether it is such a standby and takes no connections.
    pub(crate) is_closed: bool,
    /// Statements to run as the superuser "admin" once it is up.
    pub(crate) statements: &'a [&'a str],
}

pub(crate) struct Server {
    child: Child,
    pub(crate) directory: Directory,
    pub(crate) port: u16,
}

impl Server {
    /// Starts one and waits until it takes connections or says that it will not.
    pub(crate) fn start(setup: &Setup<'_>) -> Self {
        let directory = Directory::new();
        let (data, account) = (directory.0.join("data"), account());
        own(&directory.0, account);
        let made = command("initdb", account)
            .args(["-U", "admin", "-A", "trust", "-N", "--no-locale", "-E", "UTF8", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{}'\nfsync = off\n",
            directory.0.display()
        );
        let put = |name: &str, content: &str| {
            own(Path::new(&directory.file(&format!("data/{name}"), content)), account);
        };
        if let Some(pair) = setup.certificate {
            put("server.crt", &pair.certificate);
            put("server.key", &pair.key);
            settings += "ssl = on\n";
        }
        if let Some(authority) = setup.clients {
            put("clients.crt", &authority.certificate);
            settings += "ssl_ca_file = 'clients.crt'\n";
        }
        if setup.is_closed {
            settings += "hot_standby = off\n";
        }
        if setup.is_standby || setup.is_closed {
            put("standby.signal", "");
        }
        put("pg_hba.conf", &format!("local all admin trust\n{}\n", setup.access));
        put("postgresql.auto.conf", &settings);
        let log = fs::File::create(directory.0.join("log")).unwrap();
        let child = command("postgres", account)
            .arg("-D")
            .arg(&data)
            .stderr(log)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, directory, port };
        server.wait(setup.is_closed);
        for statement in setup.statements {
            server.admin("postgres").execute(statement).unwrap();
        }
        server
    }

    fn wait(&self, is_closed: bool) {
        let end = Instant::now() + Duration::from_mins(1);
        while let Err(error) = self.target(&format!("{} user=admin dbname=postgres", self.socket())).dial() {
            if is_closed && error.sqlstate() == Some("57P03") {
                return;
            }
            let log = fs::read_to_string(self.directory.0.join("log")).unwrap();
            assert!(Instant::now() < end, "{error}\n{log}");
            sleep(Duration::from_millis(50));
        }
    }

    /// The parameters that lead to its socket.
    pub(crate) fn socket(&self) -> String {
        format!("host={} port={}", self.directory.0.display(), self.port)
    }

    /// The parameters that lead to it over TCP, under a name that is in no DNS.
    pub(crate) fn network(&self) -> String {
        format!("host=db.test hostaddr=127.0.0.1 port={}", self.port)
    }

    /// A target that nothing of this machine's environment or files has a part in.
    pub(crate) fn target(&self, parameters: &str) -> Target {
        target(parameters, &[("HOME", &self.directory.0.display().to_string())]).unwrap()
    }

    pub(crate) fn admin(&self, database: &str) -> Session {
        Session::open(&self.target(&format!("{} user=admin dbname={database}", self.socket()))).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(id) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::QUIT);
        }
        let _ = self.child.wait();
    }
}

/// A value that tests running at the same time share, and that ends with the last of them.
pub(crate) fn shared<T>(place: &Mutex<Weak<T>>, make: impl FnOnce() -> T) -> Arc<T> {
    let mut place = place.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    place.upgrade().unwrap_or_else(|| {
        let value = Arc::new(make());
        *place = Arc::downgrade(&value);
        value
    })
}

/// A target from a connection string and an environment.
pub(crate) fn target(parameters: &str, env: &[(&str, &str)]) -> Result<Target> {
    let options = ConnectOptions { dbname: Some(parameters.to_owned()), ..ConnectOptions::default() };
    let find = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Target::resolve_with(&options, &find)
}

/// A program of PostgreSQL's.
pub(crate) fn program(name: &str) -> PathBuf {
    let mut directories: Vec<PathBuf> =
        std::env::var_os("PGRUNBOOK_TEST_BINDIR").map(PathBuf::from).into_iter().collect();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        directories.push(String::from_utf8_lossy(&output.stdout).trim().into());
    }
    directories.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    if let Ok(entries) = fs::read_dir("/usr/lib/postgresql") {
        directories.extend(entries.flatten().map(|entry| entry.path().join("bin")));
    }
    let found = directories.iter().map(|directory| directory.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is in none of {directories:?}"))
}

fn command(name: &str, account: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program(name));
    command.stdin(Stdio::null()).current_dir("/").env("LC_ALL", "C");
    for variable in common::pg::target::child_removed() {
        command.env_remove(variable);
    }
    if let Some((user, group)) = account {
        command.uid(user).gid(group);
    }
    command
}

/// Servers do not run as root: somebody who may, when we are root.
fn account() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap();
    let line =
        ["postgres:", "nobody:"].iter().find_map(|name| accounts.lines().find(|line| line.starts_with(name)));
    let fields: Vec<_> = line.unwrap().split(':').collect();
    Some((fields[2].parse().unwrap(), fields[3].parse().unwrap()))
}

fn own(path: &Path, account: Option<(u32, u32)>) {
    if let Some((user, group)) = account {
        chown(path, Some(user), Some(group)).unwrap();
    }
}
