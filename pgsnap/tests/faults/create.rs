//! What goes wrong half-way leaves no snapshot, no half-written file and no session, says so, and is made up for by the
//! next run.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use testkit::{Cluster, Database, HeldDump, Started, TempDir, Tool, newest_major};

/// What `pgsnap` calls itself on a server, as a condition.
const OURS: &str = "application_name LIKE 'pgsnap%' OR application_name = 'pg_dump'";

/// A store, and a database with enough rows for several blocks.
struct Scene {
    cluster: std::sync::Arc<Cluster>,
    source: Database,
    place: TempDir,
}

impl Scene {
    fn new() -> Self {
        Self::on(Cluster::shared(newest_major()))
    }

    fn on(cluster: std::sync::Arc<Cluster>) -> Self {
        let source = cluster.database("source");
        source.run(
            "CREATE TABLE small AS SELECT g AS id, 'row ' || g AS text FROM generate_series(1, 1000) g; \
             CREATE TABLE rows AS SELECT g AS id, md5(g::text) AS text FROM generate_series(1, 100000) g",
        );
        Self { cluster, source, place: TempDir::new() }
    }

    /// Adds a table that is long to read and short to make.
    fn with_wide_rows(self) -> Self {
        self.source.run(
            "CREATE TABLE wide AS SELECT g, repeat(g::text, 300000) AS text FROM generate_series(1, 400) g",
        );
        self
    }

    fn store(&self) -> PathBuf {
        self.place.join("store")
    }

    fn create(&self) -> Tool {
        Tool::pgsnap("create").database(&self.source).store(&self.store())
    }

    /// A create that has read its rows, or will have soon, and cannot end before `held` lets it go.
    fn create_held(&self, held: &HeldDump) -> Started {
        let mut started = self.create().env("PGRUNBOOK_PG_DUMP", held.command()).start();
        let (store, reads) = (self.store(), reading(&self.source));
        started.wait_until("all rows are read", || {
            held.is_reached() && !blocks(&store).is_empty() && self.source.scalar(&reads) == "0"
        });
        started
    }

    /// A create that is stopped by `signal` while it reads rows, and a session of it that does so.
    fn create_stopped_while_reading(&self) -> (Started, String) {
        let mut started = self.create().start();
        let mut reader = String::new();
        started.wait_until("it reads rows", || {
            reader = self.source.scalar(&format!("SELECT coalesce(({READER}), 0)"));
            reader != "0" && !blocks(&self.store()).is_empty()
        });
        started.signal(rustix::process::Signal::STOP);
        (started, reader)
    }

    /// Nothing of an interrupted run is left but blocks, and the next run uses them.
    fn is_clean_and_goes_on(&self) {
        self.nothing_runs();
        assert_eq!(files(&self.store(), "snapshots"), Vec::<String>::new());
        assert_eq!(staged(&self.store()), Vec::<String>::new());
        assert!(!blocks(&self.store()).is_empty(), "nothing was stored");
        let again = self.create().run().success();
        assert!(again.result()["blocks_reused"].as_u64() > Some(0), "{again}");
        self.check();
    }

    /// The store has one snapshot, and it is sound.
    fn check(&self) {
        let checked = Tool::pgsnap("check").store(&self.store()).arg("--read-data").run().success();
        assert_eq!(checked.result()["snapshots"], 1, "{checked}");
    }

    /// The server is rid of our sessions, soon.
    fn nothing_runs(&self) {
        let sessions = format!(
            "SELECT coalesce(string_agg(pid || ' ' || state || ' ' || query, '; '), 'none') FROM pg_stat_activity \
             WHERE datname LIKE '{}%' AND ({OURS})",
            self.source.name()
        );
        for _ in 0..200 {
            if self.source.scalar(&sessions) == "none" {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("still on the server: {}", self.source.scalar(&sessions));
    }
}

/// The oldest of our sessions that read `wide`.
const READER: &str = "SELECT min(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' \
     AND query LIKE '%COPY%wide%' AND pid <> pg_backend_pid()";

/// Ends the session that holds locks and snapshot: of our transactions' sessions the one that came first.
const END_LEADER: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
     AND application_name LIKE 'pgsnap%' AND xact_start IS NOT NULL ORDER BY backend_start LIMIT 1";

fn reading(database: &Database) -> String {
    format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND state = 'active' AND pid <> pg_backend_pid()",
        database.name()
    )
}

fn files(store: &Path, directory: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut directories = vec![store.join(directory)];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                files.push(path.strip_prefix(store).unwrap().display().to_string());
            }
        }
    }
    files.sort();
    files
}

fn blocks(store: &Path) -> Vec<String> {
    files(store, "blocks")
}

fn staged(store: &Path) -> Vec<String> {
    files(store, "").into_iter().filter(|file| file.contains('#')).collect()
}

#[test]
fn a_signal_ends_a_create_and_leaves_nothing_but_blocks() {
    let scene = Scene::new();
    for (signal, code, name) in
        [(rustix::process::Signal::INT, 130, "SIGINT"), (rustix::process::Signal::TERM, 143, "SIGTERM")]
    {
        let held = HeldDump::of(&scene.cluster);
        let started = scene.create_held(&held);
        started.signal(signal);
        let outcome = started.finish().exit(code).says(&format!("pgsnap: stopped by {name}"));
        assert_eq!(outcome.result()["status"], "interrupted");
        assert_eq!(outcome.record("error")["code"], "interrupted");
        scene.nothing_runs();
        assert_eq!(files(&scene.store(), "snapshots"), Vec::<String>::new());
    }
    scene.is_clean_and_goes_on();
}

#[test]
fn a_killed_create_leaves_no_snapshot_and_the_next_one_sweeps() {
    let scene = Scene::new();
    let held = HeldDump::of(&scene.cluster);
    let started = scene.create_held(&held);
    started.signal(rustix::process::Signal::KILL);
    drop(started.finish().exit(137));
    let shard = scene.store().join(Path::new(&blocks(&scene.store())[0]).parent().unwrap());
    let [old, young] = ["abc.zst#1", "def.zst#23"].map(|name| shard.join(name));
    for file in [&old, &young] {
        fs::write(file, "half").unwrap();
    }
    let eleven_minutes_ago = SystemTime::now() - Duration::from_mins(11);
    fs::File::options().write(true).open(&old).unwrap().set_modified(eleven_minutes_ago).unwrap();
    let again = scene.create().run().success();
    assert!(again.result()["blocks_reused"].as_u64() > Some(0), "{again}");
    assert!(!old.exists(), "a half-written file of a killed run is still there");
    assert!(young.exists(), "it may be of a run that still goes on");
    fs::remove_file(young).unwrap();
    scene.check();
    scene.nothing_runs();
}

#[test]
fn a_signal_ends_the_wait_for_a_lock() {
    let scene = Scene::new();
    let blocker = scene.source.hold("BEGIN; LOCK TABLE rows");
    let granted = "SELECT count(*) FROM pg_locks WHERE relation = 'rows'::regclass AND granted = ";
    let mut started = scene.create().start();
    started.wait_until("it waits", || scene.source.scalar(&format!("{granted} false")) == "1");
    started.signal(rustix::process::Signal::INT);
    drop(started.finish().exit(130));
    scene.nothing_runs();
    assert_eq!(scene.source.scalar(&format!("{granted} true")), "1");
    drop(blocker);
    scene.create().run().success();
}

#[test]
fn a_signal_ends_the_reading_of_a_large_table() {
    let scene = Scene::new().with_wide_rows();
    let (started, _) = scene.create_stopped_while_reading();
    started.signal(rustix::process::Signal::TERM);
    started.signal(rustix::process::Signal::CONT);
    drop(started.finish().exit(143));
    scene.is_clean_and_goes_on();
}

#[test]
fn a_lost_worker_is_replaced() {
    let scene = Scene::new().with_wide_rows();
    let (started, reader) = scene.create_stopped_while_reading();
    scene.source.run(&format!("SELECT pg_terminate_backend({reader})"));
    started.signal(rustix::process::Signal::CONT);
    let outcome = started.finish().success();
    let warning = outcome.record("warning");
    assert_eq!(warning["code"], "retried", "{outcome}");
    assert!(warning["message"].as_str().unwrap().contains("\"public\".\"wide\""), "{outcome}");
    let target = scene.cluster.database("source_back");
    let restored =
        Tool::pgsnap("restore").arg("latest").store(&scene.store()).database(&target).run().success();
    assert_eq!(restored.result()["proved"], true);
}

#[test]
fn a_lost_leader_is_a_lost_snapshot() {
    let scene = Scene::new();
    let held = HeldDump::of(&scene.cluster);
    let started = scene.create_held(&held);
    assert_eq!(scene.source.scalar(END_LEADER), "t");
    held.let_go();
    let outcome = started.finish().exit(5);
    assert_eq!(outcome.record("error")["code"], "connection_lost", "{outcome}");
    assert_eq!(outcome.result()["status"], "interrupted");
    scene.is_clean_and_goes_on();
}

/// Whoever has the snapshot already reads on; but without the locks, a table may be emptied before it is read.
#[test]
fn a_leader_that_is_lost_while_others_read_on_is_missed() {
    let scene = Scene::new().with_wide_rows();
    let (started, _) = scene.create_stopped_while_reading();
    assert_eq!(scene.source.scalar(END_LEADER), "t");
    started.signal(rustix::process::Signal::CONT);
    let outcome = started.finish().exit(5);
    assert_eq!(outcome.record("error")["code"], "connection_lost", "{outcome}");
    scene.is_clean_and_goes_on();
}

#[test]
fn a_killed_server_ends_it_as_resumable() {
    let cluster = Cluster::start(newest_major(), &[]);
    let scene = Scene::on(cluster).with_wide_rows();
    let (started, _) = scene.create_stopped_while_reading();
    let postmaster =
        rustix::process::Pid::from_raw(i32::try_from(scene.cluster.sandbox().postmaster_pid()).unwrap());
    rustix::process::kill_process(postmaster.unwrap(), rustix::process::Signal::KILL).unwrap();
    started.signal(rustix::process::Signal::CONT);
    let outcome = started.finish().exit(5);
    assert_eq!(outcome.result()["status"], "interrupted");
    assert_eq!(files(&scene.store(), "snapshots"), Vec::<String>::new());
    assert_eq!(staged(&scene.store()), Vec::<String>::new());
}

#[test]
fn a_reader_that_goes_away_ends_it() {
    let scene = Scene::new();
    let held = HeldDump::of(&scene.cluster);
    let outcome = scene
        .create()
        .env("PGRUNBOOK_PG_DUMP", held.command())
        .raw()
        .under("/bin/bash", ["-c", "\"$0\" \"$@\" | head -n 1; exit ${PIPESTATUS[0]}"])
        .run()
        .exit(141)
        .says("pgsnap: stopped: nobody reads its output any more");
    assert!(outcome.stdout().contains("\"type\":\"start\""), "{outcome}");
    scene.nothing_runs();
    assert_eq!(files(&scene.store(), "snapshots"), Vec::<String>::new());
}

#[test]
fn a_full_disk_under_stdout_is_an_error() {
    let scene = Scene::new();
    scene
        .create()
        .raw()
        .under("/bin/sh", ["-c", "exec \"$0\" \"$@\" > /dev/full"])
        .run()
        .exit(3)
        .says("pgsnap: cannot write to stdout: No space left on device");
    scene.nothing_runs();
    Tool::pgsnap("list")
        .store(&scene.store())
        .raw()
        .under("/bin/sh", ["-c", "exec \"$0\" \"$@\" > /dev/full"])
        .run()
        .exit(3);
}

/// A tiny file system of its own; without the right to mount one there is none.
struct TinyDisk(PathBuf);

impl TinyDisk {
    fn mount(at: PathBuf, size: &str) -> Option<Self> {
        fs::create_dir_all(&at).unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(&at);
        mount.stderr(std::process::Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(Self(at));
        }
        let told = "SKIPPED: no tmpfs can be mounted here (root may): a full disk is only tried as a limit on the size of files\n";
        std::io::Write::write_all(&mut std::io::stderr(), told.as_bytes()).unwrap();
        None
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let mut umount = std::process::Command::new("umount");
        assert!(umount.arg(&self.0).status().unwrap().success() || std::thread::panicking());
    }
}

#[test]
fn a_full_disk_under_the_store_is_told_and_leaves_no_snapshot() {
    let scene = Scene::new();
    scene
        .source
        .run("CREATE TABLE random AS SELECT g, md5(random()::text) FROM generate_series(1, 200000) g");
    let Some(disk) = TinyDisk::mount(scene.store(), "3m") else { return };
    let outcome = scene.create().arg("--no-space-check").run().exit(3).says("No space left on device");
    assert_eq!(outcome.record("error")["code"], "disk_full", "{outcome}");
    assert!(outcome.stderr().contains("/store/blocks/"), "which file: {outcome}");
    scene.nothing_runs();
    assert_eq!(files(&scene.store(), "snapshots"), Vec::<String>::new());
    assert_eq!(staged(&scene.store()), Vec::<String>::new());
    let mut larger = std::process::Command::new("mount");
    assert!(larger.args(["-o", "remount,size=100m"]).arg(scene.store()).status().unwrap().success());
    scene.is_clean_and_goes_on();
    drop(disk);
}

#[test]
fn too_little_space_is_told_before_anything_is_read() {
    let scene = Scene::new();
    scene
        .source
        .run("CREATE TABLE random AS SELECT g, md5(random()::text) FROM generate_series(1, 400000) g");
    let Some(_disk) = TinyDisk::mount(scene.store(), "3m") else { return };
    let outcome = scene.create().run().exit(3).says("free, a snapshot of database").says("hint:");
    assert_eq!(outcome.record("error")["code"], "no_space");
    assert_eq!(blocks(&scene.store()), Vec::<String>::new());
}

#[test]
fn a_limit_on_the_size_of_files_is_an_error_and_no_signal() {
    let scene = Scene::new();
    // The shell counts in blocks of 512 bytes (dash) or 1 KiB.
    let limited = ["-c", "ulimit -f 200; exec \"$0\" \"$@\""];
    scene.create().args(["-Z", "none"]).under("/bin/sh", limited).run().exit(3).says("File too large");
    assert_eq!(files(&scene.store(), "snapshots"), Vec::<String>::new());
    assert_eq!(staged(&scene.store()), Vec::<String>::new());
}

#[test]
fn two_creates_at_once_and_two_in_a_second_are_all_snapshots() {
    let scene = Scene::new();
    let both = [scene.create().start(), scene.create().start()];
    for started in both {
        drop(started.finish().success());
    }
    scene.create().run().success();
    let checked = Tool::pgsnap("check").store(&scene.store()).arg("--read-data").run().success();
    assert_eq!(checked.result()["snapshots"], 3, "{checked}");
    let listed = Tool::pgsnap("list").store(&scene.store()).run().success();
    assert_eq!(listed.records_of("snapshot").len(), 3);
}
