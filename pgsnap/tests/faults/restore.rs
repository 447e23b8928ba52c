//! A restore that cannot be finished is never "ok": it ends with the right exit code, names the object, and leaves no session.

use serde_json::Value;
use std::fs;
use std::sync::Arc;
use testkit::{
    Cluster, Database, Held, Outcome, Started, TempDir, Tool, majors, newest_major, oldest_major, resealed,
};

/// Key of the advisory lock that whoever fills the table `slow` has to wait for.
const GATE: u32 = 4711;

/// Whose locks keep waiting for it.
const WAITS: &str = "WHERE locktype = 'advisory' AND NOT granted \
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// A snapshot of what `sql` makes.
struct Scene {
    cluster: Arc<Cluster>,
    source: Database,
    target: Database,
    place: TempDir,
}

impl Scene {
    fn new(sql: &str) -> Self {
        Self::between(&Cluster::shared(newest_major()), &Cluster::shared(newest_major()), sql)
    }

    fn between(from: &Arc<Cluster>, to: &Arc<Cluster>, sql: &str) -> Self {
        let [source, target] = [from.database("source"), to.database("target")];
        source.run(sql);
        let scene = Self { cluster: Arc::clone(to), source, target, place: TempDir::new() };
        Tool::pgsnap("create").database(&scene.source).store(scene.place.path()).run().success();
        scene
    }

    fn restore(&self) -> Tool {
        Tool::pgsnap("restore").arg("latest").store(self.place.path()).database(&self.target)
    }

    /// A restore that waits for the gate of the table `slow`, and the session that holds it shut.
    fn restore_held(&self) -> (Started, Held) {
        // One worker: the others might be about to connect when the test strikes.
        let gate = self.target.hold(&format!("SELECT pg_advisory_lock({GATE})"));
        let mut started = self.restore().args(["--jobs", "1"]).start();
        let waits = format!("SELECT count(*) FROM pg_locks {WAITS}");
        started.wait_until("it waits at the gate", || self.target.scalar(&waits) == "1");
        (started, gate)
    }

    fn nothing_runs(&self) {
        let sessions = format!(
            "SELECT coalesce(string_agg(query, '; '), 'none') FROM pg_stat_activity \
             WHERE datname = '{}' AND application_name LIKE 'pgsnap%'",
            self.target.name()
        );
        let existing = self.cluster.existing("postgres");
        for _ in 0..200 {
            if existing.scalar(&sessions) == "none" {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(25));
        }
        panic!("still on the server: {}", existing.scalar(&sessions));
    }
}

/// A table whose rows, and one whose index, cannot be made while the gate is shut.
fn gated(what: &str) -> String {
    let pass = format!(
        "CREATE FUNCTION public.pass(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS \
         'BEGIN PERFORM pg_catalog.pg_advisory_lock_shared({GATE}); \
          PERFORM pg_catalog.pg_advisory_unlock_shared({GATE}); RETURN $1; END';"
    );
    format!(
        "{pass} CREATE TABLE slow (a int {}); INSERT INTO slow VALUES (1); {}",
        match what {
            "rows" => "CHECK (public.pass(a) > 0)",
            _ => "",
        },
        match what {
            "rows" => "",
            _ => "CREATE INDEX slow_index ON slow (public.pass(a))",
        }
    )
}

fn error(outcome: &Outcome) -> &Value {
    outcome.record("error")
}

#[test]
fn a_signal_ends_it_wherever_it_waits() {
    for (what, signal, code) in
        [("rows", rustix::process::Signal::INT, 130), ("index", rustix::process::Signal::TERM, 143)]
    {
        let scene = Scene::new(&gated(what));
        let (started, gate) = scene.restore_held();
        started.signal(signal);
        let outcome = started.finish().exit(code);
        assert_eq!(
            (outcome.result()["status"].as_str(), outcome.result().get("proved")),
            (Some("interrupted"), None)
        );
        scene.nothing_runs();
        drop(gate);
    }
}

#[test]
fn a_lost_connection_is_told_with_what_was_being_made() {
    for (what, object) in [("rows", "table \"public\".\"slow\""), ("index", "slow_index")] {
        let scene = Scene::new(&gated(what));
        let (started, gate) = scene.restore_held();
        scene.target.run(&format!("SELECT pg_terminate_backend(pid) FROM pg_locks {WAITS}"));
        let outcome =
            started.finish().exit(5).says(object).says("terminating connection due to administrator command");
        assert_eq!(
            (&error(&outcome)["code"], &error(&outcome)["sqlstate"]),
            (&"connection_lost".into(), &"57P01".into())
        );
        scene.nothing_runs();
        drop(gate);
    }
}

/// The processes that `parent` has started, as /proc tells.
fn children(parent: i32) -> Vec<i32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let is_child = |pid: &i32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let behind_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        behind_name.split_whitespace().nth(1) == Some(&parent.to_string())
    };
    pids.filter(is_child).collect()
}

#[test]
fn a_killed_server_ends_it_as_resumable() {
    let newest = Cluster::shared(newest_major());
    let scene = Scene::between(&newest, &Cluster::start(newest_major(), &[]), &gated("index"));
    let (started, gate) = scene.restore_held();
    let postmaster = i32::try_from(scene.cluster.sandbox().postmaster_pid()).unwrap();
    // All at once: the session that holds the gate shut must not get to open it.
    for pid in std::iter::once(postmaster).chain(children(postmaster)) {
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        // A child may have ended with its parent.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
    let outcome = started.finish().exit(5).says("slow_index");
    drop(gate);
    assert_eq!(error(&outcome)["code"], "connection_lost");
}

#[test]
fn what_the_server_refuses_is_named_with_its_sqlstate() {
    let cases = [
        // The check looks at another database's name: valid at home, not in the target.
        (
            "CREATE FUNCTION public.here() RETURNS bool IMMUTABLE LANGUAGE sql AS \
             'SELECT pg_catalog.current_database() LIKE ''source%'''; \
             CREATE TABLE checked (a int CONSTRAINT at_home CHECK (public.here())); INSERT INTO checked VALUES (1)",
            "23514",
            ["table \"public\".\"checked\"", "at_home"],
        ),
        // Rows that an index should have refused, as after a crash of a broken disk.
        (
            "CREATE TABLE doubled (a int); CREATE UNIQUE INDEX only_one ON doubled (a); \
             UPDATE pg_index SET indisready = false, indislive = true WHERE indexrelid = 'only_one'::regclass; \
             INSERT INTO doubled VALUES (5), (5); \
             UPDATE pg_index SET indisready = true WHERE indexrelid = 'only_one'::regclass",
            "23505",
            ["only_one", "(a)=(5)"],
        ),
        (
            "CREATE TABLE parent (a int PRIMARY KEY); CREATE TABLE child (a int CONSTRAINT points REFERENCES parent); \
             SET session_replication_role = replica; INSERT INTO child VALUES (9)",
            "23503",
            ["points", "(a)=(9)"],
        ),
    ];
    for (sql, sqlstate, words) in cases {
        let scene = Scene::new(sql);
        let outcome = scene.restore().run().exit(3).says(words[0]).says(words[1]).says(sqlstate);
        assert_eq!(
            (&error(&outcome)["sqlstate"], outcome.result().get("proved")),
            (&sqlstate.into(), None),
            "{outcome}"
        );
        scene.nothing_runs();
    }
}

#[test]
fn what_the_target_lacks_is_told_before_anything_is_made() {
    let extension = Scene::new("CREATE TABLE t (a int)");
    let manifest = fs::read_dir(extension.place.join("snapshots")).unwrap().next().unwrap().unwrap().path();
    let mut edited: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    let unknown = serde_json::json!({"name": "of_tomorrow", "version": "1", "schema": "public"});
    edited["extensions"].as_array_mut().unwrap().push(unknown);
    fs::write(&manifest, resealed(edited)).unwrap();
    let outcome =
        extension.restore().run().exit(3).says("the target lacks the extensions of_tomorrow").says("hint: ");
    assert_eq!(error(&outcome)["code"], "extension_missing");
    assert_eq!(extension.target.scalar("SELECT to_regclass('t') IS NULL"), "t");
    if majors().len() < 2 {
        return;
    }
    let [older, newest] = [Cluster::shared(oldest_major()), Cluster::shared(newest_major())];
    let role = Scene::between(
        &older,
        &newest,
        "CREATE ROLE \"Some Owner\"; CREATE TABLE t (a int); \
         ALTER TABLE t OWNER TO \"Some Owner\"",
    );
    let outcome = role
        .restore()
        .run()
        .exit(4)
        .says("roles that own something: \"Some Owner\"")
        .says("hint: --create-roles");
    assert_eq!(error(&outcome)["code"], "role_missing");
    assert_eq!(role.target.scalar("SELECT to_regclass('t') IS NULL"), "t");
    role.restore().arg("--no-owner").run().success();
}
