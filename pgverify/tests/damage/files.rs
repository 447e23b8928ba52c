//! Files that are missing, cut, empty, exchanged or foreign, and manifests that say something else.

use crate::sound::{Copy, create, name, restore};
use serde_json::{Value, json};
use testkit::{Cluster, TempDir, newest_major};

#[test]
fn each_missing_or_empty_file_is_caught_and_named() {
    for file in Copy::new().files() {
        let copy = Copy::new();
        copy.write(&file, b"");
        let outcome = copy.restore().exit(1).says(name(&file));
        assert_eq!(outcome.record("error")["code"], "damaged", "{outcome}");
    }
    for file in Copy::new().files().into_iter().filter(|file| file.starts_with("blocks/")) {
        let copy = Copy::new();
        copy.remove(&file);
        let outcome = copy.restore().exit(1).says(name(&file)).says("missing");
        assert_eq!(outcome.record("error")["code"], "damaged", "{outcome}");
    }
}

#[test]
fn without_its_store_json_there_is_no_store() {
    let copy = Copy::new();
    copy.remove("store.json");
    drop(copy.restore().exit(3).says("there is no store"));
}

#[test]
fn blocks_whose_contents_were_exchanged_are_caught() {
    let copy = Copy::new();
    let [one, other] = ["left_one", "right_one"].map(|table| copy.block_of(table));
    let [bytes, others] = [&one, &other].map(|file| copy.read(file));
    copy.write(&one, &others);
    copy.write(&other, &bytes);
    drop(copy.restore().exit(1).says("damaged").says("_one\""));
    let found = copy.check().exit(1);
    assert_eq!(found.records_of("damage").len(), 2, "{found}");
}

#[test]
fn blocks_that_the_manifest_exchanges_are_caught_by_the_rows() {
    let copy = Copy::new();
    let [left, right] = ["left_one", "right_one"].map(|table| copy.table(table));
    copy.edit(|manifest| {
        let of = |manifest: &Value, table: usize| manifest["tables"][table]["segments"][0]["blocks"].clone();
        let (lefts, rights) = (of(manifest, left), of(manifest, right));
        manifest["tables"][left]["segments"][0]["blocks"] = rights;
        manifest["tables"][right]["segments"][0]["blocks"] = lefts;
    });
    let outcome = copy.restore().exit(1);
    for table in ["left_one", "right_one"] {
        let object = format!("table \"public\".\"{table}\"");
        let told = outcome.records_of("difference");
        assert!(told.iter().any(|difference| difference["object"] == object.as_str()), "{table}: {outcome}");
    }
    assert_eq!(outcome.result()["proved"], false, "{outcome}");
}

#[test]
fn a_truncated_manifest_is_caught_at_every_length() {
    let copy = Copy::new();
    let file = Copy::manifest_file();
    let whole = copy.read(file);
    for part in 0..40 {
        copy.write(file, &whole[..whole.len() * part / 40]);
        drop(copy.restore().exit(1).says(name(file)));
    }
    copy.write(file, &whole[..whole.len() - 1]);
    drop(copy.restore().exit(1).says(name(file)));
}

/// Somebody who edits a manifest and mends its checksum has told a lie that only the rows can show.
fn is_told(change: impl FnOnce(&mut Value, usize), object: &str) {
    let copy = Copy::new();
    let table = copy.table("left_one");
    copy.edit(|manifest| change(manifest, table));
    let outcome = copy.restore().exit(1).says(object);
    assert_eq!(outcome.result()["proved"], false, "{outcome}");
    let told = outcome.records_of("difference");
    assert!(told.iter().any(|difference| difference["object"] == object), "{outcome}");
}

/// In the table's sum and in its only segment's.
fn set(manifest: &mut Value, table: usize, field: &str, value: &Value) {
    let table = &mut manifest["tables"][table];
    table["fingerprint"][field] = value.clone();
    table["segments"][0]["fingerprint"][field] = value.clone();
}

#[test]
fn an_edited_fingerprint_is_told() {
    let sum = json!("0123456789abcdef0123456789abcdef");
    is_told(|manifest, table| set(manifest, table, "sum", &sum), "table \"public\".\"left_one\"");
}

/// What a restore sets and proves by the manifest alone is what its checksum is for.
#[test]
fn an_edit_that_does_not_mend_the_checksum_is_damage() {
    let edits: [fn(&mut Value); 4] = [
        |manifest| manifest["sequences"][0]["last_value"] = json!("40"),
        |manifest| manifest["tables"][0]["fingerprint"]["sum"] = json!("0123456789abcdef0123456789abcdef"),
        |manifest| manifest["tables"][0]["fingerprint"]["rows"] = json!(99),
        |manifest| manifest["tables"][0]["owner"] = json!("somebody"),
    ];
    for edit in edits {
        let copy = Copy::new();
        let mut manifest = copy.manifest();
        edit(&mut manifest);
        copy.write(Copy::manifest_file(), &serde_json::to_vec(&manifest).unwrap());
        let outcome = copy.restore().exit(1).says(name(Copy::manifest_file()));
        assert_eq!(outcome.record("error")["code"], "damaged", "{outcome}");
        copy.check().exit(1);
    }
}

#[test]
fn an_edited_number_of_rows_is_told() {
    for rows in [99, 101] {
        let copy = Copy::new();
        let table = copy.table("left_one");
        copy.edit(|manifest| set(manifest, table, "rows", &json!(rows)));
        let outcome = copy.restore().exit(1).says("table \"public\".\"left_one\"");
        assert_ne!(outcome.result().get("proved"), Some(&json!(true)), "{outcome}");
    }
}

#[test]
fn what_a_newer_release_wrote_is_not_guessed_at() {
    let copy = Copy::new();
    copy.edit(|manifest| manifest["format"]["major"] = json!(3));
    drop(copy.restore().exit(3).says(name(Copy::manifest_file())).says("hint: "));
}

#[test]
fn a_block_and_a_manifest_of_another_store_are_caught() {
    let other = Cluster::shared(newest_major()).database("other_store");
    other.run("CREATE TABLE left_one (id int PRIMARY KEY, v text); INSERT INTO left_one VALUES (1, 'x')");
    let place = TempDir::new();
    let made = create(&other, place.path());
    let stranger = format!("snapshots/{}.json", made.result()["snapshot"].as_str().unwrap());

    let copy = Copy::new();
    let file = copy.block_of("left_one");
    let foreign = place.files().into_iter().find(|file| file.starts_with("blocks/")).unwrap();
    copy.write(&file, &std::fs::read(place.join(foreign)).unwrap());
    drop(copy.restore().exit(1).says(name(&file)).says("damaged"));

    // Under its own name it is a snapshot whose blocks are missing, under this one's it is none.
    let copy = Copy::new();
    let bytes = std::fs::read(place.join(&stranger)).unwrap();
    copy.write(Copy::manifest_file(), &bytes);
    drop(copy.restore().exit(1).says(name(Copy::manifest_file())));
    copy.remove(Copy::manifest_file());
    copy.write(&stranger, &bytes);
    drop(restore(copy.store()).arg("--no-attest").run().exit(1).says("missing"));
}
