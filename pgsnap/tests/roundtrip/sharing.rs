//! What a second snapshot costs, and what a killed one leaves.

use crate::store::{Store, number, valid};
use rustix::process::Signal;
use testkit::{Cluster, Database, newest_major};

/// Some 60 MB of COPY text in two segments.
fn large(name: &str) -> Database {
    let database = Cluster::shared(newest_major()).database(name);
    database.run(
        "CREATE TABLE large (id bigint, v text, w text);
         INSERT INTO large SELECT i, md5(i::text) || md5((i + 1)::text), repeat(md5((i * 7)::text), 2) FROM generate_series(1, 400000) i;",
    );
    database
}

#[test]
fn a_second_snapshot_writes_only_what_has_changed() {
    let database = large("changing");
    let store = Store::new();
    let first = store.take(&database);
    let blocks = first.number("blocks_new");
    assert!(blocks > 10, "{}", first.outcome);
    // One row in a hundred, one behind the other, in place: rows that fit where they were do not move others.
    database.run("ALTER TABLE large SET (fillfactor = 100); UPDATE large SET v = 'changed' WHERE id BETWEEN 200000 AND 203999");
    let second = store.take(&database);
    let (new, reused) = (second.number("blocks_new"), second.number("blocks_reused"));
    // Some of the rows, and what the schema is, in three ways: an option of the table has changed.
    assert!(new <= 7 && reused >= blocks - 7, "{new} new, {reused} reused, of {blocks}");
    assert!(second.number("stored_bytes") * 4 < first.number("stored_bytes"), "{}", second.outcome);
    drop(store.copy(&second, &database));
    // The number of workers says nothing about the blocks.
    let third = store.taken(store.create(&database).args(["-j", "7"]).run());
    assert!(third.number("blocks_new") <= 2, "{}", third.outcome);
    assert_eq!(second.manifest.tables, third.manifest.tables);
    // What is in both is there once, and the first can still be read.
    let copy = database.cluster().existing("the first");
    let outcome = store.restore(&first, &copy).arg("--create").run();
    assert_eq!(number(&valid(outcome).success(), "rows"), 400_000);
    assert_eq!(copy.scalar("SELECT count(*) FROM large WHERE v = 'changed'"), "0");
}

#[test]
fn a_killed_snapshot_is_none_and_the_next_one_uses_its_blocks() {
    let database = large("killed");
    let store = Store::new();
    let path = store.path();
    let blocks = || std::fs::read_dir(path.join("blocks")).map_or(0, Iterator::count);
    let mut started = store.create(&database).args(["-j", "1"]).start();
    started.wait_until("some blocks are in", || blocks() >= 4);
    started.signal(Signal::KILL);
    drop(started.finish().exit(137));
    assert_eq!(store.snapshots(), Vec::<String>::new());
    let next = store.take(&database);
    assert!(next.number("blocks_reused") >= 3, "{}", next.outcome);
    drop(store.copy(&next, &database));
    let left = std::fs::read_dir(store.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut left: Vec<_> = left.collect();
    left.sort();
    assert_eq!(left, ["README.md", "blocks", "running", "snapshots", "store.json"]);
}
