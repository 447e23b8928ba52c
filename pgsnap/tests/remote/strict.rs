//! A server that checks signatures: names with characters that have to be spelled in a request as they were signed.

use std::path::Path;
use testkit::{Cluster, PLANTED, Person, S3, TempDir, Tool, newest_major};

/// Prefixes that are spelled otherwise in a request.
const PREFIXES: [&str; 4] =
    ["plain", "with space/a+b", "ünï/日本/per%20cent", "eq=and&amp;?x#y/(1)*!$@:,;~'q\""];

#[test]
fn odd_names_are_signed_as_they_are_sent() {
    let Some(server) = S3::strict(&["one", "other"]) else { return };
    let database = Cluster::shared(newest_major()).database("signed");
    database.run("CREATE TABLE few AS SELECT generate_series(1, 3) AS id");
    // Larger than one request.
    database.run(
        "CREATE TABLE giant AS SELECT string_agg(md5(i::text), '') AS row FROM generate_series(1, 600000) i",
    );
    let place = TempDir::new();
    let alice = Person::new(&place, "alice");
    let run = |command: &str, url: &str, rest: &[&str]| {
        let tool = server.lead(Tool::pgsnap(command)).store(Path::new(url)).args(rest);
        let tool = tool.env("PGSNAP_STATE", place.join("state"));
        if command == "create" { tool.database(&database).run() } else { tool.run() }
    };
    for prefix in PREFIXES {
        let (url, copy) = (format!("s3://one/{prefix}"), format!("s3://other/{prefix}"));
        run("create", &url, &["-t", "few"]).success();
        run("create", &url, &["-t", "few"]).success();
        run("copy", &url, &["latest", "--to", &copy]).success();
        let forgotten = run("forget", &url, &["--keep-last", "1"]).success();
        assert_eq!((&forgotten.result()["kept"], &forgotten.result()["forgotten"]), (&1.into(), &1.into()));
        for store in [&url, &copy] {
            let checked = run("check", store, &["--read-data"]).success();
            assert_eq!(checked.result()["snapshots"], 1, "{checked}");
            let left = run("sweep", store, &[]).success();
            assert_eq!(left.result()["blocks_removed"], 0, "{left}");
        }
    }
    let url = format!("s3://one/sealed {}", PREFIXES[1]);
    run("create", &url, &["-Z", "none", "--encrypt-to", &alice.public]).success();
    let back = database.cluster().database("signed_back");
    let restore = server.lead(Tool::pgsnap("restore")).arg("latest").store(Path::new(&url));
    let restored = restore.arg("--identity").arg(&alice.file).database(&back).run().success();
    assert_eq!(restored.result()["proved"], true);
}

#[test]
fn a_wrong_secret_is_said_with_the_way_out() {
    let Some(server) = S3::strict(&["one"]) else { return };
    let list = server.lead(Tool::pgsnap("list")).store(Path::new("s3://one/store"));
    let list = list.env("AWS_SECRET_ACCESS_KEY", "another").run();
    list.exit(3).says("SignatureDoesNotMatch").says("AWS_PROFILE").hides(PLANTED).hides("another");
}
