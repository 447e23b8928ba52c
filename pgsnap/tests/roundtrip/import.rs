//! Dumps of pg_dump's become snapshots: they share blocks with those of the live database, are proved, and pass for no live one.

use crate::export::export;
use crate::store::{Snapshot, Store, valid};
use std::path::Path;
use testkit::{Cluster, Database, TempDir, Tool, newest_major};

fn shop() -> Database {
    let database = Cluster::shared(newest_major()).database("imported");
    database.run(
        "CREATE TABLE orders (id bigserial PRIMARY KEY, note text); INSERT INTO orders (note) SELECT repeat(md5(i::text), 4) FROM generate_series(1, 60000) i;
         CREATE TABLE lines (id int REFERENCES orders, t text); INSERT INTO lines VALUES (1, 'a'), (1, NULL); CREATE INDEX ON lines (t);
         CREATE VIEW v AS SELECT count(*) FROM lines; SELECT lo_from_bytea(77, 'a large object')",
    );
    database
}

fn dump(database: &Database, place: &TempDir, arguments: &[&str]) -> std::path::PathBuf {
    let file = place.join(format!("dump{}", arguments.join("")));
    let mut pg_dump = database.cluster().client("pg_dump", database.name());
    let output = pg_dump.args(arguments).arg("-f").arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    file
}

fn import(store: &Store, file: &Path) -> Tool {
    Tool::pgsnap("import").arg(file).store(&store.path())
}

fn fingerprints(snapshot: &Snapshot) -> Vec<String> {
    let tables = snapshot.manifest.tables.iter();
    tables.map(|table| format!("{} {:?}", table.qualified(), table.fingerprint)).collect()
}

#[test]
fn dumps_of_every_format_share_blocks_with_the_live_database_and_are_proved() {
    let original = shop();
    let (store, place) = (Store::new(), TempDir::new());
    let live = store.take(&original);
    for arguments in [&["-Fc"][..], &["-Fd", "-j", "2"], &["-Ft"], &["-Fp"]] {
        let file = dump(&original, &place, arguments);
        let taken = store.taken(import(&store, &file).args(["--tag", "old"]).run());
        let source = &taken.manifest.source;
        let imported = source.imported.clone().unwrap();
        assert_eq!((source.system_identifier.as_str(), source.lsn.as_str(), source.timeline), ("", "", 0));
        assert_eq!(imported.hash.map(|hash| hash.len()), Some(64));
        assert!(imported.server_version.unwrap().starts_with(&original.cluster().major().to_string()));
        assert_eq!(imported.dumped.is_some(), arguments != ["-Fp"]);
        assert_eq!(fingerprints(&live), fingerprints(&taken));
        // Its schema is another one's to write; all rows are there already.
        let blocks = |snapshot: &Snapshot| -> Vec<String> {
            snapshot
                .manifest
                .tables
                .iter()
                .flat_map(common::format::manifest::Table::blocks)
                .map(|block| block.file.clone())
                .collect()
        };
        assert_eq!(blocks(&live), blocks(&taken), "{arguments:?}");
        assert_eq!(taken.manifest.sequences, live.manifest.sequences);
        let expected = if arguments == ["-Fp"] { "restored" } else { original.name() };
        assert_eq!(source.database, expected);
    }
    let newest = Tool::pgsnap("show").arg("latest").store(&store.path()).run().success();
    assert_eq!(newest.result()["tables"], 2);
    // What was imported is proved like any other.
    let list = Tool::pgsnap("list").args(["--tag", "old"]).store(&store.path()).run().success();
    let id = list.records_of("snapshot")[0]["snapshot"].as_str().unwrap().to_owned();
    let verified = Tool::named("pgverify").args(["restore", &id]).store(&store.path()).run().success();
    assert_eq!(verified.result()["proved"], true);
    assert_eq!(verified.result()["system_identifier"], "");
}

#[test]
fn what_was_exported_is_imported_with_the_same_rows() {
    let original = shop();
    let (store, place) = (Store::new(), TempDir::new());
    let live = store.take(&original);
    let directory = place.join("exported");
    valid(export(&store, &live, "pg_dump", &directory).run()).success();
    let script = place.join("exported.sql");
    valid(export(&store, &live, "sql", &script).run()).success();
    let other = Store::new();
    for file in [&directory, &script] {
        let taken = other.taken(import(&other, file).run());
        assert_eq!(fingerprints(&live), fingerprints(&taken));
        // An old dump is no newer than what came after it.
        assert!(file == &script || taken.manifest.created <= live.manifest.created);
    }
}

#[test]
fn what_is_no_whole_dump_leaves_no_snapshot() {
    let original = shop();
    let (store, place) = (Store::new(), TempDir::new());
    let file = dump(&original, &place, &["-Fc"]);
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() * 2 / 3]).unwrap();
    drop(import(&store, &file).run().exit(1).says("cannot import"));
    let hostile = place.write("hostile.sql", "CREATE TABLE t (a int);\nCOPY t FROM PROGRAM 'touch x';\n");
    drop(import(&store, &hostile).run().exit(4));
    drop(import(&store, &place.join("nowhere")).run().exit(2));
    assert_eq!(store.snapshots(), Vec::<String>::new());
}
