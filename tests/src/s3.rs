//! Real servers that speak S3, for tests: moto, a Python program that believes every signature, and s3s-fs, which checks them.

use crate::{TempDir, Tool, is_long};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// The secret key that tests sign with; it may be seen nowhere.
pub const PLANTED: &str = "planted/secret+of=tests";

/// A server that runs; it stops when the last test that uses it has ended.
#[derive(Debug)]
pub struct S3 {
    child: Child,
    port: u16,
    buckets: AtomicU32,
    place: TempDir,
}

impl S3 {
    /// The server that tests of this program share while they run at the same time. None, and said so, where it is not
    /// installed.
    pub fn shared() -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<S3>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return Some(running);
        }
        let started = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&started);
        Some(started)
    }

    fn start() -> Option<Self> {
        let mut python = Command::new("python3");
        // Where scripts/test brings it.
        python.env("PYTHONPATH", cache().join("pgrunbook/moto"));
        let installed = python.args(["-c", "import moto.server"]).stderr(Stdio::null()).status();
        if !installed.is_ok_and(|status| status.success()) {
            let told = "SKIPPED: no moto is installed (pip install 'moto[server,s3]'), so that stores in S3 are not tried\n";
            assert!(std::env::var_os("CI").is_none(), "{told}");
            std::io::stderr().write_all(told.as_bytes()).unwrap();
            return None;
        }
        Some(Self::run(|port, _| {
            let mut moto = Command::new("python3");
            moto.env("PYTHONPATH", cache().join("pgrunbook/moto"));
            moto.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
            moto
        }))
    }

    /// A server that checks signatures, with these buckets. None, and said so,
    /// where it was not built.
    pub fn strict(buckets: &[&str]) -> Option<Self> {
        let program = cache().join("pgrunbook/tools/bin/s3s-fs");
        if !program.is_file() {
            let told = "SKIPPED: no s3s-fs is built (scripts/test --all), so that signatures are not tried\n";
            assert!(!is_long() || std::env::var_os("CI").is_none(), "{told}");
            std::io::stderr().write_all(told.as_bytes()).unwrap();
            return None;
        }
        Some(Self::run(|port, place| {
            let root = place.join("root");
            for bucket in buckets {
                std::fs::create_dir_all(root.join(bucket)).unwrap();
            }
            let mut strict = Command::new(program);
            strict.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
            strict.args(["--access-key", "tests", "--secret-key", PLANTED]).arg(root);
            strict
        }))
    }

    fn run(command: impl FnOnce(u16, &TempDir) -> Command) -> Self {
        let place = TempDir::new();
        // Nobody else gets it in between, as good as always: ports are given out in turn.
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let log = std::fs::File::create(place.join("log")).unwrap();
        let mut command = command(port, &place);
        command.current_dir(place.path()).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let server = Self { child: command.spawn().unwrap(), port, buckets: AtomicU32::new(0), place };
        let deadline = Instant::now() + Duration::from_mins(2);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = || std::fs::read_to_string(server.place.join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "the server does not answer\n{}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A new bucket.
    pub fn bucket(&self) -> String {
        let number = self.buckets.fetch_add(1, Ordering::Relaxed);
        let name = format!("bucket-{number}-{}", std::process::id());
        let answer = self.ask("PUT", &format!("/{name}"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        name
    }

    /// The names of all objects of a bucket, sorted. Knows nothing of what the tools believe to be there.
    pub fn names(&self, bucket: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        loop {
            let last = names.last().map_or("", String::as_str);
            let listed = self.ask("GET", &format!("/{bucket}?list-type=2&start-after={last}"));
            let keys = listed.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap());
            names.extend(keys.map(str::to_owned));
            names.sort();
            if listed.contains("<IsTruncated>false") {
                return names;
            }
            assert!(listed.contains("<IsTruncated>true"), "{listed}");
        }
    }

    /// Removes an object.
    pub fn remove(&self, bucket: &str, name: &str) {
        let answer = self.ask("DELETE", &format!("/{bucket}/{name}"));
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    }

    fn ask(&self, method: &str, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 0\r\nConnection: close\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=tests/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, \
             Signature=0\r\n\r\n",
            self.port
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Tells a tool the way to it.
    #[must_use]
    pub fn lead(&self, tool: Tool) -> Tool {
        lead(tool, self.port)
    }
}

/// Tells a tool the way to what speaks S3 on this port.
pub(crate) fn lead(tool: Tool, port: u16) -> Tool {
    tool.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "tests")
        .env("AWS_SECRET_ACCESS_KEY", PLANTED)
}

fn cache() -> PathBuf {
    let home = || std::env::home_dir().unwrap_or_default().join(".cache");
    std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from)
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
