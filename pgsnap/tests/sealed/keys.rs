//! Who may read changes without a block being written; SSH keys do as well.

use crate::place::{Place, code, have, ledger};
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::{Outcome, Tool};

fn cat(place: &Place, identity: &Path) -> Outcome {
    place.cat("planted_table").arg("--identity").arg(identity).run()
}

#[test]
fn a_rotation_lets_the_new_one_read_and_the_old_one_no_longer() {
    let (place, database) = (Place::new(), ledger("sealed_rotation"));
    let (bob, carol) = (place.person("bob"), place.person("carol"));
    place.create(&database).run().success();
    let content = || -> Vec<(String, Vec<u8>)> {
        let files = place.files().into_iter().filter(|file| file != "keys/store.json");
        files.map(|file| (file.clone(), std::fs::read(place.store().join(&file)).unwrap())).collect()
    };
    let before = content();
    let people = place.directory.write("people", format!("# the team\n{}\n\n{}\n", bob.public, carol.public));
    let rotated =
        place.reader("keys").arg("--encrypt-to").arg(format!("@{}", people.display())).run().success();
    let named: Vec<_> = rotated
        .records_of("recipient")
        .iter()
        .map(|record| record["recipient"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(named, [bob.public.clone(), carol.public.clone()]);
    drop(rotated.says("a new store shuts them out").hides(&place.alice.secret));
    assert!(before == content(), "only the file of the keys was written");
    drop(cat(&place, &place.alice.file).exit(2).says(&bob.public));
    for person in [&bob, &carol] {
        assert_eq!(cat(&place, &person.file).success().stdout().lines().count(), 3000);
    }
    // The machine that writes goes on, and is told when it says other recipients than there are.
    place.host("create").database(&database).run().success();
    assert_eq!(code(&place.create(&database).run().exit(4)), "other_recipients");
    let shown = place.host("keys").run().success();
    assert_eq!(shown.records_of("recipient").len(), 2);
    let outcome = Tool::pgsnap("keys").store(&place.store()).arg("--identity").arg(&place.alice.file);
    drop(outcome.args(["--encrypt-to", &place.alice.public]).run().exit(2).says("do not open the store"));
}

/// A new SSH key, and its public half.
fn ssh(place: &Place, kind: &str, passphrase: &str) -> (PathBuf, String) {
    let file = place.directory.join(format!("ssh-{kind}-{}", passphrase.len()));
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", kind, "-N", passphrase, "-C", "planted@comment", "-f"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let public = std::fs::read_to_string(file.with_extension("pub")).unwrap();
    (file, public.trim().to_owned())
}

#[test]
fn ssh_keys_open_a_store_and_one_with_a_passphrase_needs_a_terminal() {
    if !have("ssh-keygen") || !have("setsid") {
        return;
    }
    let (place, database) = (Place::new(), ledger("sealed_ssh"));
    let (ed25519, ed25519_public) = ssh(&place, "ed25519", "");
    let (rsa, _) = ssh(&place, "rsa", "");
    let (protected, protected_public) = ssh(&place, "ed25519", "hunter2");
    let made = place.host("create").database(&database).args(["--encrypt-to", &ed25519_public]);
    let made =
        made.args(["--encrypt-to", &protected_public]).arg("--encrypt-to").arg(rsa.with_extension("pub"));
    made.run().success();
    let keys = std::fs::read_to_string(place.store().join("keys/store.json")).unwrap();
    assert!(!keys.contains("planted@comment"), "{keys}");
    for file in [&ed25519, &rsa] {
        assert_eq!(cat(&place, file).success().stdout().lines().count(), 3000);
    }
    let without_terminal =
        place.cat("planted_table").arg("--identity").arg(&protected).under("setsid", ["-w"]).run();
    drop(without_terminal.exit(2).says("it is protected by a passphrase, and there is no terminal"));
    // Nobody is asked for the passphrase of a key that would not open it.
    let (stranger, _) = ssh(&place, "ed25519", "hunter22");
    drop(
        place
            .cat("planted_table")
            .arg("--identity")
            .arg(&stranger)
            .under("setsid", ["-w"])
            .run()
            .exit(2)
            .says("do not open"),
    );
}

#[test]
fn a_passphrase_is_asked_for_on_the_terminal_and_not_shown() {
    if !have("ssh-keygen") || !have("script") {
        return;
    }
    let (place, database) = (Place::new(), ledger("sealed_passphrase"));
    let (protected, public) = ssh(&place, "ed25519", "hunter2");
    place.host("create").database(&database).args(["--encrypt-to", &public]).run().success();
    let ask = |typed: &str| {
        let mut tool = place.cat("planted_table").arg("--identity").arg(&protected);
        // Nobody types before he is asked: what came earlier is thrown away, and would be seen.
        let script = "{ until grep -qs 'passphrase of' \"$LOG\"; do sleep 0.1; done; printf '%s\\n' \"$TYPED\"; } | \
             script -qefc \"$(printf '%q ' \"$0\" \"$@\")\" \"$LOG\"";
        tool = tool.under("bash", ["-c", script]);
        let log = place.directory.join(format!("log of {typed}"));
        tool.env("SHELL", "/bin/bash").env("LOG", log).env("TYPED", typed).run()
    };
    let said = ask("hunter2").success().hides("hunter2").stdout();
    assert!(said.contains("passphrase of ") && !said.contains("hunter2"), "{said}");
    assert!(said.contains("planted value 3000"), "{said}");
    let said = ask("hunter3").exit(2).stdout();
    assert!(said.contains("the passphrase is wrong") && !said.contains("hunter3"), "{said}");
}
