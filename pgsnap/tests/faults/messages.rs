//! What people read: help texts and the errors they will meet most, each as a file under `snapshots/`.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p pgsnap --test faults messages` writes them anew; the change is then to be read in review.

use std::fs;
use std::path::{Path, PathBuf};
use testkit::{Cluster, TempDir, Tool, newest_major};

#[track_caller]
fn matches(name: &str, text: &str) {
    testkit::matches(env!("CARGO_MANIFEST_DIR"), name, text);
}

#[test]
fn help_reads_as_it_did() {
    matches("help.txt", &Tool::named("pgsnap").arg("--help").run().success().quiet().stdout());
    for command in [
        "create", "restore", "list", "show", "check", "cat", "copy", "export", "import", "forget", "sweep",
        "status", "keys", "schema",
    ] {
        let help = Tool::pgsnap(command).arg("--help").run().success().quiet().stdout();
        matches(&format!("help-{command}.txt"), &help);
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
        assert!(!Tool::pgsnap(command).arg("-?").run().success().stdout().is_empty());
    }
}

/// An error, and what it says. What differs from run to run has a name in its place.
struct Said<'a> {
    place: &'a TempDir,
    words: Vec<(String, &'static str)>,
}

impl Said<'_> {
    fn store(&self) -> PathBuf {
        self.place.join("store")
    }

    #[track_caller]
    fn matches(&self, name: &str, tool: Tool, code: i32) {
        let outcome = tool.run().exit(code);
        matches(name, &self.redacted(outcome.stderr()));
    }

    fn redacted(&self, text: &str) -> String {
        let mut text = text.replace(&self.place.path().display().to_string(), "/PLACE");
        for (from, to) in &self.words {
            text = text.replace(from.as_str(), to);
        }
        text
    }
}

#[test]
fn errors_read_as_they_did() {
    let cluster = Cluster::shared(newest_major());
    let source = cluster.database("told");
    source.run(
        "CREATE TABLE orders (id int); INSERT INTO orders SELECT generate_series(1, 1000); CREATE TABLE customers (id int); \
         CREATE ROLE reader_of_messages LOGIN; GRANT SELECT ON customers TO reader_of_messages",
    );
    let place = TempDir::new();
    let store = place.join("store");
    let made = Tool::pgsnap("create").database(&source).store(&store).run().success();
    let snapshot = made.result()["snapshot"].as_str().unwrap().to_owned();
    let said = Said {
        place: &place,
        words: vec![
            (snapshot.clone(), "SNAPSHOT"),
            (cluster.host().display().to_string(), "/SOCKETS"),
            (source.name().to_owned(), "DATABASE"),
        ],
    };
    matches("note-created.txt", &said.redacted(made.stderr()));
    let create = || Tool::pgsnap("create").database(&source).store(&said.store());
    said.matches("error-nothing-asked.txt", Tool::named("pgsnap"), 2);
    said.matches("error-unknown-command.txt", Tool::pgsnap("crate"), 2);
    said.matches("error-no-store-named.txt", Tool::pgsnap("list"), 2);
    said.matches("error-compression.txt", create().args(["-Z", "lzma"]), 2);
    said.matches("error-no-store.txt", Tool::pgsnap("list").store(&place.join("other")), 3);
    said.matches("error-no-snapshot.txt", Tool::pgsnap("show").arg("1999").store(&store), 3);
    said.matches("error-no-match.txt", create().args(["-t", "order"]), 3);
    let missing = format!("host={} user=postgres dbname=nowhere", cluster.host().display());
    said.matches("error-no-database.txt", Tool::pgsnap("create").args(["-d", &missing]).store(&store), 3);
    let reader = source.connection().replace("user=postgres", "user=reader_of_messages");
    said.matches("error-rights.txt", Tool::pgsnap("create").args(["-d", &reader]).store(&store), 3);
    let restore = || Tool::pgsnap("restore").arg("latest").store(&store);
    said.matches("error-is-source.txt", restore().database(&source), 4);
    let full = cluster.database("told_full");
    full.run("CREATE TABLE mine (a int)");
    said.matches("error-not-empty.txt", restore().database(&full), 4);
    said.matches(
        "error-nothing-upstream.txt",
        Tool::pgsnap("restore").arg("-").store(&store).database(&full).input(""),
        4,
    );
    let manifest = store.join(format!("snapshots/{snapshot}.json"));
    let whole = fs::read(&manifest).unwrap();
    fs::write(&manifest, &whole[..200]).unwrap();
    said.matches("error-torn-manifest.txt", Tool::pgsnap("show").arg(&snapshot).store(&store), 3);
    source.run("DROP OWNED BY reader_of_messages; DROP ROLE reader_of_messages");
}

#[test]
fn a_password_shows_nowhere() {
    const SECRET: &str = "pl4nted-s3cr3t";
    let cluster = Cluster::start(
        newest_major(),
        &[("log_connections", "on"), ("log_statement", "all"), ("password_encryption", "scram-sha-256")],
    );
    let database = cluster.database("secret");
    database.run(&format!(
        "CREATE TABLE t AS SELECT 1 AS a; CREATE ROLE u SUPERUSER LOGIN PASSWORD '{SECRET}-kept'"
    ));
    let hba = cluster.sandbox().data_directory().join("pg_hba.conf");
    fs::write(&hba, "local all postgres trust\nlocal all all scram-sha-256\n").unwrap();
    database.run(&format!("SELECT pg_reload_conf(); ALTER ROLE u PASSWORD '{SECRET}'"));
    let log = cluster.sandbox().log_file();
    let before = fs::read_to_string(&log).unwrap().len();
    let place = TempDir::new();
    // What a pg_dump can see of its command line, and of whom started it.
    let program = cluster.client("pg_dump", "postgres").get_program().to_string_lossy().into_owned();
    let spy = place.write(
        "spy.sh",
        format!(
            "cat /proc/$$/cmdline /proc/$PPID/cmdline >> '{}'; exec '{program}' \"$@\"",
            place.join("seen").display()
        ),
    );
    let (host, name) = (cluster.host().display().to_string(), database.name().to_owned());
    let store = place.join("store");
    let create = |connection: &str| {
        let tool = Tool::pgsnap("create").args(["-d", connection]).store(&store);
        tool.env("PGRUNBOOK_PG_DUMP", format!("sh {}", spy.display()))
    };
    let key_value = format!("host={host} user=u dbname={name}");
    create(&key_value).env("PGPASSWORD", SECRET).run().success().hides(SECRET);
    let seen = fs::read_to_string(place.join("seen")).unwrap();
    assert!(seen.contains("--schema-only") && !seen.contains(SECRET), "{seen}");
    let encoded = host.replace('/', "%2F");
    let uri = format!("postgresql://u:{SECRET}@{encoded}/{name}");
    create(&uri).run().success().hides(SECRET);
    let seen = fs::read_to_string(place.join("seen")).unwrap();
    let own = seen.split("--schema-only").last().unwrap();
    assert!(own.matches(SECRET).count() <= 1, "only who typed it shows it: {seen}");
    // Where it goes wrong, most is said.
    let wrong = format!("postgresql://u:{SECRET}-not@{encoded}/{name}");
    drop(create(&wrong).run().exit(3).hides(SECRET));
    drop(create(&format!("{uri}?nonsense=1")).run().exit(2).hides(SECRET));
    drop(create(&format!("postgresql://u:{SECRET}@{encoded}:99999/{name}")).run().exit(2).hides(SECRET));
    drop(create(&format!("password={SECRET} port=99999")).run().exit(2).hides(SECRET));
    drop(create(&format!("password='{SECRET}")).run().exit(2).hides(SECRET));
    drop(Tool::pgsnap("create").args([uri.as_str(), "--no-such-flag"]).run().exit(2).hides(SECRET));
    let target = cluster.database("back");
    let restore = Tool::pgsnap("restore").arg("latest").store(&store);
    let to = format!("postgresql://u:{SECRET}@{encoded}/{}", target.name());
    restore.args(["-d", &to]).run().success().hides(SECRET);
    for file in place.files().iter().filter(|file| file.starts_with("store/")) {
        let bytes = fs::read(place.join(file)).unwrap();
        let opened = if Path::new(file).extension().is_some_and(|ending| ending == "zst") {
            unpacked(&place.join(file))
        } else {
            bytes
        };
        assert!(!String::from_utf8_lossy(&opened).contains(SECRET), "{file} holds the password");
    }
    let logged = fs::read_to_string(log).unwrap().split_off(before);
    assert!(
        logged.contains("application_name") || logged.contains("COPY"),
        "the server logs what it is asked"
    );
    assert!(!logged.contains(SECRET), "{logged}");
}

fn unpacked(file: &Path) -> Vec<u8> {
    let output = std::process::Command::new("zstd").args(["-dc"]).arg(file).output();
    let output = output.expect("run zstd, which the store's README names, too");
    assert!(output.status.success(), "{}", file.display());
    output.stdout
}
