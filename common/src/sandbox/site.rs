//! Where a sandbox is built: which server, which directories, who owns them, and that there is room.

use super::account::Account;
use super::directory::{self, Directory};
use super::kept;
use super::running::{self, Running};
use super::settings::{PORT, Settings};
use super::{MAJORS, Options, USER};
use crate::error::{Context, Error, Result};
use crate::pg::programs::{self, Server};
use std::ffi::OsStr;
use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a new cluster takes before anything is put into it, with room for its write-ahead log.
const EMPTY_CLUSTER_BYTES: u64 = 150 << 20;

/// The longest path of a Unix socket: macOS has room for 103 bytes, Linux for 107.
const LONGEST_SOCKET_PATH: usize = 103;

/// Where a socket's path is always short enough.
const SHORT_PARENT: &str = "/tmp";

/// The directories of one sandbox, and the server for it.
#[derive(Debug)]
pub(super) struct Site {
    server: Server,
    account: Option<Account>,
    settings: Settings,
    sockets: PathBuf,
    stop: Option<fn() -> bool>,
    socket_home: Option<Directory>,
    home: Directory,
}

impl Site {
    /// Chooses a server and makes the directories, after sweeping up what killed owners left and looking for room.
    pub(super) fn prepare(options: &Options) -> Result<Self> {
        let account = Account::to_drop_to()?;
        let server = choose_server(options.major, account.as_ref())?;
        let parent = choose_parent(options.parent.as_deref(), account.as_ref())?;
        directory::sweep(&parent);
        if parent != Path::new(SHORT_PARENT) {
            directory::sweep(Path::new(SHORT_PARENT));
        }
        check_space(&parent, options.space_needed_bytes.unwrap_or(0))?;
        let name = directory::new_name()?;
        let home = Directory::claim(&parent, &name, account.is_some())?;
        let longest = home.path().join("s").join(format!(".s.PGSQL.{PORT}.lock"));
        let socket_home = (longest.as_os_str().len() > LONGEST_SOCKET_PATH)
            .then(|| Directory::claim(Path::new(SHORT_PARENT), &name, account.is_some()))
            .transpose()?;
        let sockets = socket_home.as_ref().unwrap_or(&home).path().join("s");
        let settings = Settings::new(&name, &sockets, &options.settings)?;
        let site = Self { server, account, settings, sockets, stop: options.stop, socket_home, home };
        site.make_directory(&site.sockets)?;
        site.make_directory(&site.data())?;
        Ok(site)
    }

    /// Makes an empty cluster.
    pub(super) fn make_cluster(&self, options: &Options) -> Result<()> {
        let mut initdb = self.command("initdb");
        initdb.args(["--no-sync", "--auth=trust", "--username", USER, "--encoding", &options.encoding]);
        initdb.arg(format!("--locale={}", options.locale));
        if let Some((provider, locale)) = &options.locale_provider {
            initdb.arg(format!("--locale-provider={provider}"));
            if provider != "libc" {
                initdb.arg(format!("--{provider}-locale={locale}"));
            }
        }
        if options.checksums {
            initdb.arg("--data-checksums");
        } else if self.server.major >= 18 {
            initdb.arg("--no-data-checksums");
        }
        kept::make(self, initdb.arg("--pgdata").arg(self.data()))
    }

    /// Runs a program to its end; `failed` says what it could not do.
    pub(super) fn finish(&self, command: &mut Command, failed: &'static str) -> Result<()> {
        running::finish(command, failed, &self.log(), self.stop)
    }

    /// Lets `fill` put cluster files into the data directory, then gives them to the server.
    pub(super) fn fill_with(&self, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        let data = self.data();
        if self.account.is_some() {
            let us = rustix::process::geteuid().as_raw();
            std::os::unix::fs::chown(&data, Some(us), None)
                .context(|| format!("cannot take {}", data.display()))?;
        }
        fill(&data)?;
        self.account.as_ref().map_or(Ok(()), |account| give(account, &data))
    }

    /// Starts the server; returns when it answers.
    pub(super) fn run(&self) -> Result<Running> {
        let configuration = self.home.path().join("postgresql.conf");
        self.settings.write(&configuration)?;
        // Under a strict umask the server could not read it otherwise.
        self.account.as_ref().map_or(Ok(()), |account| account.own(&configuration))?;
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(self.data()).arg("-c").arg(setting("config_file", &configuration));
        let mut running = Running::start(&mut postgres, &self.home.name(), &self.data(), &self.log())?;
        let socket = self.sockets.join(format!(".s.PGSQL.{PORT}"));
        running.wait_until_ready(&socket, USER, &self.log(), self.stop)?;
        Ok(running)
    }

    /// Sets more, from the next start on.
    pub(super) fn choose(&mut self, settings: &[(String, String)]) -> Result<()> {
        self.settings.choose(settings)
    }

    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    pub(super) fn sockets(&self) -> &Path {
        &self.sockets
    }

    pub(super) fn data(&self) -> PathBuf {
        self.home.data()
    }

    pub(super) fn log(&self) -> PathBuf {
        self.home.path().join("log")
    }

    /// Leaves the directories to a server that goes on running. Gives the one with everything in it.
    pub(super) fn keep(self) -> Result<PathBuf> {
        let path = self.home.path().to_owned();
        self.home.keep()?;
        self.socket_home.map_or(Ok(()), Directory::keep)?;
        Ok(path)
    }

    /// Removes the directories.
    pub(super) fn remove(self) -> Result<()> {
        self.socket_home.map_or(Ok(()), Directory::remove)?;
        self.home.remove()
    }

    /// A program of the server, as the server's user, in the directory that it can enter for sure.
    fn command(&self, program: &str) -> Command {
        self.program(self.server.bin.join(program).as_os_str())
    }

    /// Any program, likewise.
    pub(super) fn program(&self, program: &OsStr) -> Command {
        let mut command = Command::new(program);
        super::forget_connection(&mut command);
        command.env("LC_ALL", "C").current_dir(self.home.path());
        if let Some(account) = &self.account {
            account.run(&mut command);
        }
        command
    }

    fn make_directory(&self, path: &Path) -> Result<()> {
        DirBuilder::new().mode(0o700).create(path).context(|| format!("cannot make {}", path.display()))?;
        self.account.as_ref().map_or(Ok(()), |account| account.own(path))
    }
}

fn choose_server(major: Option<u32>, account: Option<&Account>) -> Result<Server> {
    if let Some(major) = major.filter(|major| major < MAJORS.start()) {
        let oldest = MAJORS.start();
        return Err(Error::usage(format!("PostgreSQL {major} is not supported: {oldest} is the oldest")));
    }
    let first = programs::server(major)?;
    let Some(account) = account else { return Ok(first) };
    let mut fitting: Vec<Server> = programs::servers();
    fitting.retain(|server| server.major == first.major);
    let reachable = |server: &&Server| account.reach(&server.bin.join("postgres")).is_ok();
    fitting.iter().find(reachable).cloned().ok_or_else(|| {
        let postgres = first.bin.join("postgres");
        let in_the_way = account.reach(&postgres).err().unwrap_or_default();
        Error::failed(
            "program_unreachable",
            format!("user {} cannot run {}", account.name, postgres.display()),
        )
        .cause(format!("{} is closed to it, and root cannot run a server itself", in_the_way.display()))
        .hint("install the server where every user can read it, or run this as another user than root")
    })
}

fn choose_parent(chosen: Option<&Path>, account: Option<&Account>) -> Result<PathBuf> {
    let wanted = chosen.map_or_else(std::env::temp_dir, Path::to_owned);
    let parent =
        wanted.canonicalize().context(|| format!("cannot make a private cluster in {}", wanted.display()))?;
    match account.map(|account| (account, account.reach(&parent))) {
        Some((_, Err(_))) if chosen.is_none() => Ok(SHORT_PARENT.into()),
        Some((account, Err(in_the_way))) => {
            let message = format!("cannot make a private cluster in {}", parent.display());
            let cause =
                format!("user {}, who runs the server, cannot enter {}", account.name, in_the_way.display());
            Err(Error::failed("sandbox_start", message).cause(cause))
        }
        _ => Ok(parent),
    }
}

fn check_space(parent: &Path, needed: u64) -> Result<()> {
    let file_system = rustix::fs::statvfs(parent).map_err(|error| {
        Error::io(format!("cannot tell the free space of {}", parent.display()), &error.into())
    })?;
    let free = file_system.f_bavail.saturating_mul(file_system.f_frsize);
    let needed = needed.saturating_add(EMPTY_CLUSTER_BYTES);
    if free >= needed {
        return Ok(());
    }
    let mebibytes = |bytes: u64| bytes >> 20;
    let message = format!("not enough space for a private cluster in {}", parent.display());
    let cause = format!("{} MiB are needed, {} MiB are free", mebibytes(needed), mebibytes(free));
    Err(Error::failed("disk_full", message)
        .cause(cause)
        .hint("free some space, or set TMPDIR to a directory on a larger file system"))
}

fn setting(name: &str, path: &Path) -> std::ffi::OsString {
    let mut setting = std::ffi::OsString::from(format!("{name}="));
    setting.push(path);
    setting
}

/// Gives a directory and all in it to `account`. Servers refuse data directories that others can write to.
fn give(account: &Account, directory: &Path) -> Result<()> {
    let cannot = || format!("cannot give {} to the server", directory.display());
    std::fs::set_permissions(directory, Permissions::from_mode(0o700)).context(cannot)?;
    for entry in std::fs::read_dir(directory).context(cannot)? {
        let entry = entry.context(cannot)?;
        let kind = entry.file_type().context(cannot)?;
        if kind.is_dir() {
            give(account, &entry.path())?;
        } else if kind.is_file() {
            account.own(&entry.path())?;
        }
    }
    account.own(directory)
}
