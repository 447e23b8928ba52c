//! A directory for everything temporary of one run, and what may be found in it and elsewhere afterwards.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use testkit::{Cluster, TempDir, Tool, newest_major};

/// A server that was told to end may take so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A store with a snapshot, and a place for temporary things that nobody else uses.
pub(crate) struct Place {
    store: TempDir,
    temporary: TempDir,
}

impl Place {
    /// With a snapshot that is quickly restored.
    pub(crate) fn new() -> Self {
        Self::of(
            "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 1000) g",
        )
    }

    /// With a snapshot of a database that these statements make.
    pub(crate) fn of(made: &str) -> Self {
        let source = Cluster::shared(newest_major()).database("faults");
        source.run(made);
        let store = TempDir::new();
        Tool::pgsnap("create").database(&source).store(store.path()).run().success();
        let temporary = TempDir::new();
        // The server's user makes its own files there.
        fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o1777)).unwrap();
        Self { store, temporary }
    }

    pub(crate) fn store(&self) -> &Path {
        self.store.path()
    }

    pub(crate) fn temporary(&self) -> &Path {
        self.temporary.path()
    }

    /// `pgverify restore` of it into a private cluster below the place.
    pub(crate) fn restore(&self) -> Tool {
        let tool = Tool::named("pgverify").args(["restore", "latest"]).store(self.store.path());
        tool.env("TMPDIR", self.temporary.path())
    }

    /// What lies in the place: sandboxes, and what else was made.
    pub(crate) fn left(&self) -> Vec<PathBuf> {
        fs::read_dir(self.temporary.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// Fails unless directory, processes and shared memory are as before.
    #[track_caller]
    pub(crate) fn is_clean(&self) {
        assert_eq!(self.left(), Vec::<PathBuf>::new(), "left behind");
        let processes = self.processes();
        assert!(processes.is_empty(), "still alive: {processes:?}");
    }

    /// As [`Place::is_clean`], for what ends by itself.
    #[track_caller]
    pub(crate) fn becomes_clean(&self) {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE && !(self.left().is_empty() && self.processes().is_empty()) {
            std::thread::sleep(Duration::from_millis(50));
        }
        self.is_clean();
    }

    /// Processes whose arguments or directory say that they work in the place.
    pub(crate) fn processes(&self) -> Vec<(u32, String)> {
        let place = self.temporary.path().to_string_lossy().into_owned();
        let entries = fs::read_dir("/proc").unwrap().flatten();
        entries
            .filter_map(|entry| {
                let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
                let title = fs::read(entry.path().join("cmdline")).ok()?;
                let title = String::from_utf8_lossy(&title).replace('\0', " ");
                let directory = fs::read_link(entry.path().join("cwd")).unwrap_or_default();
                (pid != std::process::id() && (title.contains(&place) || directory.starts_with(&place)))
                    .then_some((pid, title))
            })
            .collect()
    }

    /// The postmaster's process, once it has written its file.
    pub(crate) fn postmaster(&self) -> Option<u32> {
        let mut files = self.left().into_iter().map(|sandbox| sandbox.join("data/postmaster.pid"));
        files.find_map(|file| fs::read_to_string(file).ok()?.lines().next()?.parse().ok())
    }

    /// The System V memory segments of the place's servers: `postmaster.pid` tells key and number.
    pub(crate) fn segment(&self) -> Option<String> {
        let mut files = self.left().into_iter().map(|sandbox| sandbox.join("data/postmaster.pid"));
        files.find_map(|file| {
            let text = fs::read_to_string(file).ok()?;
            Some(text.lines().nth(6)?.split_whitespace().nth(1)?.to_owned())
        })
    }
}

/// The numbers of all System V memory segments.
pub(crate) fn segments() -> Vec<String> {
    let table = fs::read_to_string("/proc/sysvipc/shm").unwrap();
    table.lines().skip(1).filter_map(|line| Some(line.split_whitespace().nth(1)?.to_owned())).collect()
}

/// The TCP sockets, of either family, on which a process listens.
pub(crate) fn listens(pid: u32) -> Vec<String> {
    let sockets: Vec<String> = fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let link = fs::read_link(entry.path()).ok()?.to_string_lossy().into_owned();
            Some(link.strip_prefix("socket:[")?.trim_end_matches(']').to_owned())
        })
        .collect();
    assert!(!sockets.is_empty(), "a postmaster has a socket");
    let tables = ["tcp", "tcp6"]
        .map(|table| fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default());
    let lines = tables.iter().flat_map(|table| table.lines().skip(1));
    // The tenth field is the socket's number.
    lines
        .filter(|line| {
            line.split_whitespace().nth(9).is_some_and(|inode| sockets.iter().any(|own| own == inode))
        })
        .map(str::to_owned)
        .collect()
}
