//! Equal blocks are stored once, as long as one machine names them.

use crate::place::{Place, code, ledger, number};
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_second_snapshot_from_the_same_machine_shares_its_blocks() {
    let (place, database) = (Place::new(), ledger("sealed_sharing"));
    let first = place.create(&database).run().success();
    let second = place.create(&database).run().success();
    // pg_dump writes into its archive when it was made.
    assert!(number(&second, "blocks_new") <= 1, "{second}");
    assert!(number(&second, "blocks_reused") >= number(&first, "blocks_new") - 1, "{second}");
}

#[test]
fn what_another_machine_writes_is_shared_with_nobody_and_said_so() {
    let (place, database) = (Place::new(), ledger("sealed_machines"));
    let first = place.create(&database).run().success().hides("named anew");
    let other = || place.create(&database).env("PGSNAP_STATE", place.directory.join("other state"));
    let second = other().run().success().says("blocks are named anew");
    assert_eq!(number(&second, "blocks_new"), number(&first, "blocks_new"));
    assert_eq!(second.record("warning")["code"], "names_anew");
    assert!(number(&other().run().success().hides("named anew"), "blocks_new") <= 1);
    assert!(number(&place.create(&database).run().success().hides("named anew"), "blocks_new") <= 1);
    assert_eq!(number(&place.reader("check").arg("--read-data").run().success(), "differences"), 0);
}

#[test]
fn a_lost_state_costs_the_sharing_and_can_be_brought_back_by_who_may_read() {
    let (place, database) = (Place::new(), ledger("sealed_lost"));
    place.create(&database).run().success();
    let state = std::fs::read_dir(place.state()).unwrap().next().unwrap().unwrap().path();
    let kept = std::fs::read(&state).unwrap();
    assert_eq!(std::fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::remove_file(&state).unwrap();
    // The same bytes lie in the store, for who has the store's key.
    let names = place.files().into_iter().find(|file| file.starts_with("keys/names-")).unwrap();
    let sealed = std::fs::read(place.store().join(names)).unwrap();
    assert_eq!(opened(&place, &sealed), kept);
    assert!(number(&place.create(&database).run().success().says("named anew"), "blocks_new") > 0);
    std::fs::write(&state, kept).unwrap();
    assert!(number(&place.create(&database).run().success().hides("named anew"), "blocks_new") <= 1);
    std::fs::set_permissions(&state, PermissionsExt::from_mode(0o640)).unwrap();
    assert_eq!(code(&place.create(&database).run().exit(3).says("chmod 0600")), "permissions");
}

/// What the store's key opens, by the ways of age alone.
fn opened(place: &Place, sealed: &[u8]) -> Vec<u8> {
    let keys = std::fs::read(place.store().join("keys/store.json")).unwrap();
    let keys: serde_json::Value = serde_json::from_slice(&keys).unwrap();
    let alice: age::x25519::Identity = place.alice.secret.parse().unwrap();
    let text = age::decrypt(&alice, keys["identity"].as_str().unwrap().as_bytes()).unwrap();
    let key: age::x25519::Identity = String::from_utf8(text).unwrap().trim().parse().unwrap();
    age::decrypt(&key, sealed).unwrap()
}

#[test]
fn where_the_state_can_not_be_kept_nothing_is_written() {
    let (place, database) = (Place::new(), ledger("sealed_no_state"));
    let file = place.directory.write("a file", "");
    let outcome = place.create(&database).env("PGSNAP_STATE", file.join("below")).run().exit(3);
    drop(outcome.says("PGSNAP_STATE"));
    assert!(place.files().iter().all(|file| !file.starts_with("snapshots/")));
}
