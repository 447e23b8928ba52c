//! An encrypted store in a bucket.

use crate::place::{Place, ledger, number};
use std::path::Path;
use testkit::{S3, Tool};

#[test]
fn an_encrypted_store_in_a_bucket_is_written_read_copied_and_swept() {
    let Some(server) = S3::shared() else { return };
    let (place, database) = (Place::new(), ledger("sealed_bucket"));
    let bucket = server.bucket();
    let url = format!("s3://{bucket}/store");
    let tool = |command: &str| {
        server.lead(Tool::pgsnap(command)).store(Path::new(&url)).env("PGSNAP_STATE", place.state())
    };
    let create = || tool("create").database(&database).args(["--encrypt-to", &place.alice.public]);
    create().run().success();
    database.run("UPDATE planted_table SET v = 'planted other'");
    create().run().success();
    let target = database.cluster().database("sealed_bucket_copy");
    let restore = || tool("restore").arg("latest").database(&target);
    drop(restore().run().exit(2).says("no --identity was given"));
    let restored = restore().arg("--identity").arg(&place.alice.file).run().success();
    assert_eq!(restored.result()["proved"], true);
    let forgotten = tool("forget").args(["--keep-last", "1"]).run().success();
    assert!(number(&forgotten, "blocks_removed") > 0, "{forgotten}");
    tool("copy").arg("latest").arg("--to").arg(place.store()).run().success();
    let cat = place.cat("planted_table").arg("--identity").arg(&place.alice.file).run().success();
    assert_eq!(cat.stdout().lines().count(), 3000);
    let bob = place.person("bob");
    let rotate = tool("keys").arg("--identity").arg(&place.alice.file).args(["--encrypt-to", &bob.public]);
    rotate.run().success();
    drop(
        restore()
            .args(["--clean", "--if-exists", "--force", "--identity"])
            .arg(&place.alice.file)
            .run()
            .exit(2),
    );
    assert_eq!(number(&tool("check").arg("--read-data").run().success(), "differences"), 0);
}
