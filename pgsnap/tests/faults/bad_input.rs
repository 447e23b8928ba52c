//! What is typed or given wrongly ends with a clear error and the right exit code, and nothing is lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use testkit::{Cluster, Database, Outcome, TempDir, Tool, majors, newest_major, oldest_major, reseal};

fn cluster() -> Arc<Cluster> {
    Cluster::shared(newest_major())
}

fn small(name: &str) -> Database {
    let database = cluster().database(name);
    database.run("CREATE TABLE t AS SELECT generate_series(1, 10) AS a");
    database
}

/// A store with one snapshot, and the database that it is of.
struct Taken {
    source: Database,
    place: TempDir,
}

impl Taken {
    fn new() -> Self {
        let taken = Self { source: small("source"), place: TempDir::new() };
        taken.create().run().success();
        taken
    }

    fn store(&self) -> PathBuf {
        self.place.join("store")
    }

    fn create(&self) -> Tool {
        Tool::pgsnap("create").database(&self.source).store(&self.store())
    }

    fn restore(&self, snapshot: &str, target: &Database) -> Tool {
        Tool::pgsnap("restore").arg(snapshot).store(&self.store()).database(target)
    }

    fn manifest(&self) -> PathBuf {
        fs::read_dir(self.store().join("snapshots")).unwrap().next().unwrap().unwrap().path()
    }

    fn name(&self) -> String {
        self.manifest().file_stem().unwrap().to_string_lossy().into_owned()
    }

    /// Replaces text in a file of the store.
    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = if file == "manifest" { self.manifest() } else { self.store().join(file) };
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, reseal(&text.replace(from, to))).unwrap();
    }
}

fn code(outcome: &Outcome) -> String {
    outcome.record("error")["code"].as_str().unwrap().to_owned()
}

fn create_in(place: &TempDir, connection: &str) -> Tool {
    Tool::pgsnap("create").arg("-d").arg(connection).store(&place.join("store"))
}

#[test]
fn a_connection_that_fails_says_which_and_why() {
    let locked = Cluster::start(newest_major(), &[("password_encryption", "scram-sha-256")]);
    let database = locked.existing("postgres");
    database.run("CREATE ROLE u LOGIN PASSWORD 'right'; CREATE DATABASE d");
    let file = locked.sandbox().data_directory().join("pg_hba.conf");
    fs::write(&file, "local all postgres trust\nlocal all all scram-sha-256\n").unwrap();
    database.run("SELECT pg_reload_conf()");
    let place = TempDir::new();
    let [host, port] = [locked.host().display().to_string(), locked.port().to_string()];
    let to = |user: &str, database: &str| format!("host={host} port={port} user={user} dbname={database}");
    let wrong =
        create_in(&place, &to("u", "d")).env("PGPASSWORD", "s3cr3t-w0rd").run().exit(3).hides("s3cr3t-w0rd");
    assert_eq!(
        (code(&wrong).as_str(), wrong.record("error")["sqlstate"].as_str()),
        ("authentication_failed", Some("28P01"))
    );
    let none = create_in(&place, &to("u", "d")).run().exit(3).says("password");
    assert_eq!(code(&none), "authentication_failed");
    let missing =
        create_in(&place, &to("postgres", "nowhere")).run().exit(3).says("\"nowhere\"").says("hint: ");
    assert_eq!(
        (code(&missing).as_str(), missing.record("error")["sqlstate"].as_str()),
        ("no_such_database", Some("3D000"))
    );
    let unknown =
        create_in(&place, "host=no-such-host.invalid dbname=d").run().exit(3).says("no-such-host.invalid");
    assert_eq!(code(&unknown), "connection_failed");
    let silent =
        create_in(&place, &format!("host={host} port=1 user=u dbname=d")).run().exit(3).says(".s.PGSQL.1");
    assert_eq!(code(&silent), "connection_failed");
    assert_eq!(place.files().iter().filter(|file| file.contains("/snapshots/")).count(), 0);
}

#[test]
fn all_missing_rights_are_told_at_once_with_the_grants_that_give_them() {
    let database = cluster().database("rights");
    database.run(
        "CREATE ROLE poor LOGIN; CREATE SCHEMA hidden; CREATE TABLE hidden.secret (a int); \
         CREATE TABLE \"No Rights\" (a int); CREATE SEQUENCE counter; CREATE TABLE guarded (a int); \
         GRANT SELECT ON guarded TO poor; ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; \
         INSERT INTO guarded VALUES (1); CREATE TABLE free (a int); GRANT SELECT ON free TO poor",
    );
    database.run("SELECT lo_from_bytea(4712, 'large')");
    let place = TempDir::new();
    let connection = database.connection().replace("user=postgres", "user=poor");
    let outcome = create_in(&place, &connection).run().exit(3);
    assert_eq!(code(&outcome), "permission_denied");
    for grant in [
        "GRANT USAGE ON SCHEMA \"hidden\" TO \"poor\";",
        "GRANT SELECT ON TABLE \"hidden\".\"secret\" TO \"poor\";",
        "GRANT SELECT ON TABLE \"public\".\"No Rights\" TO \"poor\";",
        "GRANT SELECT ON SEQUENCE \"public\".\"counter\" TO \"poor\";",
        "ALTER ROLE \"poor\" BYPASSRLS;",
        "-B leaves large objects out",
    ] {
        let hint = outcome.record("error")["hint"].as_str().unwrap();
        assert!(hint.contains(grant) && outcome.stderr().contains(grant), "{grant}: {outcome}");
    }
    assert!(!outcome.stderr().contains("\"free\""), "{outcome}");
    // What was advised is enough.
    let advice = outcome.record("error")["hint"].as_str().unwrap().to_owned();
    database.run(
        &advice.lines().map(str::trim).filter(|line| line.ends_with(';')).collect::<Vec<_>>().join("\n"),
    );
    create_in(&place, &connection).arg("-B").run().success();
    database.run("REASSIGN OWNED BY poor TO postgres; DROP OWNED BY poor; DROP ROLE poor");
}

#[test]
fn a_place_that_is_no_store_is_left_alone() {
    let taken = Taken::new();
    let file = taken.place.write("file", "mine");
    let create = |store: &PathBuf| Tool::pgsnap("create").database(&taken.source).store(store).run();
    assert_eq!(code(&create(&file).exit(3).says("it is not a directory")), "not_a_store");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    let other = taken.place.write("other/file", "mine").parent().unwrap().to_owned();
    let outcome = create(&other).exit(3).says("it holds other files").says("hint: name an empty");
    assert_eq!(code(&outcome), "not_a_store");
    assert_eq!(fs::read_dir(&other).unwrap().count(), 1);
    for command in ["list", "check"] {
        let outcome = Tool::pgsnap(command).store(&other).run().exit(3).says("there is no store in");
        assert_eq!(code(&outcome), "no_store");
        assert_eq!(
            code(&Tool::pgsnap(command).store(&taken.place.join("nowhere")).run().exit(3)),
            "no_store"
        );
    }
    create(&file.join("below")).exit(3).says("Not a directory");
}

/// Root may write anywhere, but not where nobody may: on a file system that is mounted read-only, such as /proc.
#[test]
fn a_place_that_cannot_be_written_says_so() {
    let taken = Taken::new();
    let closed = taken.place.join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).unwrap();
    let place = if rustix::process::geteuid().is_root() {
        PathBuf::from("/proc/store")
    } else {
        closed.join("store")
    };
    let outcome = Tool::pgsnap("create").database(&taken.source).store(&place).run().exit(3);
    assert!(outcome.stderr().contains(&format!("cannot make a store in {}", place.display())), "{outcome}");
}

#[test]
fn a_newer_store_is_read_when_it_can_be_and_never_written() {
    let taken = Taken::new();
    let target = cluster().database("target");
    taken.edit("store.json", "\"minor\":1", "\"minor\":7");
    taken.edit(
        "manifest",
        "\"format\":{\"major\":1,\"minor\":1}",
        "\"format\":{\"major\":1,\"minor\":7},\"of_tomorrow\":[]",
    );
    Tool::pgsnap("check").arg("--read-data").store(&taken.store()).run().success();
    taken.restore("latest", &target).run().success();
    let outcome = taken.create().run().exit(3).says("has format 1.7, this release knows 1.1");
    assert_eq!(code(&outcome), "format_version");
    taken.edit("manifest", "\"format\":{\"major\":1", "\"format\":{\"major\":3");
    let outcome = taken
        .restore("latest", &target)
        .run()
        .exit(3)
        .says(&format!("snapshots/{}.json has format 3.7", taken.name()));
    assert_eq!(code(&outcome), "format_version");
    taken.edit("store.json", "\"major\":1", "\"major\":3");
    for command in ["list", "check"] {
        assert_eq!(code(&Tool::pgsnap(command).store(&taken.store()).run().exit(3)), "format_version");
    }
}

#[test]
fn an_older_target_is_refused() {
    if majors().len() < 2 {
        return;
    }
    let taken = Taken::new();
    let older = Cluster::shared(oldest_major()).database("older");
    let outcome = taken.restore("latest", &older).run().exit(3);
    assert_eq!(code(&outcome), "older_server");
    assert!(outcome.stderr().contains(&format!("the target is PostgreSQL {}", oldest_major())), "{outcome}");
    assert_eq!(older.scalar("SELECT to_regclass('t') IS NULL"), "t");
}

#[test]
fn a_snapshot_that_is_not_there_or_not_clear_is_told() {
    let taken = Taken::new();
    let first = taken.name();
    taken.create().run().success();
    let target = cluster().database("target");
    let show = |name: &str| Tool::pgsnap("show").arg(name).store(&taken.store()).run();
    assert_eq!(
        code(&show("19990101").exit(3).says("no snapshot \"19990101\"").says("hint: ")),
        "no_snapshot"
    );
    assert_eq!(code(&taken.restore("19990101", &target).run().exit(3)), "no_snapshot");
    let ambiguous = show(&first[..4]).exit(2).says("fits 2 snapshots");
    assert!(ambiguous.stderr().contains(&first), "{ambiguous}");
    drop(show(&first).success());
    let empty = TempDir::new();
    fs::create_dir(empty.join("snapshots")).unwrap();
    fs::copy(taken.store().join("store.json"), empty.join("store.json")).unwrap();
    for command in ["show", "restore", "check"] {
        let outcome =
            Tool::pgsnap(command).arg("latest").store(empty.path()).run().exit(3).says("has no snapshot");
        assert_eq!(code(&outcome), "no_snapshot");
    }
    Tool::pgsnap("check").store(empty.path()).run().exit(3).says("nothing to check");
    let listed = Tool::pgsnap("list").store(empty.path()).run().success();
    assert_eq!(listed.result()["snapshots"], 0);
    Tool::pgsnap("cat")
        .args(["latest", "nowhere"])
        .store(&taken.store())
        .run()
        .exit(3)
        .says("has no table \"nowhere\"");
}

#[test]
fn patterns_that_match_nothing_are_errors() {
    let taken = Taken::new();
    for option in ["-t", "-n"] {
        let outcome = taken.create().args([option, "nowhere*"]).run();
        let outcome = outcome.exit(3).says("nowhere*");
        assert_eq!(outcome.records_of("snapshot").len(), 0);
    }
    let target = cluster().database("target");
    for option in ["-t", "-n"] {
        taken.restore("latest", &target).args([option, "nowhere"]).run().exit(3).says("nowhere");
    }
}

#[test]
fn wrong_flags_are_usage_errors() {
    let place = TempDir::new();
    let create = || Tool::pgsnap("create").store(&place.join("store"));
    for (arguments, words) in [
        (&["--jobs", "0"][..], "0 is not in 1..=256"),
        (&["--jobs", "many"], "many"),
        (&["--compress", "lzma"], "lzma"),
        (&["--compress", "zstd:99"], "zstd:99"),
        (&["--compress", "gzip:0:1"], "gzip:0:1"),
        (&["--all-databases", "one", "two"], "--all-databases"),
        (&["-b", "-B"], "--no-large-objects"),
        (&["--nonsense"], "--nonsense"),
        (&["-d", "host=a nonsense=b"], "nonsense"),
        (&["-d", "postgresql://u@h:99999/d"], "99999"),
    ] {
        let outcome = create().args(arguments).run().exit(2);
        assert!(outcome.stderr().contains(words), "{words}: {outcome}");
        assert_eq!(code(&outcome), "usage");
        assert_eq!(outcome.result()["status"], "error");
    }
    assert_eq!(place.files(), Vec::<String>::new());
    Tool::pgsnap("create").args(["-d", "x"]).run().exit(2).says("--store");
    Tool::named("pgsnap").run().exit(2).says("no command was given");
    for subset in ["0/3", "4/3", "1", "1/x"] {
        Tool::pgsnap("check")
            .store(place.path())
            .args(["--read-data-subset", subset])
            .run()
            .exit(2)
            .says(subset);
    }
}

#[test]
fn a_restore_from_records_asks_that_what_came_before_has_succeeded() {
    let taken = Taken::new();
    let target = cluster().database("target");
    let made = taken.create().run().success();
    let restore = |input: String| taken.restore("-", &target).input(input).run();
    let outcome = restore(String::new()).exit(4).says("nothing came in on stdin");
    assert_eq!(outcome.records_of("error").last().unwrap()["code"], "cut_off");
    let text = made.stdout();
    let cut = text.trim_end().rsplit_once('\n').unwrap().0;
    drop(restore(format!("{cut}\n")).exit(4).says("stopped without a result"));
    drop(restore(cut[..cut.len() - 20].to_owned()).exit(4));
    let failed =
        Tool::pgsnap("create").args(["-d", "host=/nowhere dbname=x"]).store(&taken.store()).run().exit(3);
    let refused = restore(failed.stdout()).exit(4).says("pgsnap did not succeed (exit code 3)");
    assert_eq!(refused.records_of("result").len(), 2, "what came before is passed on: {refused}");
    let listed = Tool::pgsnap("check").store(&taken.store()).run().success();
    drop(restore(listed.stdout()).exit(4).says("name no snapshot"));
    drop(restore("no record\n".to_owned()).exit(4));
    assert_eq!(target.scalar("SELECT to_regclass('t') IS NULL"), "t");
    let restored = restore(text.clone()).success();
    assert!(restored.stdout().starts_with(&text), "{restored}");
    assert_eq!(restored.result()["proved"], true);
}

#[test]
fn a_target_that_has_something_is_left_alone() {
    let taken = Taken::new();
    let target = small("target");
    target.run("INSERT INTO t VALUES (77)");
    let outcome =
        taken.restore("latest", &target).run().exit(4).says("the target is not empty").says("hint: ");
    assert_eq!(code(&outcome), "not_empty");
    let outcome = taken.restore("latest", &target).args(["-t", "t"]).run().exit(4);
    assert_eq!(code(&outcome), "not_empty");
    assert_eq!(code(&taken.restore("latest", &taken.source).run().exit(4)), "is_source");
    assert_eq!(target.scalar("SELECT sum(a) FROM t"), "132");
}
