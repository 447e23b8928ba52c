//! A pooler between a tool and a server.

use crate::{Cluster, Database, TempDir};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A real pgbouncer before a server; it stops with the value.
#[derive(Debug)]
pub struct Bouncer {
    child: Child,
    place: TempDir,
    _cluster: Arc<Cluster>,
}

impl Bouncer {
    const PORT: u16 = 6543;

    /// None, and said so, where it is not installed.
    pub fn start(cluster: &Arc<Cluster>, mode: &str) -> Option<Self> {
        let found =
            ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"].map(PathBuf::from);
        let Some(program) = found.into_iter().find(|path| path.exists()) else {
            let told =
                "SKIPPED: no pgbouncer is installed, so that pooled transactions are refused is not tried\n";
            assert!(std::env::var_os("CI").is_none(), "{told}");
            std::io::Write::write_all(&mut std::io::stderr(), told.as_bytes()).unwrap();
            return None;
        };
        let place = TempDir::new();
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let (here, host, port) = (place.path().display(), cluster.host().display(), cluster.port());
        let configuration = place.write(
            "pgbouncer.ini",
            format!(
                "[databases]\n* = host={host} port={port} user=postgres\n[pgbouncer]\nlisten_addr =\nlisten_port = {}\n\
                 unix_socket_dir = {here}\nauth_type = any\nauth_file =\npool_mode = {mode}\nmin_pool_size = 0\n\
                 default_pool_size = 20\nlogfile = {here}/log\npidfile = {here}/pid\n\
                 ignore_startup_parameters = extra_float_digits,options\nserver_reset_query = DISCARD ALL\n",
                Self::PORT
            ),
        );
        let mut command = Command::new(program);
        command.arg("-q").arg(configuration).stdout(Stdio::null()).stderr(Stdio::null());
        if rustix::process::geteuid().is_root() {
            // It refuses to run as root; the server's user may enter the server's directory.
            let owner = std::os::unix::fs::MetadataExt::uid(
                &fs::metadata(cluster.sandbox().data_directory()).unwrap(),
            );
            chown(place.path(), Some(owner), None).unwrap();
            std::os::unix::process::CommandExt::uid(&mut command, owner);
        }
        let child = command.spawn().unwrap();
        let bouncer = Self { child, place, _cluster: Arc::clone(cluster) };
        let socket = bouncer.place.join(format!(".s.PGSQL.{}", Self::PORT));
        let deadline = Instant::now() + Duration::from_secs(30);
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            let log = || fs::read_to_string(bouncer.place.join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "pgbouncer does not answer\n{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(bouncer)
    }

    /// What leads a tool through it to `database`.
    pub fn connection(&self, database: &Database) -> String {
        format!(
            "host={} port={} user=postgres dbname={}",
            self.place.path().display(),
            Self::PORT,
            database.name()
        )
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
