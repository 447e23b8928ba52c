//! Damage is found without any key, and with one it is named.

use crate::place::{Place, code, ledger, number};
use testkit::Tool;

fn sealed(name: &str) -> Place {
    let (place, database) = (Place::new(), ledger(name));
    place.create(&database).run().success();
    place
}

#[test]
fn a_flipped_bit_in_any_file_is_found_without_a_key() {
    let place = sealed("sealed_flipped");
    for file in place.files() {
        let path = place.store().join(&file);
        let before = std::fs::read(&path).unwrap();
        place.flip(&file);
        let checked = place.host("check").arg("--read-data").run();
        // Who has lost the names has the same file on his own machine.
        if file.starts_with("keys/names-") {
            drop(checked.success());
        } else {
            let failed = checked.records().last().unwrap()["exit_code"].as_u64().unwrap();
            assert!([1, 3].contains(&failed), "{file}: {checked}");
            drop(checked.exit(i32::try_from(failed).unwrap()).says("damaged"));
        }
        std::fs::write(&path, before).unwrap();
    }
    place.host("check").arg("--read-data").run().success();
}

#[test]
fn a_block_that_is_gone_or_cut_is_found_without_reading_it() {
    let place = sealed("sealed_gone");
    let block = &place.blocks()[0];
    let path = place.store().join(block);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let checked = place.host("check").run().exit(1);
    assert_eq!(checked.record("damage")["file"], block.as_str());
    std::fs::remove_file(&path).unwrap();
    let checked = place.host("check").run().exit(1).says("bring the file back from a copy of the store");
    assert_eq!(checked.record("damage")["verdict"], "missing");
}

#[test]
fn with_a_key_it_is_said_what_a_damaged_block_belongs_to() {
    let place = sealed("sealed_named");
    let mut owners = Vec::new();
    for block in place.blocks() {
        let before = std::fs::read(place.store().join(&block)).unwrap();
        place.flip(&block);
        let checked = place.reader("check").arg("--read-data").run().exit(1);
        owners.extend(checked.records_of("damage").iter().map(|damage| damage["belongs_to"].to_string()));
        std::fs::write(place.store().join(&block), before).unwrap();
    }
    let said = owners.join("\n");
    for owner in ["planted_table", "the schema", "large objects", "the whole snapshot"] {
        assert!(said.contains(owner), "{owner}: {said}");
    }
}

#[test]
fn a_block_in_the_place_of_another_is_noticed() {
    let place = sealed("sealed_exchanged");
    let all = place.blocks();
    let (one, other) = (place.store().join(&all[0]), place.store().join(&all[1]));
    std::fs::copy(&other, &one).unwrap();
    drop(place.host("check").arg("--read-data").run().exit(1));
}

#[test]
fn an_envelope_that_tells_another_story_than_its_manifest_is_not_believed() {
    let place = sealed("sealed_forged");
    let name = place.files().into_iter().find(|file| file.starts_with("snapshots/")).unwrap();
    let path = place.store().join(name);
    let mut envelope: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    envelope["source"]["database"] = "other".into();
    std::fs::write(&path, testkit::resealed(envelope)).unwrap();
    let shown =
        place.reader("show").arg("latest").run().exit(3).says("says other things than are sealed in it");
    assert_eq!(code(&shown), "damaged");
}

#[test]
fn a_store_without_its_key_gets_no_further_snapshot() {
    let (place, database) = (Place::new(), ledger("sealed_keyless"));
    place.create(&database).run().success();
    std::fs::remove_file(place.store().join("keys/store.json")).unwrap();
    drop(
        place
            .host("create")
            .database(&database)
            .run()
            .exit(3)
            .says("keys/store.json is missing")
            .says("bring it back from a copy"),
    );
    let checked = place.host("check").run().exit(1);
    assert_eq!(checked.record("damage")["file"], "keys/store.json");
}

#[test]
fn a_store_whose_making_was_broken_off_behind_its_key_is_made_whole() {
    let (place, database) = (Place::new(), ledger("sealed_broken_off"));
    place.create(&database).run().success();
    for gone in ["snapshots", "blocks", "running"] {
        std::fs::remove_dir_all(place.store().join(gone)).unwrap();
    }
    for gone in ["store.json", "README.md"] {
        std::fs::remove_file(place.store().join(gone)).unwrap();
    }
    place.create(&database).run().success();
    assert_eq!(number(&place.reader("check").arg("--read-data").run().success(), "differences"), 0);
    // Who wants none encrypted does not get one by accident.
    std::fs::remove_file(place.store().join("store.json")).unwrap();
    drop(
        Tool::pgsnap("create")
            .store(&place.store())
            .database(&database)
            .run()
            .exit(3)
            .says("holds other files"),
    );
}
