//! What is sealed comes back, and is proved; who has no key still lists and checks.

use crate::place::{Place, ledger, number};
use testkit::Tool;

#[test]
fn a_sealed_snapshot_restores_and_is_proved() {
    let (place, database) = (Place::new(), ledger("sealed_round_trip"));
    let made = place.create(&database).run().success();
    assert!(number(&made, "blocks_new") > 3, "{made}");
    let target = database.cluster().database("sealed_copy");
    let restored = place.reader("restore").arg("latest").database(&target).run().success();
    assert_eq!(restored.result()["proved"], true);
    assert_eq!(target.scalar("SELECT count(*) FROM planted_table"), "3000");
    assert_eq!(target.scalar("SELECT convert_from(lo_get(4711), 'UTF8')"), "planted object");
    let cat = place.cat("planted_table").env("PGSNAP_IDENTITY", &place.alice.file).run().success().stdout();
    assert_eq!(cat.lines().count(), 3000);
    let shown = place.reader("show").arg("latest").run().success();
    assert_eq!(shown.record("table")["table"], "planted_table");
    assert_eq!(number(&place.reader("check").arg("--read-data").run().success(), "differences"), 0);
}

#[test]
fn who_has_no_key_lists_and_checks_and_adds_snapshots() {
    let (place, database) = (Place::new(), ledger("sealed_without_key"));
    place.create(&database).args(["--tag", "first"]).run().success();
    // Whom it is encrypted to is told when the store is made, and may be told again.
    place.host("create").database(&database).run().success();
    let listed = place.host("list").run().success();
    let snapshots = listed.records_of("snapshot");
    assert_eq!(snapshots.len(), 2);
    assert_eq!(snapshots[0]["tags"], "first");
    assert_eq!(snapshots[0]["database"], database.name());
    assert_eq!(snapshots[0]["rows"], 3000);
    let checked = place.host("check").arg("--read-data").run().success();
    assert_eq!(number(&checked, "blocks_checked"), place.blocks().len() as u64);
}

#[test]
fn pgverify_proves_a_sealed_snapshot_and_compares_it() {
    let (place, database) = (Place::new(), ledger("sealed_verified"));
    let made = place.create(&database).run().success();
    let verify = || Tool::named("pgverify").env("PGSNAP_IDENTITY", &place.alice.file);
    let proved = verify().args(["restore", "latest"]).store(&place.store()).run().success();
    assert_eq!(proved.result()["proved"], true);
    let listed = place.host("list").run().success();
    assert_eq!(listed.record("snapshot")["proved"], true, "what was found out is seen without a key");
    // A key that comes through a pipe can be read once.
    let first = made.result()["snapshot"].as_str().unwrap();
    place.create(&database).run().success();
    let both = Tool::named("pgverify").args(["compare", first, "latest"]).store(&place.store());
    let both = both.under("bash", ["-c", "exec \"$0\" \"$@\" --identity <(cat \"$KEY\")"]);
    both.env("KEY", &place.alice.file).run().success();
    database.run("UPDATE planted_table SET v = 'other' WHERE planted_column = 7");
    let differs = verify()
        .args(["compare", "latest"])
        .arg(format!("db:{}", database.connection()))
        .store(&place.store())
        .run();
    assert_eq!(number(&differs.exit(1), "tables_differing"), 1);
}
