//! What somebody sees who has the whole store and no key.

use crate::place::{Place, ROLE, ledger};
use common::format::id::BlockId;

#[test]
fn nothing_of_what_is_in_the_database_is_in_the_store() {
    let (place, database) = (Place::new(), ledger("sealed_private"));
    // Uncompressed, so that what is not encrypted would be seen.
    place.create(&database).args(["-Z", "none"]).run().success();
    let proved = testkit::Tool::named("pgverify")
        .args(["restore", "latest"])
        .store(&place.store())
        .arg("--identity")
        .arg(&place.alice.file)
        .run()
        .success();
    let hash = database.scalar("SELECT rolpassword FROM pg_authid WHERE rolname = 'planted_role'");
    assert!(hash.starts_with("SCRAM-SHA-256"), "{hash}");
    let secrets = ["planted", ROLE, &hash, "SCRAM-SHA", "CREATE TABLE", "PGDMP", &place.alice.secret];
    for file in place.files() {
        let bytes = std::fs::read(place.store().join(&file)).unwrap();
        assert!(!file.contains("planted"), "{file}");
        // The README holds a script that makes a table.
        for secret in secrets.iter().filter(|secret| file != "README.md" || **secret != "CREATE TABLE") {
            assert!(!contains(&bytes, secret.as_bytes()), "{secret} is in {file}");
        }
        if file.starts_with("blocks/") {
            assert!(bytes.starts_with(b"age-encryption.org/v1\n"), "{file}");
        }
    }
    let state = place.directory.files().into_iter().filter(|file| file.starts_with("state/"));
    for file in state {
        let text = std::fs::read_to_string(place.directory.join(&file)).unwrap();
        assert!(!text.contains("AGE-SECRET-KEY"), "{file} holds a private key");
    }
    drop(proved.hides(&place.alice.secret).hides("AGE-SECRET-KEY"));
}

#[test]
fn who_guesses_a_blocks_bytes_does_not_find_its_name() {
    let (place, database) = (Place::new(), ledger("sealed_guess"));
    place.create(&database).run().success();
    let rows = place.cat("planted_table").arg("--identity").arg(&place.alice.file).run().success();
    let guess = BlockId::of(rows.stdout_bytes()).to_string();
    for file in place.files() {
        let bytes = std::fs::read(place.store().join(&file)).unwrap();
        assert!(!file.contains(&guess) && !contains(&bytes, guess.as_bytes()), "{file}");
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
