//! A wrong or missing key, and recipients that contradict the store, are told before any work.

use crate::place::{Place, code, ledger};
use testkit::{Database, Tool};

/// A server that is not there: whoever tried to connect would say so.
const NOWHERE: [&str; 2] = ["-d", "host=/nonexistent dbname=nothing"];

fn sealed(name: &str) -> (Place, Database) {
    let (place, database) = (Place::new(), ledger(name));
    place.create(&database).run().success();
    (place, database)
}

#[test]
fn a_missing_key_is_told_before_any_work_and_names_whose_would_do() {
    let (place, _database) = sealed("sealed_no_key");
    for command in
        [&["restore", "latest"][..], &["show", "latest"], &["keys", "--encrypt-to", &place.alice.public]]
    {
        let mut tool = Tool::pgsnap(command[0]).store(&place.store()).args(&command[1..]);
        if command[0] == "restore" {
            tool = tool.args(NOWHERE);
        }
        let outcome = tool.run().exit(2).says("no --identity was given").says(&place.alice.public);
        assert_eq!(code(&outcome), "no_identity");
    }
    let verify = |words: &[&str]| Tool::named("pgverify").args(words).store(&place.store()).run().exit(2);
    assert_eq!(code(&verify(&["restore", "latest"])), "no_identity");
    assert_eq!(code(&verify(&["compare", "latest", "db:nothing"])), "no_identity");
    let to = place.directory.join("exported");
    let export = Tool::pgsnap("export").store(&place.store()).args(["latest", "--to", "csv"]).arg(&to);
    assert_eq!(code(&export.run().exit(2)), "no_identity");
    assert!(!to.exists());
    drop(place.cat("planted_table").run().exit(2).says(&place.alice.public));
}

#[test]
fn a_wrong_key_is_told_before_any_work_and_the_target_is_untouched() {
    let (place, database) = sealed("sealed_wrong_key");
    let mallory = place.person("mallory");
    let restore =
        || Tool::pgsnap("restore").arg("latest").store(&place.store()).arg("--identity").arg(&mallory.file);
    let outcome =
        restore().args(NOWHERE).run().exit(2).says("do not open the store").says(&place.alice.public);
    assert_eq!(code(&outcome), "wrong_identity");
    let target = database.cluster().database("sealed_untouched");
    drop(
        restore()
            .database(&target)
            .args(["--clean", "--if-exists", "--force"])
            .run()
            .exit(2)
            .hides(&mallory.secret),
    );
    assert_eq!(
        target.scalar("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"),
        "0"
    );
    // One that fits among several is enough.
    restore().arg("--identity").arg(&place.alice.file).database(&target).run().success();
}

#[test]
fn what_is_no_key_is_told_by_name_and_never_repeated() {
    let (place, _database) = sealed("sealed_no_key_at_all");
    let show = |file: &str, content: &[u8]| {
        let file = place.directory.write(file, content);
        let outcome =
            Tool::pgsnap("show").arg("latest").store(&place.store()).arg("--identity").arg(&file).run();
        outcome.exit(2).says(&file.display().to_string())
    };
    drop(
        show("word", b"hunter2\n")
            .hides("hunter2")
            .says("neither an age identity file nor an SSH private key"),
    );
    drop(show("nobody", b"# nobody\n").says("it holds no key"));
    drop(show("binary", &[0xff, 0, 7]).says("it is no text"));
    drop(
        show("protected", b"-----BEGIN AGE ENCRYPTED FILE-----\n")
            .says("it is encrypted itself")
            .says("age -d"),
    );
    drop(show("torn", b"-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n").hides("hunter2"));
    let outcome =
        Tool::pgsnap("show").args(["latest", "--identity", "/nonexistent"]).store(&place.store()).run();
    drop(outcome.exit(2).says("/nonexistent"));
}

#[test]
fn recipients_and_stores_that_contradict_each_other_are_refused() {
    let (place, database) = sealed("sealed_contradiction");
    let mallory = place.person("mallory");
    let outcome =
        place.host("create").database(&database).args(["--encrypt-to", &mallory.public]).run().exit(4);
    assert_eq!(code(&outcome), "other_recipients");
    drop(outcome.says(&mallory.public).says("pgsnap keys"));
    let plain = place.directory.join("plain");
    Tool::pgsnap("create").store(&plain).database(&database).run().success();
    let into_plain = Tool::pgsnap("create").store(&plain).database(&database);
    let outcome = into_plain.args(["--encrypt-to", &mallory.public]).run().exit(4);
    assert_eq!(code(&outcome), "not_encrypted");
    assert_eq!(code(&Tool::pgsnap("keys").store(&plain).run().exit(4)), "not_encrypted");
    // A key that is given for nothing does no harm.
    Tool::pgsnap("show").arg("latest").store(&plain).env("PGSNAP_IDENTITY", "/nonexistent").run().success();
    // A secret in the place of a recipient is not said again, and leaves no store behind.
    let new = place.directory.join("new");
    let create =
        Tool::pgsnap("create").store(&new).database(&database).args(["--encrypt-to", &mallory.secret]);
    drop(create.run().exit(2).hides(&mallory.secret).says("a recipient is a public key"));
    assert!(!new.exists());
}

/// Else a snapshot would lie there in plain that was meant to be sealed.
#[test]
fn a_file_that_names_no_recipient_is_refused() {
    let (place, database) = sealed("sealed_to_nobody");
    let new = place.directory.join("new");
    for (name, text) in [("comments", "# alice, as soon as she has a key\n\n"), ("empty", "")] {
        let file = place.directory.write(name, text);
        let to = |word: String| {
            let create = Tool::pgsnap("create").store(&new).database(&database);
            drop(create.args(["--encrypt-to", &word]).run().exit(2).says("it names nobody").says(name));
            assert!(!new.exists());
        };
        to(file.display().to_string());
        to(format!("@{}", file.display()));
        let keys = Tool::pgsnap("keys").store(&place.store()).arg("--encrypt-to").arg(&file);
        drop(keys.arg("--identity").arg(&place.alice.file).run().exit(2).says("it names nobody"));
    }
    // One that names only whom another one has named is as good as that.
    let twice = place.directory.write("alice", format!("# alice\n{}\n", place.alice.public));
    let create = Tool::pgsnap("create").store(&new).database(&database);
    create.args(["--encrypt-to", &place.alice.public, "--encrypt-to"]).arg(&twice).run().success();
}

#[test]
fn a_store_that_was_put_in_the_place_of_another_gets_no_snapshot() {
    let (place, database) = sealed("sealed_swapped");
    let mallory = place.person("mallory");
    // Somebody who may write there puts a store of his own, which he can read.
    std::fs::rename(place.store(), place.directory.join("away")).unwrap();
    let forged = Tool::pgsnap("create").store(&place.store()).database(&database);
    forged.args(["--encrypt-to", &mallory.public]).run().success();
    let outcome = place.host("create").database(&database).run().exit(4);
    assert_eq!(code(&outcome), "other_store");
    drop(outcome.says("is not the one that this machine wrote into before").says("hint: "));
}
