//! A store that was damaged on purpose: check, restore and cat find what they can, and name it.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use testkit::{Cluster, Database, Outcome, TempDir, Tool, newest_major, resealed};

/// A sound store with every kind of file, made once; tests damage copies of it.
struct Sound {
    files: Vec<(String, Vec<u8>)>,
    manifest: String,
}

fn sound() -> &'static Sound {
    static SOUND: OnceLock<Sound> = OnceLock::new();
    SOUND.get_or_init(|| {
        let source = Cluster::shared(newest_major()).database("source");
        source.run(
            "CREATE TABLE plain AS SELECT g AS id, md5(g::text) AS text FROM generate_series(1, 5000) g; \
             CREATE TABLE gzipped AS SELECT g AS id, 'a' AS text FROM generate_series(1, 3000) g; \
             CREATE TABLE zstd AS SELECT g AS id, 'b' AS text FROM generate_series(1, 3000) g; \
             CREATE TABLE zstd2 AS SELECT g AS id, 'c' AS text FROM generate_series(1, 3000) g; \
             CREATE SEQUENCE counter; SELECT nextval('counter'); \
             SELECT lo_from_bytea(4711, 'large'); COMMENT ON LARGE OBJECT 4711 IS 'said'",
        );
        let place = TempDir::new();
        let store = place.join("store");
        let create = || Tool::pgsnap("create").database(&source).store(&store);
        // The blocks of earlier snapshots are used again, whatever they are compressed with.
        create().args(["-Z", "none", "-t", "plain"]).run().success();
        create().args(["-Z", "gzip", "-t", "gzipped"]).run().success();
        for old in fs::read_dir(store.join("snapshots")).unwrap() {
            fs::remove_file(old.unwrap().path()).unwrap();
        }
        let made = create().run().success();
        let manifest = format!("snapshots/{}.json", made.result()["snapshot"].as_str().unwrap());
        let mut files = Vec::new();
        collect(&store, &store, &mut files);
        Sound { files, manifest }
    })
}

fn collect(root: &Path, directory: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            files.push((name, fs::read(path).unwrap()));
        }
    }
}

/// A copy of the sound store, to be damaged.
struct Copy(TempDir);

impl Copy {
    fn new() -> Self {
        let place = TempDir::new();
        for (name, bytes) in &sound().files {
            place.write(Path::new("store").join(name), bytes);
        }
        Self(place)
    }

    fn store(&self) -> PathBuf {
        self.0.join("store")
    }

    fn path(&self, file: &str) -> PathBuf {
        self.store().join(file)
    }

    fn flip(&self, file: &str) {
        let mut bytes = fs::read(self.path(file)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        fs::write(self.path(file), bytes).unwrap();
    }

    fn manifest(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path(&sound().manifest)).unwrap()).unwrap()
    }

    fn edit(&self, change: impl FnOnce(&mut Value)) {
        let mut manifest = self.manifest();
        change(&mut manifest);
        fs::write(self.path(&sound().manifest), resealed(manifest)).unwrap();
    }

    /// The first block of a part of the manifest, below the store.
    fn block(&self, pointer: &str) -> String {
        let manifest = self.manifest();
        let file = manifest.pointer(pointer).unwrap()["file"].as_str().unwrap();
        format!("blocks/{}/{file}", &file[..2])
    }

    fn table_block(&self, name: &str) -> String {
        self.block(&format!("/tables/{}/segments/0/blocks/0", self.table(name)))
    }

    fn table(&self, name: &str) -> usize {
        let manifest = self.manifest();
        manifest["tables"].as_array().unwrap().iter().position(|table| table["name"] == name).unwrap()
    }

    fn check(&self, arguments: &[&str]) -> Outcome {
        Tool::pgsnap("check").store(&self.store()).args(arguments).run()
    }

    fn cat(&self, table: &str) -> Outcome {
        Tool::pgsnap("cat").arg("latest").arg(table).store(&self.store()).run()
    }

    fn restore(&self) -> (Outcome, Database) {
        let target = Cluster::shared(newest_major()).database("target");
        (Tool::pgsnap("restore").arg("latest").store(&self.store()).database(&target).run(), target)
    }

    /// The only thing that check finds: this file, with this verdict, belonging to this.
    fn finds(&self, arguments: &[&str], file: &str, verdict: &str, owner: &str) {
        let outcome = self.check(arguments).exit(1);
        let damage = outcome.record("damage");
        assert_eq!(damage["file"], file, "{outcome}");
        assert!(damage["verdict"].as_str().unwrap().contains(verdict), "{outcome}");
        assert!(damage["belongs_to"].as_str().unwrap().contains(owner), "{outcome}");
        assert!(sound().manifest.contains(damage["snapshots"].as_str().unwrap()), "{outcome}");
        assert_eq!(
            (&outcome.result()["status"], &outcome.result()["differences"]),
            (&"no".into(), &1.into())
        );
    }
}

/// The files of all blocks in a part of a manifest.
fn named(value: &Value) -> BTreeSet<&str> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("file").and_then(Value::as_str);
            own.into_iter().chain(fields.values().flat_map(named)).collect()
        }
        Value::Array(items) => items.iter().flat_map(named).collect(),
        _ => BTreeSet::new(),
    }
}

/// Every kind of block: where the manifest names it, and whom it belongs to.
fn kinds(copy: &Copy) -> Vec<(String, &'static str)> {
    vec![
        (copy.table_block("plain"), "table \"public\".\"plain\""),
        (copy.table_block("gzipped"), "table \"public\".\"gzipped\""),
        (copy.table_block("zstd"), "table \"public\".\"zstd\""),
        (copy.block("/schema/archive/0"), "the schema"),
        (copy.block("/schema/before_data/0"), "the schema"),
        (copy.block("/schema/after_data/0"), "the schema"),
        (copy.block("/large_objects/catalog/blocks/0"), "large objects"),
        (copy.block("/large_objects/content/0/blocks/0"), "large objects"),
    ]
}

#[test]
fn a_sound_store_is_sound() {
    let copy = Copy::new();
    let endings: Vec<_> =
        kinds(&copy).iter().map(|(file, _)| file.rsplit_once('.').map(|(_, e)| e.to_owned())).collect();
    for ending in [None, Some("gz".to_owned()), Some("zst".to_owned())] {
        assert!(endings.contains(&ending), "{ending:?} in {endings:?}");
    }
    let checked = copy.check(&["--read-data"]).success();
    let parts: Vec<u64> = ["1/3", "2/3", "3/3"]
        .map(|part| {
            copy.check(&["--read-data-subset", part]).success().result()["blocks_checked"].as_u64().unwrap()
        })
        .into();
    let blocks = named(&copy.manifest()).len() as u64;
    assert_eq!(checked.result()["blocks_checked"], blocks);
    assert_eq!(parts.iter().sum::<u64>(), blocks, "{parts:?}");
    let (restored, _) = copy.restore();
    assert_eq!(restored.success().result()["proved"], true);
}

#[test]
fn a_flipped_bit_in_any_block_is_found_by_reading() {
    for number in 0..kinds(&Copy::new()).len() {
        let copy = Copy::new();
        let (file, owner) = kinds(&copy).swap_remove(number);
        copy.flip(&file);
        // The structure is as it was: only what reads can tell.
        drop(copy.check(&[]).success());
        copy.finds(&["--read-data"], &file, "damaged: ", owner);
        let found = ["1/3", "2/3", "3/3"].map(|part| copy.check(&["--read-data-subset", part]).code());
        assert_eq!(found.iter().filter(|code| **code == 1).count(), 1, "{file}: {found:?}");
    }
}

#[test]
fn each_missing_or_cut_block_is_found_without_reading() {
    for number in 0..kinds(&Copy::new()).len() {
        let copy = Copy::new();
        let (file, owner) = kinds(&copy).swap_remove(number);
        let bytes = fs::read(copy.path(&file)).unwrap();
        fs::write(copy.path(&file), &bytes[..bytes.len() - 1]).unwrap();
        copy.finds(&[], &file, "size", owner);
        fs::remove_file(copy.path(&file)).unwrap();
        copy.finds(&[], &file, "missing", owner);
        copy.finds(&["--read-data"], &file, "missing", owner);
    }
}

#[test]
fn a_restore_from_damaged_blocks_fails_and_names_block_and_table() {
    for number in [0, 1, 2, 3, 6, 7] {
        let copy = Copy::new();
        let (file, owner) = kinds(&copy).swap_remove(number);
        copy.flip(&file);
        let (outcome, target) = copy.restore();
        let name = file.rsplit('/').next().unwrap();
        let outcome = outcome.exit(3).says(name).says(owner).says("hint: ");
        assert_eq!(outcome.record("error")["code"], "damaged", "{outcome}");
        assert_eq!(outcome.result()["status"], "error");
        let ours = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND pid <> pg_backend_pid()",
            target.name()
        );
        assert_eq!(target.scalar(&ours), "0");
    }
}

#[test]
fn a_cat_of_a_damaged_block_fails_and_that_of_another_table_does_not() {
    for damage in ["flip", "swap", "cut", "remove"] {
        let copy = Copy::new();
        let [one, other] = ["zstd", "zstd2"].map(|table| copy.table_block(table));
        match damage {
            "flip" => copy.flip(&one),
            "swap" => {
                let [bytes, others] = [&one, &other].map(|file| fs::read(copy.path(file)).unwrap());
                fs::write(copy.path(&one), others).unwrap();
                fs::write(copy.path(&other), bytes).unwrap();
            }
            "cut" => fs::write(copy.path(&one), &fs::read(copy.path(&one)).unwrap()[..40]).unwrap(),
            _ => fs::remove_file(copy.path(&one)).unwrap(),
        }
        let outcome =
            copy.cat("zstd").exit(3).says(one.rsplit('/').next().unwrap()).says("\"public\".\"zstd\"");
        assert_eq!(outcome.stdout(), "", "rows of a damaged block");
        assert_eq!(copy.cat("gzipped").success().stdout().lines().count(), 3000);
        if damage == "swap" {
            let found = copy.check(&["--read-data"]).exit(1);
            let files: Vec<_> =
                found.records_of("damage").iter().map(|record| record["file"].to_string()).collect();
            let mut swapped = [one, other].map(|file| format!("\"{file}\""));
            swapped.sort();
            assert_eq!(files, swapped);
        }
    }
}

#[test]
fn a_damaged_block_heals_when_it_is_removed_and_its_rows_are_still_there() {
    let cluster = Cluster::shared(newest_major());
    let source = cluster.database("source");
    source.run("CREATE TABLE t AS SELECT generate_series(1, 1000) g");
    let place = TempDir::new();
    let create = || Tool::pgsnap("create").database(&source).store(place.path()).run().success();
    drop(create());
    let check = || Tool::pgsnap("check").store(place.path()).arg("--read-data").run();
    let damage = |file: &str| {
        let mut bytes = fs::read(place.join(file)).unwrap();
        bytes[10] ^= 1;
        fs::write(place.join(file), bytes).unwrap();
    };
    let blocks: Vec<_> = place.files().into_iter().filter(|file| file.starts_with("blocks/")).collect();
    for file in &blocks {
        damage(file);
    }
    let found = check().exit(1).says("hint: bring the file back from a copy of the store; or remove it");
    let of_table = found
        .records_of("damage")
        .into_iter()
        .find(|damage| damage["belongs_to"] == "table \"public\".\"t\"");
    let of_table = of_table.unwrap()["file"].as_str().unwrap().to_owned();
    for file in &blocks {
        damage(file);
    }
    fs::remove_file(place.join(of_table)).unwrap();
    drop(create());
    assert_eq!(check().success().result()["snapshots"], 2);
}

#[test]
fn a_torn_or_edited_manifest_is_found() {
    let manifest = &sound().manifest;
    let torn = Copy::new();
    let bytes = fs::read(torn.path(manifest)).unwrap();
    fs::write(torn.path(manifest), &bytes[..bytes.len() / 2]).unwrap();
    torn.finds(&[], manifest, "damaged", "the whole snapshot");
    drop(torn.cat("plain").exit(3).says(manifest));
    let (restored, _) = torn.restore();
    drop(restored.exit(3).says(manifest));
    Tool::pgsnap("show").arg("latest").store(&torn.store()).run().exit(3).says(manifest);
    let listed = Tool::pgsnap("list").store(&torn.store()).run().exit(3).says(manifest);
    assert_eq!(listed.record("result")["snapshots"], 0);

    let table = torn_table();
    for field in ["rows", "bytes", "sum"] {
        let edited = Copy::new();
        edited.edit(|manifest| change(&mut manifest["tables"][table]["fingerprint"][field]));
        edited.finds(&[], manifest, "add up", "table \"public\".\"zstd\"");
    }
    let edited = Copy::new();
    edited.edit(|manifest| {
        let other = manifest["tables"][table]["segments"][0]["blocks"][0].clone();
        manifest["tables"][table]["segments"][0]["blocks"].as_array_mut().unwrap().push(other);
    });
    edited.finds(&[], manifest, "add up", "table \"public\".\"zstd\"");
    let renamed = Copy::new();
    renamed.edit(|manifest| manifest["id"] = "20200101T000000Z-000000".into());
    renamed.finds(&[], manifest, "is that of snapshot", "the whole snapshot");
}

fn torn_table() -> usize {
    Copy::new().table("zstd")
}

/// Makes a number one more, a string of hexadecimal digits another.
fn change(value: &mut Value) {
    let other = if let Some(number) = value.as_u64() {
        Value::from(number + 1)
    } else {
        let text = value.as_str().unwrap();
        let last = if text.ends_with('0') { "1" } else { "0" };
        Value::from(format!("{}{last}", &text[..text.len() - 1]))
    };
    *value = other;
}

#[test]
fn a_row_count_that_was_edited_everywhere_fails_the_restore() {
    let copy = Copy::new();
    let table = copy.table("zstd");
    copy.edit(|manifest| {
        let table = &mut manifest["tables"][table];
        change(&mut table["fingerprint"]["rows"]);
        change(&mut table["segments"][0]["fingerprint"]["rows"]);
    });
    drop(copy.check(&["--read-data"]).success());
    let (outcome, _) = copy.restore();
    drop(outcome.exit(3).says("3000 rows arrived, the snapshot has 3001").says("table \"public\".\"zstd\""));
}

#[test]
fn what_only_the_proof_can_see_is_an_honest_no() {
    let copy = Copy::new();
    let table = copy.table("zstd");
    copy.edit(|manifest| {
        let table = &mut manifest["tables"][table];
        change(&mut table["fingerprint"]["sum"]);
        table["segments"][0]["fingerprint"] = table["fingerprint"].clone();
    });
    drop(copy.check(&["--read-data"]).success());
    let (outcome, _) = copy.restore();
    let outcome = outcome.exit(1).says("differs").says("table \"public\".\"zstd\"");
    assert_eq!(outcome.record("difference")["object"], "table \"public\".\"zstd\"");
    let result = outcome.result();
    assert_eq!(
        (&result["status"], &result["proved"], &result["differences"]),
        (&"no".into(), &false.into(), &1.into())
    );
}

#[test]
fn rows_that_a_trigger_changes_on_the_way_in_are_found() {
    let cluster = Cluster::shared(newest_major());
    let source = cluster.database("source");
    source.run("CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 100)");
    let place = TempDir::new();
    Tool::pgsnap("create").database(&source).store(place.path()).run().success();
    let target = cluster.database("target");
    // An event trigger of the target puts a trigger on whatever table is made.
    target.run(
        "CREATE FUNCTION public.bad() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN IF NEW.a = 50 THEN RETURN NULL; END IF; RETURN NEW; END'; \
         CREATE FUNCTION public.spoil() RETURNS event_trigger LANGUAGE plpgsql AS \
         'BEGIN CREATE TRIGGER bad BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.bad(); END'; \
         CREATE EVENT TRIGGER spoil ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION public.spoil()",
    );
    let restore =
        || Tool::pgsnap("restore").arg("latest").store(place.path()).database(&target).arg("--force");
    let outcome = restore().run().exit(3).says("99 rows arrived, the snapshot has 100");
    assert!(outcome.stderr().contains("table \"public\".\"t\""), "{outcome}");
    target.run(
        "DROP TABLE public.t; CREATE OR REPLACE FUNCTION public.bad() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN IF NEW.a = 50 THEN NEW.a := 51; END IF; RETURN NEW; END'",
    );
    let outcome = restore().run().exit(1);
    assert_eq!(outcome.record("difference")["object"], "table \"public\".\"t\"", "{outcome}");
}

#[test]
fn a_damaged_store_file_is_named() {
    for (content, words) in [("", "store.json"), ("{\"format\":", "store.json"), ("[]", "store.json")] {
        let copy = Copy::new();
        fs::write(copy.path("store.json"), content).unwrap();
        drop(copy.check(&[]).exit(3).says(words));
        drop(copy.restore().0.exit(3).says(words));
        drop(copy.cat("plain").exit(3).says(words));
    }
    let missing = Copy::new();
    fs::remove_file(missing.path("store.json")).unwrap();
    drop(missing.check(&[]).exit(3).says("there is no store in"));
}

#[test]
fn other_files_beside_the_manifests_are_no_hindrance() {
    let copy = Copy::new();
    for name in ["notes.txt", "copy of snapshot.json", "x.json~"] {
        fs::write(copy.path("snapshots").join(name), "{}").unwrap();
    }
    fs::write(copy.path("blocks/README"), "mine").unwrap();
    drop(copy.check(&["--read-data"]).success());
    let listed = Tool::pgsnap("list").store(&copy.store()).run().success();
    assert_eq!(listed.records_of("snapshot").len(), 1, "{listed}");
}
