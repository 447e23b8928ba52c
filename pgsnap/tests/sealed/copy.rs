//! Copies of encrypted stores stay encrypted; what would mix is refused. Other programs' formats, in and out.

use crate::place::{Place, code, ledger, number};
use std::path::Path;
use testkit::{Outcome, Tool};

fn copy(place: &Place, to: &Path) -> Outcome {
    place.host("copy").arg("latest").arg("--to").arg(to).run()
}

fn count(place: &Place, store: &Path) -> Outcome {
    let cat = Tool::pgsnap("cat").store(store).args(["latest", "planted_table"]).raw();
    cat.arg("--identity").arg(&place.alice.file).run()
}

#[test]
fn a_copy_needs_no_key_and_opens_to_the_same_people() {
    let (place, database) = (Place::new(), ledger("sealed_copied"));
    place.create(&database).run().success();
    let to = place.directory.join("offsite");
    let copied = copy(&place, &to).success();
    assert_eq!(number(&copied, "blocks_new"), place.blocks().len() as u64);
    assert_eq!(number(&copy(&place, &to).success(), "blocks_new"), 0);
    assert_eq!(count(&place, &to).success().stdout().lines().count(), 3000);
    drop(Tool::pgsnap("cat").store(&to).args(["latest", "planted_table"]).raw().run().exit(2));
    let same = |name: &str| {
        std::fs::read(to.join(name)).unwrap() == std::fs::read(place.store().join(name)).unwrap()
    };
    assert!(place.blocks().iter().all(|block| same(block)), "blocks travel as they are stored");
    assert_eq!(
        number(&Tool::pgsnap("check").store(&to).arg("--read-data").run().success(), "differences"),
        0
    );
    // A second snapshot sends only what is new, whatever the key of the copy opens to by then.
    let bob = place.person("bob");
    let rotated = Tool::pgsnap("keys").store(&to).arg("--identity").arg(&place.alice.file);
    rotated.args(["--encrypt-to", &bob.public]).run().success();
    database.run("INSERT INTO planted_table VALUES (3001, 'planted value')");
    place.create(&database).run().success();
    let copied = copy(&place, &to).success();
    assert!(number(&copied, "blocks_new") <= 3, "{copied}");
    drop(count(&place, &to).exit(2).says(&bob.public));
}

#[test]
fn what_is_encrypted_is_not_mixed_with_what_is_not() {
    let (place, database) = (Place::new(), ledger("sealed_mixed"));
    place.create(&database).run().success();
    let plain = place.directory.join("plain");
    Tool::pgsnap("create").store(&plain).database(&database).run().success();
    assert_eq!(code(&copy(&place, &plain).exit(4).says("name a new place")), "other_key");
    let into = Tool::pgsnap("copy").store(&plain).arg("latest").arg("--to").arg(place.store());
    assert_eq!(code(&into.run().exit(4)), "other_key");
    let other = place.directory.join("other");
    let create = Tool::pgsnap("create").store(&other).database(&database);
    create.args(["--encrypt-to", &place.alice.public]).run().success();
    assert_eq!(code(&copy(&place, &other).exit(4)), "other_key");
    // A copy of a plain store is plain.
    let copied = place.directory.join("copied");
    Tool::pgsnap("copy").store(&plain).arg("latest").arg("--to").arg(&copied).run().success();
    let store = std::fs::read_to_string(copied.join("store.json")).unwrap();
    assert!(store.contains("\"major\":1") && !copied.join("keys").exists(), "{store}");
}

#[test]
fn a_dump_is_imported_encrypted_and_exported_with_a_key() {
    let (place, database) = (Place::new(), ledger("sealed_imported"));
    let dump = place.directory.join("dump");
    let mut pg_dump = database.cluster().client("pg_dump", database.name());
    assert!(pg_dump.args(["-Fc", "-f"]).arg(&dump).status().unwrap().success());
    let import = place.host("import").arg(&dump).args(["--encrypt-to", &place.alice.public]);
    import.run().success();
    assert!(place.blocks().iter().all(|block| block.strip_suffix(".age").is_some()));
    let to = place.directory.join("exported");
    let export = place.reader("export").args(["latest", "--to", "csv"]).arg(&to);
    export.run().success();
    let csv = std::fs::read_to_string(to.join("public.planted_table.csv")).unwrap();
    assert_eq!(csv.lines().count(), 3001);
}
