//! A private cluster that lives as long as its value.
//!
//! It listens on a Unix socket in a directory that only its owner and its server can enter, never on TCP. It is gone
//! after success, failure and panic; a program that turns SIGINT and SIGTERM into an ordinary return leaves nothing
//! either; what SIGKILL left is swept up by the next start. Knows nothing of snapshots.

mod account;
mod directory;
mod kept;
mod leftovers;
mod ready;
mod running;
mod settings;
mod site;

use crate::error::Result;
use crate::pg::target::{ConnectOptions, Target};
use running::Running;
use settings::PORT;
use site::Site;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The majors that are supported.
pub const MAJORS: std::ops::RangeInclusive<u32> = 12..=18;

/// The superuser of a sandbox.
const USER: &str = "postgres";

/// What a sandbox is to be like.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server's major version; the newest that is installed when `None`.
    pub major: Option<u32>,
    /// Server settings, before those that only make it fast.
    pub settings: Vec<(String, String)>,
    /// The encoding of its template databases.
    pub encoding: String,
    /// The locale of its template databases, by its name in the operating system.
    pub locale: String,
    /// `libc`, `icu` or `builtin`, and the locale's name there; servers have it from 15 (`builtin` from 17).
    pub locale_provider: Option<(String, String)>,
    /// Whether its pages have checksums.
    pub checksums: bool,
    /// How many bytes will be put into it; with too little free space it does not begin.
    pub space_needed_bytes: Option<u64>,
    /// Where its directory is made: `$TMPDIR` or `/tmp` when `None`.
    pub parent: Option<PathBuf>,
    /// Asked while waiting; `true` ends the start with an error.
    pub stop: Option<fn() -> bool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            major: None,
            settings: Vec::new(),
            encoding: "UTF8".into(),
            locale: "C".into(),
            locale_provider: None,
            checksums: false,
            space_needed_bytes: None,
            parent: None,
            stop: None,
        }
    }
}

/// A running private cluster; gone when this value is dropped.
#[derive(Debug)]
pub struct Sandbox {
    // The order matters: the server ends before its directories go.
    running: Running,
    site: Site,
}

/// A cluster that was left running.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The postmaster's process.
    pub pid: u32,
    /// Everything it wrote.
    pub directory: PathBuf,
    /// What `PGHOST` has to be.
    pub socket_directory: PathBuf,
    /// What `PGPORT` has to be.
    pub port: u16,
    /// Its superuser.
    pub user: String,
    /// How a person stops it; the next sandbox removes the directory.
    pub stop_command: String,
}

impl Sandbox {
    /// Makes a cluster and starts its server; returns when it answers. Sweeps up what killed owners left.
    ///
    /// Fails with `disk_full` before it begins when there is less space than is needed, with `program_missing` when no
    /// server is found, and with the end of the server's log when it does not start.
    pub fn start(options: &Options) -> Result<Self> {
        let site = Site::prepare(options)?;
        site.make_cluster(options)?;
        let running = site.run()?;
        Ok(Self { running, site })
    }

    /// Starts a server on cluster files that `fill` puts into the directory it is given, such as a base backup.
    ///
    /// The directory exists, is empty and is ours while `fill` runs; the encoding and locale of `options` do not count.
    pub fn start_on(options: &Options, fill: impl FnOnce(&Path) -> Result<()>) -> Result<Self> {
        let site = Site::prepare(options)?;
        site.fill_with(fill)?;
        let running = site.run()?;
        Ok(Self { running, site })
    }

    /// Where its socket is: what `PGHOST` has to be.
    pub fn socket_directory(&self) -> &Path {
        self.site.sockets()
    }

    /// The port that names its socket.
    pub fn port(&self) -> u16 {
        PORT
    }

    /// Its superuser, who needs no password.
    pub fn user(&self) -> &str {
        USER
    }

    /// The server's major version.
    pub fn major(&self) -> u32 {
        self.site.server().major
    }

    /// The directory of the server's programs.
    pub fn bin(&self) -> &Path {
        &self.site.server().bin
    }

    /// The cluster's files.
    pub fn data_directory(&self) -> PathBuf {
        self.site.data()
    }

    /// The server's messages.
    pub fn log_file(&self) -> PathBuf {
        self.site.log()
    }

    /// The postmaster's process.
    pub fn postmaster_pid(&self) -> u32 {
        self.running.pid()
    }

    /// What leads a program to `database` of this cluster: libpq's variables, and `DATABASE_URL` for what reads that.
    pub fn environment(&self, database: &str) -> Vec<(String, String)> {
        let sockets = self.socket_directory().to_string_lossy().into_owned();
        let url = format!(
            "postgresql://{USER}@/{}?host={}&port={PORT}",
            percent_encoded(database),
            percent_encoded(&sockets)
        );
        vec![
            ("PGHOST".into(), sockets),
            ("PGPORT".into(), PORT.to_string()),
            ("PGUSER".into(), USER.into()),
            ("PGDATABASE".into(), database.into()),
            ("DATABASE_URL".into(), url),
        ]
    }

    /// Makes `command` see `database` of this cluster, and nothing of what would lead it elsewhere.
    pub fn lead(&self, command: &mut Command, database: &str) {
        forget_connection(command);
        command.envs(self.environment(database));
    }

    /// The way to its database `name`, which need not exist yet.
    pub fn target(&self, name: &str) -> Result<Target> {
        let options = ConnectOptions {
            // Not here: a name such as postgres://elsewhere/ would be taken for a connection string.
            dbname: None,
            host: Some(self.socket_directory().to_string_lossy().into_owned()),
            port: Some(self.port().to_string()),
            username: Some(self.user().to_owned()),
        };
        // Nothing of what would lead to another server counts; where the home is, does no harm.
        let target = Target::resolve_with(&options, &|name| {
            (!name.starts_with("PG")).then(|| std::env::var(name).ok()).flatten()
        })?;
        Ok(target.with_database(name))
    }

    /// Stops the server, sets more, and starts it again on the same files.
    pub fn restart(&mut self, settings: &[(String, String)]) -> Result<()> {
        self.site.choose(settings)?;
        self.running.stop(true)?;
        self.running = self.site.run()?;
        Ok(())
    }

    /// Leaves it running, and says how to reach and to stop it. The next sandbox removes its files once it has ended.
    pub fn keep(self) -> Result<Kept> {
        let Self { running, site } = self;
        let socket_directory = site.sockets().to_owned();
        // First the directories: a failure here still ends the server.
        let directory = site.keep()?;
        let pid = running.leave();
        Ok(Kept {
            pid,
            directory,
            socket_directory,
            port: PORT,
            user: USER.into(),
            stop_command: format!("kill -INT {pid}"),
        })
    }

    /// Ends the server and removes everything; says so when that fails.
    pub fn stop(self) -> Result<()> {
        let Self { mut running, site } = self;
        running.stop(false)?;
        site.remove()
    }
}

/// Takes from a command what libpq would read: a way to another server, perhaps its password.
fn forget_connection(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("PG") && !text.starts_with("PGRUNBOOK_") {
            command.env_remove(&name);
        }
    }
}

/// A part of a URI, everything but letters, digits and `-._~` encoded.
fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
