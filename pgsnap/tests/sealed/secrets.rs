//! Secrets that are planted wherever they can be given are found nowhere: not in what is said, in a store, in the state of a
//! machine, in temporary files, nor in the arguments of any process that is started.

use crate::place::{Place, ledger};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use testkit::{Outcome, PLANTED, S3, Tool};

const PASSWORD: &str = "pl4nted-in-url";
const OTHER: &str = "pl4nted-in-variable";
const TOKEN: &str = "pl4nted-session-token";
const SAS: &str = "sv=2024&sig=pl4ntedSignature%3D";

fn nothing_of(secrets: &[&str], bytes: &[u8], place: &str) {
    for secret in secrets {
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{secret} is in {place}");
    }
}

/// A server that refuses each request and repeats it, token and all; its port.
fn who_repeats_all() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let length = stream.read(&mut head).unwrap();
            assert!(String::from_utf8_lossy(&head).contains("pl4ntedSignature"));
            let body =
                format!("<Error><Code>Denied</Code><Message>{}", String::from_utf8_lossy(&head[..length]));
            let answer = format!(
                "HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    port
}

#[test]
fn planted_secrets_show_nowhere() {
    let Some(server) = S3::shared() else { return };
    let (place, database) = (Place::new(), ledger("sealed_secrets"));
    let (host, name) = (database.cluster().host().display().to_string(), database.name().to_owned());
    let uri = |name: &str| format!("postgresql://postgres:{PASSWORD}@{}/{name}", host.replace('/', "%2F"));
    let url = format!("s3://{}/store", server.bucket());
    let temporary = place.directory.join("temporary");
    fs::create_dir(&temporary).unwrap();
    // What a child sees of its own command line, of its environment, and of files that lie about while it runs.
    let program =
        database.cluster().client("pg_dump", "postgres").get_program().to_string_lossy().into_owned();
    let seen = place.directory.join("seen");
    let spy = format!(
        "{{ cat /proc/$$/cmdline; find '{0}' -type f -exec cat {{}} +; }} >> '{1}'; exec '{program}' \"$@\"",
        temporary.display(),
        seen.display()
    );
    let spy = place.directory.write("spy.sh", spy);
    let secrets =
        [PASSWORD, OTHER, TOKEN, PLANTED, &place.alice.secret, "AGE-SECRET-KEY-", "pl4ntedSignature"];
    let led = |tool: Tool| {
        server
            .lead(tool)
            .env("AWS_SESSION_TOKEN", TOKEN)
            .env("PGPASSWORD", OTHER)
            .env("AZURE_STORAGE_SAS_TOKEN", SAS)
            .env("PGSNAP_STATE", place.state())
            .env("PGSNAP_IDENTITY", &place.alice.file)
            .env("TMPDIR", &temporary)
            .env("PGRUNBOOK_PG_DUMP", format!("sh {}", spy.display()))
    };
    let tool = |tool: &str, words: &[&str]| led(Tool::named(tool).args(words)).store(Path::new(&url));
    let hidden =
        |outcome: Outcome| drop(secrets.iter().fold(outcome, |outcome, secret| outcome.hides(secret)));
    let create = ["create", "-d", &uri(&name), "--encrypt-to", &place.alice.public];
    hidden(tool("pgsnap", &create).run().success());
    let target = database.cluster().database("sealed_secrets_copy");
    hidden(tool("pgsnap", &["restore", "latest", "-d", &uri(target.name())]).run().success());
    hidden(tool("pgverify", &["restore", "latest"]).run().success());
    hidden(tool("pgverify", &["compare", "latest", &uri(&name)]).run().success());
    for command in
        [&["list"][..], &["show", "latest"], &["check", "--read-data"], &["status"], &["keys"], &["sweep"]]
    {
        hidden(tool("pgsnap", command).run().success());
    }
    let offsite = place.store().display().to_string();
    hidden(tool("pgsnap", &["copy", "latest", "--to", &offsite]).run().success());
    // Where it goes wrong, most is said.
    hidden(tool("pgsnap", &["create", "-d", &format!("{}?nonsense=1", uri(&name))]).run().exit(2));
    hidden(tool("pgsnap", &["create", "-d", &uri("no_such_database")]).run().exit(3));
    hidden(tool("pgsnap", &["create", "-d", &uri(&name), "--encrypt-to", &place.alice.secret]).run().exit(2));
    let recipients = place.alice.file.display().to_string();
    hidden(tool("pgsnap", &["create", "-d", &uri(&name), "--encrypt-to", &recipients]).run().exit(2));
    let mut listed = led(Tool::pgsnap("list"))
        .args(["--store", "az://container/store"])
        .env("AZURE_STORAGE_ACCOUNT_NAME", "nobody")
        .env("AZURE_STORAGE_ENDPOINT", format!("http://127.0.0.1:{}", who_repeats_all()))
        .run();
    assert_eq!(listed.code(), 3, "{listed}");
    hidden(listed);
    nothing_of(&secrets, &fs::read(&seen).unwrap(), "what a child of create sees");
    assert!(String::from_utf8_lossy(&fs::read(&seen).unwrap()).contains("--schema-only"));
    for file in place.directory.files() {
        if !file.starts_with("keys/") && file != "spy.sh" {
            nothing_of(&secrets, &fs::read(place.directory.join(&file)).unwrap(), &file);
        }
    }
}
