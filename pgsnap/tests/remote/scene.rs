//! A small database, a server that speaks S3, and a bucket of its own.

use std::path::Path;
use std::sync::Arc;
use testkit::{Cluster, Database, Outcome, Person, S3, TempDir, Tool, newest_major};

pub(crate) struct Scene {
    pub(crate) server: Arc<S3>,
    pub(crate) bucket: String,
    pub(crate) database: Database,
    pub(crate) place: TempDir,
    reader: Option<Person>,
}

impl Scene {
    /// None where there is no such server.
    pub(crate) fn new(hint: &str) -> Option<Self> {
        let server = S3::shared()?;
        let database = Cluster::shared(newest_major()).database(hint);
        database.run(
            "CREATE TABLE orders (id int PRIMARY KEY, what text); \
             INSERT INTO orders SELECT i, md5(i::text) FROM generate_series(1, 5000) i; \
             CREATE TABLE few (id int); INSERT INTO few VALUES (1), (2)",
        );
        let bucket = server.bucket();
        Some(Self { server, bucket, database, place: TempDir::new(), reader: None })
    }

    /// One whose stores are encrypted.
    pub(crate) fn sealed(hint: &str) -> Option<Self> {
        let scene = Self::new(hint)?;
        Some(Self { reader: Some(Person::new(&scene.place, "reader")), ..scene })
    }

    /// Who may read its encrypted stores.
    pub(crate) fn reader(&self) -> &Person {
        self.reader.as_ref().unwrap()
    }

    pub(crate) fn url(&self, prefix: &str) -> String {
        format!("s3://{}/{prefix}", self.bucket)
    }

    /// `pgsnap COMMAND --store s3://…/store`, led to the server.
    pub(crate) fn tool(&self, command: &str) -> Tool {
        self.server.lead(Tool::pgsnap(command)).store(Path::new(&self.url("store")))
    }

    pub(crate) fn create(&self) -> Outcome {
        self.tool("create").database(&self.database).run().success()
    }

    /// Takes a snapshot of what was stored before; the schema's archive tells when it was made.
    #[track_caller]
    pub(crate) fn uses_what_is_there(&self) {
        let created = self.create();
        assert!(created.result()["blocks_new"].as_u64() <= Some(1), "{created}");
    }

    /// Everything of a store is there and sound, as many snapshots as said.
    #[track_caller]
    pub(crate) fn is_sound(&self, store: &str, snapshots: u64) {
        let check = || self.server.lead(Tool::pgsnap("check")).store(Path::new(store)).arg("--read-data");
        assert_eq!(check().run().success().result()["snapshots"], snapshots);
        if let Some(reader) = &self.reader {
            check().arg("--identity").arg(&reader.file).run().success();
        }
    }

    /// The names of the objects of a store, by their first parts.
    pub(crate) fn below(&self, prefix: &str) -> Vec<String> {
        let names = self.server.names(&self.bucket);
        names.iter().filter_map(|name| name.strip_prefix(prefix)).map(str::to_owned).collect()
    }

    pub(crate) fn snapshots(&self) -> usize {
        self.below("store/snapshots/").len()
    }
}
