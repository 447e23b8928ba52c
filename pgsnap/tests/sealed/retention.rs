//! Who lets snapshots go, and who watches over them, needs no key. What stays can still be read.

use crate::place::{Place, ledger, number};
use std::collections::BTreeSet;
use testkit::{Database, Tool};

/// A store of three snapshots of a table that changes.
fn three(name: &str) -> (Place, Database) {
    let (place, database) = (Place::new(), ledger(name));
    for value in ["one", "two", "three"] {
        database.run(&format!("UPDATE planted_table SET v = 'planted {value}'"));
        place.create(&database).run().success();
    }
    (place, database)
}

#[test]
fn snapshots_are_forgotten_without_a_key_and_the_others_still_read() {
    let (place, database) = three("sealed_forgotten");
    let before = place.blocks();
    let dry = place.host("forget").args(["--keep-last", "1", "--dry-run"]).run().success();
    let forgotten = place.host("forget").args(["--keep-last", "1"]).run().success();
    assert_eq!(number(&forgotten, "forgotten"), 2);
    let removed = number(&forgotten, "blocks_removed");
    assert!(removed > 0 && removed == number(&dry, "blocks_removed"), "{dry}{forgotten}");
    assert_eq!(place.blocks().len() as u64 + removed, before.len() as u64);
    assert_eq!(number(&place.host("sweep").run().success(), "blocks_removed"), 0);
    assert_eq!(number(&place.reader("check").arg("--read-data").run().success(), "differences"), 0);
    // What was removed and comes back has another name; what stayed is shared.
    database.run("UPDATE planted_table SET v = 'planted one'");
    assert!(number(&place.create(&database).run().success(), "blocks_new") > 0);
    let target = database.cluster().database("sealed_after_forgetting");
    let restored = place.reader("restore").arg("latest").database(&target).run().success();
    assert_eq!(restored.result()["proved"], true);
    assert_eq!(target.scalar("SELECT count(*) FROM planted_table WHERE v = 'planted one'"), "3000");
    // The keys outlive every snapshot.
    let forgotten = place.host("forget").args(["--keep-tag", "none", "--even-the-last"]).run().success();
    assert_eq!(number(&forgotten, "forgotten"), 2);
    let left: BTreeSet<_> =
        place.files().iter().map(|file| file.split('/').next().unwrap().to_owned()).collect();
    assert_eq!(left.into_iter().collect::<Vec<_>>(), ["README.md", "keys", "store.json"]);
    place.host("create").database(&database).run().success();
    assert_eq!(
        place
            .cat("planted_table")
            .arg("--identity")
            .arg(&place.alice.file)
            .run()
            .success()
            .stdout()
            .lines()
            .count(),
        3000
    );
}

#[test]
fn monitoring_needs_no_key() {
    let (place, database) = three("sealed_watched");
    let verify = Tool::named("pgverify").args(["restore", "latest"]).store(&place.store());
    verify.arg("--identity").arg(&place.alice.file).run().success();
    let status = place.host("status").run().success();
    let told = status.record("database");
    assert_eq!((&told["database"], &told["snapshots"]), (&database.name().into(), &3.into()));
    for check in ["backups.snapshot_age", "backups.verified_age", "backups.snapshot_size"] {
        let run =
            Tool::named("pgcheckpoint").args(["run", check]).database(&database).store(&place.store()).run();
        assert_eq!(run.success().record("check")["status"], "ok", "{check}");
    }
}

#[test]
fn parts_of_a_database_are_kept_apart_and_not_told() {
    let (place, database) = (Place::new(), ledger("sealed_parts"));
    place.create(&database).args(["-t", "planted_table"]).run().success();
    place.create(&database).run().success();
    // Different choices are different backups: neither is an older one of the other.
    let kept = place.host("forget").args(["--keep-last", "1"]).run().success();
    assert_eq!((number(&kept, "kept"), number(&kept, "forgotten")), (2, 0));
    // The same choice in a store that is not encrypted is told by a digest that can be guessed.
    let plain = place.directory.join("plain");
    let create = Tool::pgsnap("create").store(&plain).database(&database);
    let made = create.args(["-t", "planted_table"]).run().success();
    let store = common::store::Store::open(&common::store::Location::Directory(plain)).unwrap();
    let id = made.result()["snapshot"].as_str().unwrap().parse().unwrap();
    let guess = store.outline(&id).unwrap().part;
    assert!(!guess.is_empty());
    for file in place.files().into_iter().filter(|file| file.starts_with("snapshots/")) {
        let text = std::fs::read_to_string(place.store().join(&file)).unwrap();
        assert!(!text.contains(&guess), "{file}: {text}");
    }
}

#[test]
fn a_block_that_was_written_again_is_counted_on_and_the_damaged_one_is_not() {
    let (place, database) = (Place::new(), ledger("sealed_again"));
    place.create(&database).run().success();
    let largest =
        place.blocks().into_iter().max_by_key(|block| place.store().join(block).metadata().unwrap().len());
    let path = place.store().join(largest.unwrap());
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    // Names are drawn anew each time: whichever is listed last, none may count on the damaged file.
    for _ in 0..4 {
        place.create(&database).run().success();
    }
    let names = place.host("list").run().success();
    let names: Vec<_> =
        names.records_of("snapshot").iter().map(|record| record["snapshot"].to_string()).collect();
    let checked = place.host("check").arg("--read-data").run().exit(1);
    let damaged = checked.record("damage")["snapshots"].as_str().unwrap().to_owned();
    let hit: Vec<_> = names.iter().filter(|name| damaged.contains(name.trim_matches('"'))).collect();
    assert_eq!(hit.len(), 1, "{damaged}");
    let target = database.cluster().database("sealed_again_copy");
    assert_eq!(
        place.reader("restore").arg("latest").database(&target).run().success().result()["proved"],
        true
    );
}
