//! A sound store with every kind of file, made once; tests damage copies of it.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use testkit::{Cluster, Database, Outcome, TempDir, Tool, newest_major};

/// What the source holds. The two `left` and `right` differ in nothing but what their rows say.
const MADE: &str = "
    CREATE TABLE left_one (id int PRIMARY KEY, v text);
    CREATE TABLE right_one (id int PRIMARY KEY, v text);
    INSERT INTO left_one SELECT g, md5('l' || g) FROM generate_series(1, 100) g;
    INSERT INTO right_one SELECT g, md5('r' || g) FROM generate_series(1, 100) g;
    CREATE SEQUENCE counter;
    SELECT setval('counter', 41);
    CREATE MATERIALIZED VIEW seen AS SELECT count(*) FROM left_one;
    SELECT lo_from_bytea(4711, 'a large object');
    COMMENT ON LARGE OBJECT 4711 IS 'said';
";

struct Sound {
    files: Vec<(String, Vec<u8>)>,
    manifest: String,
    /// The shared server goes when nobody has it.
    _cluster: Arc<Cluster>,
}

fn sound() -> &'static Sound {
    static SOUND: OnceLock<Sound> = OnceLock::new();
    SOUND.get_or_init(|| {
        let cluster = Cluster::shared(newest_major());
        let source = cluster.database("sound");
        source.run(MADE);
        let place = TempDir::new();
        let made = create(&source, place.path());
        let manifest = format!("snapshots/{}.json", made.result()["snapshot"].as_str().unwrap());
        // And an attestation.
        restore(place.path()).run().success();
        let files = place.files().into_iter().map(|name| {
            let bytes = fs::read(place.join(&name)).unwrap();
            (name, bytes)
        });
        Sound { files: files.collect(), manifest, _cluster: cluster }
    })
}

/// A snapshot into `store`.
pub(crate) fn create(source: &Database, store: &Path) -> Outcome {
    Tool::pgsnap("create").database(source).store(store).run().success()
}

/// `pgverify restore` of what is in `store`: a scratch database is made faster than a cluster.
pub(crate) fn restore(store: &Path) -> Tool {
    let server = Cluster::shared(newest_major()).existing("postgres").connection();
    Tool::named("pgverify").args(["restore", "latest"]).store(store).args(["--server", &server])
}

/// A copy of the sound store, to be damaged.
pub(crate) struct Copy(TempDir);

impl Copy {
    pub(crate) fn new() -> Self {
        let place = TempDir::new();
        for (name, bytes) in &sound().files {
            place.write(name, bytes);
        }
        Self(place)
    }

    pub(crate) fn store(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn files(&self) -> Vec<String> {
        self.0.files()
    }

    /// The manifest's file.
    pub(crate) fn manifest_file() -> &'static str {
        &sound().manifest
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    pub(crate) fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.path(file)).unwrap()
    }

    pub(crate) fn write(&self, file: &str, bytes: &[u8]) {
        fs::write(self.path(file), bytes).unwrap();
    }

    pub(crate) fn remove(&self, file: &str) {
        fs::remove_file(self.path(file)).unwrap();
    }

    pub(crate) fn manifest(&self) -> Value {
        serde_json::from_slice(&self.read(&sound().manifest)).unwrap()
    }

    /// Changes the manifest as somebody would who knows about its checksum.
    pub(crate) fn edit(&self, change: impl FnOnce(&mut Value)) {
        let mut manifest = self.manifest();
        change(&mut manifest);
        manifest.as_object_mut().unwrap().remove("checksum");
        let sealed = common::format::checksum::seal(&serde_json::to_vec(&manifest).unwrap());
        self.write(&sound().manifest, &sealed);
    }

    /// Where a table stands in the manifest.
    pub(crate) fn table(&self, name: &str) -> usize {
        let manifest = self.manifest();
        manifest["tables"].as_array().unwrap().iter().position(|table| table["name"] == name).unwrap()
    }

    /// The first block of a table, below the store.
    pub(crate) fn block_of(&self, table: &str) -> String {
        let block = &self.manifest()["tables"][self.table(table)]["segments"][0]["blocks"][0];
        let file = block["file"].as_str().unwrap();
        format!("blocks/{}/{file}", &file[..2])
    }

    pub(crate) fn restore(&self) -> Outcome {
        restore(self.store()).arg("--no-attest").run()
    }

    pub(crate) fn check(&self) -> Outcome {
        Tool::pgsnap("check").arg("--read-data").store(self.store()).run()
    }
}

/// The last part of a file's path.
pub(crate) fn name(file: &str) -> &str {
    file.rsplit('/').next().unwrap()
}
